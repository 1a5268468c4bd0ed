# What all engines and all places have in common. A backup is a file, and beside it a record
# of what is in it, which is written last: without its record a file is no backup.
#
#   20261121T020000Z.shop-postgresql-15.auth_db.dump     the file; its name sorts by time
#   20261121T020000Z.shop-postgresql-15.auth_db.record
umask 077
# What fails within $(…) has failed: no answer of a server is taken for an empty one.
set -o pipefail
shopt -s inherit_errexit
task=$1

fail() {
    echo "$*" >&2
    exit 1
}

# Runs a function that ends at its first failure. What stands before `||` or in `if` would
# go on behind it.
attempt() {
    set +e
    (set -e && "$@")
    status=$?
    set -e
}

# Runs a command, and lets it speak only when it fails.
quietly() {
    "$@" > /tmp/said 2>&1 && return
    cat /tmp/said >&2
    return 1
}

# A moment of which there is no backup of the database yet: none is ever written over.
new_stamp() {
    local there
    there=$(files)
    while :; do
        stamp=$(date -u +%Y%m%dT%H%M%SZ)
        [[ $there == *" $stamp.$SERVER_NAME.$1."* ]] || return 0
        sleep 1
    done
}

size() { files | while read -r bytes name; do [ "$name" != "$1" ] || echo "$bytes"; done; }

# --- backup ---

back_up() {
    local name shape
    new_stamp "$1"
    name="$stamp.$SERVER_NAME.$1"
    local file="$name.$BACKUP_EXTENSION"
    shape=$(shape "$1")
    [ -n "$shape" ] || fail "the database $1 is not on $SERVER_NAME"
    attempt pour_out "$1" "$file"
    if [ "$status" != 0 ]; then
        abandon "$file"
        return 1
    fi
    settle "$file"
    local bytes
    bytes=$(size "$file")
    printf '%s\n' "name=$name" "database=$1" "engine=$ENGINE" "series=$SERIES" "shape=$shape" \
        "bytes=$bytes" "sha256=$(cat /tmp/sum)" | put "$name.record"
    settle "$name.record"
    echo "made $name, $bytes bytes"
}

# The digest is that of what the dump said, and not of what the place made of it.
pour_out() {
    { dump "$1" | tee /dev/fd/3 | sha256sum | cut -d ' ' -f 1 > /tmp/sum; } 3>&1 | put "$2"
}

# The names of a database's backups, the newest first.
of_database() {
    files | while read -r _ name; do
        case $name in *".$SERVER_NAME.$1.record") echo "${name%.record}" ;; esac
    done | sort --reverse
}

# Called only after a backup of the same database: the newest is always kept. The record
# goes first, for without its file it would tell of what is not there.
prune() {
    local name kept=0 oldest=''
    [ -z "$RETAIN_DAYS" ] || oldest=$(date -u -d "-$RETAIN_DAYS days" +%Y%m%dT%H%M%SZ)
    for name in $(of_database "$1"); do
        kept=$((kept + 1))
        [ "$kept" -gt 1 ] || continue
        if [[ -n $RETAIN_COUNT && $kept -gt $RETAIN_COUNT ]] || [[ $name < $oldest ]]; then
            discard "$name.record"
            discard "$name.$BACKUP_EXTENSION"
            echo "deleted $name"
        fi
    done
}

# Files without a record that are a day old: their Job was killed. A day is more than any
# Job has.
sweep() {
    local name names yesterday
    yesterday=$(date -u -d '-1 day' +%Y%m%dT%H%M%SZ)
    names=$(files | while read -r _ name; do echo "$name"; done)
    while read -r name; do
        [[ $name == *".$SERVER_NAME."* && $name < $yesterday ]] || continue
        [[ $name != *.record ]] || continue
        grep -qxF "${name%".$BACKUP_EXTENSION"}.record" <<< "$names" || discard "$name"
    done <<< "$names"
}

# A server that is just restarting is back within a minute.
back_up_patiently() {
    local pause
    for pause in 10 20 ''; do
        attempt back_up "$1"
        [ "$status" != 0 ] || break
        [ -z "$pause" ] || sleep "$pause"
    done
}

# Each database by itself: one that cannot be dumped costs the others nothing.
back_up_all() {
    local database failed=''
    while IFS= read -r database; do
        back_up_patiently "$database"
        if [ "$status" = 0 ]; then attempt prune "$database"; fi
        [ "$status" = 0 ] || failed="$failed $database"
    done <<< "$BACKUP_DATABASES"
    attempt sweep
    [ -z "$failed" ] || fail "no backup of$failed; the backups that are there were kept"
}

# --- list ---

# A line for each record, with tabs: name, database, engine, series, bytes, digest, and
# whether its file is there in its size.
list() {
    local key value
    declare -A bytes=() record=()
    files > /tmp/files
    records > /tmp/records
    while read -r value key; do bytes[$key]=$value; done < /tmp/files
    while IFS='=' read -r key value; do
        record[$key]=$value
        [ "$key" = sha256 ] || continue
        local found=${bytes[${record[name]}.$BACKUP_EXTENSION]-} state=Damaged
        [ "$found" != "${record[bytes]}" ] || state=Whole
        [ -n "$found" ] || state=Missing
        printf 'backup\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "${record[name]}" "${record[database]}" \
            "${record[engine]}" "${record[series]}" "${record[bytes]}" "${record[sha256]}" "$state"
    done < /tmp/records
    echo end
}

# --- restore ---

# NAME, the database to restore to, and whether that may be replaced (replace) or not (new).
bring_back() {
    local name=$1 to=$2 key value
    local file="$name.$BACKUP_EXTENSION"
    declare -A record=()
    files | while read -r _ value; do echo "$value"; done > /tmp/names
    grep -qxF "$name.record" /tmp/names ||
        fail "there is no backup $name: gravity backups shows those that are there"
    get "$name.record" > /tmp/record
    while IFS='=' read -r key value; do record[$key]=$value; done < /tmp/record
    check "$file" "${record[sha256]}"
    local there
    there=$(present "$to")
    if [ -n "$there" ]; then
        in_place "$name" "$to" "$3" "${record[database]}" "${record[shape]}"
        return
    fi
    # Only what was made here is taken away again.
    create "$to" "${record[shape]}"
    attempt pour_in "$file" "$to"
    if [ "$status" != 0 ]; then
        remove "$to"
        fail "$name was not restored, and nothing was changed: the reason is above"
    fi
    echo "restored $name to $to"
}

# Nothing is touched for a file that is not what was written.
check() {
    local sum
    sum=$(get "$1" | sha256sum | cut -d ' ' -f 1)
    [ "$sum" = "$2" ] ||
        fail "$1 is damaged: its SHA-256 is $sum and should be $2: restore another backup"
}

pour_in() { get "$1" | fill "$2" "$1"; }

in_place() {
    local name=$1 to=$2 mode=$3 database=$4 shape=$5
    [ "$to" = "$database" ] ||
        fail "$to is there, and is not what $name is a backup of: restore to a new name, or to $database"
    [ "$mode" = replace ] ||
        fail "$to is there: restore to a new name, or say that it may be replaced"
    back_up "$to"
    local safety="$stamp.$SERVER_NAME.$to"
    attempt replace "$to" "$shape" "$name.$BACKUP_EXTENSION"
    [ "$status" = 0 ] ||
        fail "$name was not restored: the reason is above; what was there is the backup $safety"
    echo "restored $name to $to; what was there is the backup $safety"
}

case $task in
    backup) back_up_all ;;
    list) list ;;
    restore) bring_back "$2" "$3" "$4" ;;
esac
