# The cookie is the key of the node's own network, and must be unreadable to others.
umask 077
printf %s "$(cat /run/gravity/admin/cookie)" > /var/lib/rabbitmq/.erlang.cookie
export HOME=/var/lib/rabbitmq RABBITMQ_MNESIA_BASE=/var/lib/rabbitmq/mnesia
exec docker-entrypoint.sh rabbitmq-server
