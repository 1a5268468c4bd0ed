set -eu
# mongod refuses a keyfile that the group can read, and a Secret's files always are.
umask 077
cp /run/gravity/admin/keyfile /tmp/keyfile
# Only the first member makes the administrator: a replica set can be initiated only when
# the others are empty, and they copy it then.
case "$POD_NAME" in
    *-0)
        export MONGO_INITDB_ROOT_USERNAME_FILE=/run/gravity/admin/username
        export MONGO_INITDB_ROOT_PASSWORD_FILE=/run/gravity/admin/password
        ;;
esac
# Below the claim's root, which may hold lost+found.
mkdir -p /data/db/mongod
exec docker-entrypoint.sh mongod --dbpath=/data/db/mongod --bind_ip_all --port=27017 \
    --replSet='{server}' --keyFile=/tmp/keyfile
