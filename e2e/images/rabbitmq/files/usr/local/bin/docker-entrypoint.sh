#!/usr/bin/env bash
# Starts RabbitMQ. It reads RABBITMQ_DEFAULT_USER and its like by itself.
set -euo pipefail
if [[ ${1:-} == rabbitmq-server && $(id -u) == 0 ]]; then
    chown -R rabbitmq: /var/lib/rabbitmq
    exec setpriv --reuid=rabbitmq --regid=rabbitmq --init-groups -- "$@"
fi
exec "$@"
