# A server that still loads its file answers the ping with an error.
REDISCLI_AUTH=$(cat /run/gravity/admin/password) exec timeout 4 bash -c \
    '[ "$(redis-cli -h 127.0.0.1 --no-auth-warning ping)" = PONG ]'
