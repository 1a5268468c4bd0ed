#!/usr/bin/env bash
# Starts PostgreSQL, and makes its data folder first where there is none, by the variables
# of the official image: POSTGRES_PASSWORD, POSTGRES_USER, POSTGRES_DB (each also as a file
# that NAME_FILE names), POSTGRES_INITDB_ARGS, POSTGRES_HOST_AUTH_METHOD, PGDATA.
set -euo pipefail

# The value of a variable, or of the file that it names.
value() {
    local file=$1_FILE
    if [[ -n ${!1:-} && -n ${!file:-} ]]; then
        echo "error: both $1 and $file are set; set one of them" >&2
        exit 1
    fi
    if [[ -n ${!file:-} ]]; then cat "${!file}"; else printf %s "${!1:-$2}"; fi
}

make_data() {
    local user password name options
    user=$(value POSTGRES_USER postgres)
    password=$(value POSTGRES_PASSWORD '')
    name=$(value POSTGRES_DB "$user")
    if [[ -z $password && ${POSTGRES_HOST_AUTH_METHOD:-} != trust ]]; then
        echo 'error: there is no data yet, and POSTGRES_PASSWORD is not set' >&2
        exit 1
    fi
    read -ra options <<<"${POSTGRES_INITDB_ARGS:-}"
    initdb --username="$user" --pwfile=<(printf '%s\n' "$password") "${options[@]}"
    printf '\nhost all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >>"$PGDATA/pg_hba.conf"
    # On the socket only: nobody must take it for ready.
    PGPASSWORD=$password pg_ctl --wait --options="-c listen_addresses=''" start
    export PGPASSWORD=$password
    if [[ $name != postgres ]]; then
        psql --username="$user" --dbname=postgres --set=ON_ERROR_STOP=1 --set=name="$name" \
            <<<'CREATE DATABASE :"name";'
    fi
    run_scripts "$user" "$name"
    unset PGPASSWORD
    pg_ctl --wait --mode=fast stop
}

run_scripts() {
    local file
    for file in /docker-entrypoint-initdb.d/*; do
        case $file in
        *.sh) bash "$file" ;;
        *.sql) psql --username="$1" --dbname="$2" --set=ON_ERROR_STOP=1 --file="$file" ;;
        esac
    done
}

if [[ ${1:-} == -* ]]; then set -- postgres "$@"; fi
if [[ ${1:-} == postgres && $(id -u) == 0 ]]; then
    mkdir -p "$PGDATA"
    chown -R postgres: "$PGDATA" /var/run/postgresql
    exec setpriv --reuid=postgres --regid=postgres --init-groups -- "${BASH_SOURCE[0]}" "$@"
fi
if [[ ${1:-} == postgres && ! -s $PGDATA/PG_VERSION ]]; then
    # What an interrupted first start has left is no data.
    mkdir -p "$PGDATA"
    chmod 700 "$PGDATA"
    make_data
fi
exec "$@"
