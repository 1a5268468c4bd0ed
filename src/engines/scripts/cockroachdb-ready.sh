# Whether the administrator can log in, and the server answers.
[ -e /tmp/ready ] && exec cockroach sql --certs-dir=/tmp/certs --host=127.0.0.1 --port=26257 \
    --execute='SELECT 1' >/dev/null
