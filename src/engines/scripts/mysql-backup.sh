# Dumps and restores one database, whole: tables, views, routines, triggers, events. Users
# are not in it, for Gravity makes them itself. A name has letters, digits, _ and - only.
export MYSQL_PWD="$ADMIN_PASSWORD"
server=(--no-defaults --protocol=tcp --host="$SERVER_HOST" --port="$SERVER_PORT"
    --user="$ADMIN_USERNAME" --default-character-set=utf8mb4 --max-allowed-packet=1G)

# The client repeats a statement that fails, data and all: only the reason is shown. A dump
# sets the mode that it was written for.
ask() {
    "$client" "${server[@]}" --init-command="SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'" --connect-timeout=10 --batch --skip-column-names --raw "$@" \
        2> /tmp/said && return
    grep '^ERROR' /tmp/said >&2
    return 1
}

# Character set and collation: what a dump does not say.
shape() {
    ask <<< "SELECT CONCAT(default_character_set_name, '|', default_collation_name)
               FROM information_schema.schemata WHERE BINARY schema_name = '$1';"
}

present() { shape "$1"; }

# One snapshot of all InnoDB tables, without a lock. Half of a restore is no backup.
dump() {
    local half
    half=$(shape "$(beside "$1")")
    if [ "$task" = backup ] && [ -n "$half" ]; then
        fail "a restore to $1 has not come to its end: wait for it, or restore again"
    fi
    "$dumper" "${server[@]}" "${more[@]}" --single-transaction --quick --hex-blob \
        --routines --triggers --events "$1" | gzip
}

create() {
    local charset collation
    IFS='|' read -r charset collation <<< "$2"
    ask <<< "CREATE DATABASE \`$1\` CHARACTER SET $charset COLLATE $collation;"
}

# A service has written what is in a dump, so no line of it is a command of the client's.
fill() { gzip -dc | ask --binary-mode "$1"; }

remove() { ask <<< "DROP DATABASE IF EXISTS \`$1\`;"; }

# The database beside another, which is there while that is replaced.
beside() { printf 'gravity_%s' "$(printf %s "$1" | sha256sum | cut -c 1-16)"; }

# A database cannot be renamed, so it is made anew, which its grants outlive: they go by
# its name. Whether the dump can be read to its end is tried beforehand.
replace() {
    local beside
    beside=$(beside "$1")
    remove "$beside"
    create "$beside" "$2"
    attempt pour_in "$3" "$beside"
    if [ "$status" != 0 ]; then
        remove "$beside"
        return 1
    fi
    remove "$1"
    create "$1" "$2"
    pour_in "$3" "$1"
    remove "$beside"
}
