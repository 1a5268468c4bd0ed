# A server that still loads its file answers the ping with an error.
REDISCLI_AUTH=$(cat /run/gravity/admin/password)
export REDISCLI_AUTH
[ "$(timeout 4 redis-cli -h 127.0.0.1 --no-auth-warning ping)" = PONG ]
