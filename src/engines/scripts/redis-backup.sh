# Dumps and restores a server's keys. A database is one of its sixteen, by number; services
# use the first, 0.
export REDISCLI_AUTH="$ADMIN_PASSWORD"
ask() { redis-cli -e --no-auth-warning -h "$SERVER_HOST" -p "$SERVER_PORT" --user "$ADMIN_USERNAME" "$@"; }

# A server that does not answer has no shape; it is always there.
shape() { ask PING; }

# How many keys it has, if any. The first is always there: services write to it whether or not
# it is empty, so it is only ever exchanged as a whole.
present() {
    [[ $1 =~ ^([0-9]|1[0-5])$ ]] || fail "$1 is no database of Redis: write a number from 0 to 15"
    local keys
    keys=$(ask -n "$1" DBSIZE)
    [[ $keys =~ ^[0-9]+$ ]] || fail "the server does not say how many keys it has: $keys"
    if [ "$keys" != 0 ] || [ "$1" = 0 ]; then echo "$keys"; fi
}

# A snapshot as a replica gets it, and read once: a file that cannot be read is no backup.
dump() {
    local file=/tmp/dump.rdb
    quietly ask --rdb "$file"
    quietly redis-check-rdb "$file"
    cat "$file"
    rm "$file"
}

# It is there, and empty.
create() { :; }

# From a server of its own, which is asked to send all its keys: no key's name or value
# passes through a shell.
fill() {
    local folder=/tmp/restore
    mkdir -p "$folder"
    cat > "$folder/dump.rdb"
    quietly redis-check-rdb "$folder/dump.rdb"
    redis-server --port 0 --unixsocket "$folder/socket" --dir "$folder" --dbfilename dump.rdb \
        --save '' --appendonly no --loglevel warning > "$folder/log" 2>&1 &
    own() { env -u REDISCLI_AUTH redis-cli -e -s "$folder/socket" "$@"; }
    until [ "$(own PING 2> /dev/null)" = PONG ]; do
        kill -0 $! 2> /dev/null || fail "$(tail -n 5 "$folder/log")"
        sleep 0.2
    done
    send "$1"
    kill $!
    wait $! || true
    rm -r "$folder"
}

# The password is on standard input, where nobody sees it, and quoted for its reader.
send() {
    local script cursor=0 password
    password=$(printf %s "$ADMIN_PASSWORD" | sed 's/[\\"]/\\&/g')
    script=$(own SCRIPT LOAD '
        local found = redis.call("SCAN", ARGV[1], "COUNT", 200)
        if #found[2] > 0 then
            redis.call("MIGRATE", ARGV[2], ARGV[3], "", ARGV[4], 60000, "COPY", "REPLACE",
                       "AUTH2", ARGV[5], ARGV[6], "KEYS", unpack(found[2]))
        end
        return found[1]')
    while :; do
        cursor=$(own <<< "EVALSHA $script 0 $cursor $SERVER_HOST $SERVER_PORT $1 $ADMIN_USERNAME \"$password\"")
        [[ $cursor =~ ^[0-9]+$ ]] || fail "$cursor"
        [ "$cursor" != 0 ] || return 0
    done
}

remove() { ask -n "$1" FLUSHDB ASYNC > /dev/null; }

# Fills a database that is empty, and exchanges the two at once: nobody ever sees a half of
# it, and a restore that fails, as for want of memory, has changed nothing.
replace() {
    local beside=15
    while [ -n "$(present "$beside")" ]; do
        beside=$((beside - 1))
        [ "$beside" -gt 0 ] || fail 'all databases of the server have keys: empty one of 1 to 15'
    done
    attempt pour_in "$3" "$beside"
    if [ "$status" = 0 ]; then attempt ask SWAPDB "$1" "$beside" > /dev/null; fi
    local done=$status
    remove "$beside"
    [ "$done" = 0 ]
}
