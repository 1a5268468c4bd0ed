set -eu
# The cookie is the key of the node's own network, and must be unreadable to others.
# It is written anew: a claim's files become the group's when they are mounted.
umask 077
cookie=$(cat /run/gravity/admin/cookie)
rm -f /var/lib/rabbitmq/.erlang.cookie
printf %s "$cookie" > /var/lib/rabbitmq/.erlang.cookie
export HOME=/var/lib/rabbitmq RABBITMQ_MNESIA_BASE=/var/lib/rabbitmq/mnesia
exec docker-entrypoint.sh rabbitmq-server
