# Whether the process answers. A member that is no part of its set yet is ready, too: the
# provisioning makes the set, and it comes after the server.
exec mongosh --norc --quiet --eval 'quit(db.adminCommand({ping: 1}).ok ? 0 : 1)' \
    'mongodb://127.0.0.1:27017/?directConnection=true&serverSelectionTimeoutMS=3000'
