#!/usr/bin/env bash
# Starts MariaDB, and makes its data folder first where there is none, by the variables of
# the official image: MARIADB_ROOT_PASSWORD, MARIADB_ROOT_HOST, MARIADB_DATABASE,
# MARIADB_USER, MARIADB_PASSWORD, each also as MYSQL_…, and as a file that NAME_FILE names;
# MARIADB_RANDOM_ROOT_PASSWORD and MARIADB_ALLOW_EMPTY_ROOT_PASSWORD.
set -euo pipefail

value() {
    local name
    for name in "MARIADB_$1" "MYSQL_$1"; do
        local file=${name}_FILE
        if [[ -n ${!file:-} ]]; then cat "${!file}" && return; fi
        if [[ -n ${!name:-} ]]; then printf %s "${!name}" && return; fi
    done
    printf %s "${2:-}"
}

# As a text in SQL, with the default modes.
text() {
    local value=${1//\\/\\\\}
    printf "'%s'" "${value//\'/\'\'}"
}

# shellcheck disable=SC2016 # The backquotes are SQL's.
identifier() { printf '`%s`' "${1//\`/\`\`}"; }

statements() {
    local host name user
    printf 'SET @@SESSION.SQL_LOG_BIN = 0;\n'
    # Those that the installation makes have no password.
    printf "DROP USER IF EXISTS 'root'@'127.0.0.1', 'root'@'::1', 'root'@%s;\n" "$(text "$HOSTNAME")"
    printf "ALTER USER 'root'@'localhost' IDENTIFIED BY %s;\n" "$(text "$root_password")"
    host=$(value ROOT_HOST %)
    if [[ $host != localhost ]]; then
        printf "CREATE USER 'root'@%s IDENTIFIED BY %s;\n" "$(text "$host")" "$(text "$root_password")"
        printf "GRANT ALL ON *.* TO 'root'@%s WITH GRANT OPTION;\n" "$(text "$host")"
    fi
    name=$(value DATABASE) user=$(value USER)
    [[ -z $name ]] || printf 'CREATE DATABASE IF NOT EXISTS %s;\n' "$(identifier "$name")"
    if [[ -n $user ]]; then
        printf "CREATE USER %s@'%%' IDENTIFIED BY %s;\n" "$(text "$user")" "$(text "$(value PASSWORD)")"
        [[ -z $name ]] || printf "GRANT ALL ON %s.* TO %s@'%%';\n" "$(identifier "${name//_/\\_}")" "$(text "$user")"
    fi
}

make_data() {
    local server socket=/run/mysqld/first.sock
    root_password=$(value ROOT_PASSWORD)
    if [[ -n $(value RANDOM_ROOT_PASSWORD) ]]; then
        root_password=$(head -c 24 /dev/urandom | base64)
        echo "GENERATED ROOT PASSWORD: $root_password"
    elif [[ -z $root_password && -z $(value ALLOW_EMPTY_ROOT_PASSWORD) ]]; then
        echo 'error: there is no data yet, and MARIADB_ROOT_PASSWORD is not set' >&2
        exit 1
    fi
    mariadb-install-db --datadir="$data" --auth-root-authentication-method=normal \
        --skip-test-db --skip-log-bin >/dev/null
    # On the socket only: nobody must take it for ready.
    "$@" --skip-networking --socket="$socket" --skip-log-bin &
    server=$!
    until mariadb-admin --no-defaults --user=root --socket="$socket" --silent ping 2>/dev/null; do
        kill -0 "$server" || exit 1
        sleep 0.2
    done
    statements | mariadb --no-defaults --user=root --socket="$socket"
    kill "$server"
    wait "$server"
}

if [[ ${1:-} == -* ]]; then set -- mariadbd "$@"; fi
if [[ ${1:-} == mariadbd || ${1:-} == mysqld ]]; then
    data=$("$@" --verbose --help 2>/dev/null | awk '$1 == "datadir" { print $2; exit }')
    mkdir -p "$data"
    if [[ $(id -u) == 0 ]]; then
        chown -R mysql: "$data" /run/mysqld
        exec setpriv --reuid=mysql --regid=mysql --init-groups -- "${BASH_SOURCE[0]}" "$@"
    fi
    # The last thing that is made: without it an earlier start was interrupted.
    if [[ ! -e $data/.made ]]; then
        find "$data" -mindepth 1 -delete
        make_data "$@"
        : >"$data/.made"
    fi
fi
exec "$@"
