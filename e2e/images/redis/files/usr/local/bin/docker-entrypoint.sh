#!/usr/bin/env bash
# Starts Redis in /data, as the official image does: options and a configuration are its own.
set -euo pipefail
cd /data
if [[ ${1:-} == -* || ${1:-} == *.conf ]]; then set -- redis-server "$@"; fi
if [[ ${1:-} == redis-server && $(id -u) == 0 ]]; then
    chown -R redis: /data
    exec setpriv --reuid=redis --regid=redis --init-groups -- "$@"
fi
exec "$@"
