# Makes one service's role and login: all rights on the indices that have its database's
# name, or begin with it and a hyphen. Run twice, or two at once, it changes nothing.
json() {
    local text=${1//\\/\\\\}
    text=${text//\"/\\\"} text=${text//$'\n'/\\n} text=${text//$'\r'/\\r}
    printf '"%s"' "${text//$'\t'/\\t}"
}
# A Secret that was made of a file ends in a line break.
ADMIN_URI=$(printf %s "${ADMIN_URI-}")
url=${ADMIN_URI:-http://$SERVER_HOST:$SERVER_PORT}
# Passwords are in what is sent and in the URL, and arguments can be read by other processes:
# curl is told of all of it by standard input, which quotes as JSON does.
put() {
    curl --silent --show-error --fail-with-body --max-time 30 --output /dev/null --request PUT \
        --header 'Content-Type: application/json' --config - <<< "url = $(json "${url%/}/_security/$1")
data-raw = $(json "$2")
${ADMIN_PASSWORD:+user = $(json "$ADMIN_USERNAME:$ADMIN_PASSWORD")}"
}
put "role/$DATABASE_OWNER" "{\"cluster\": [\"monitor\"], \"indices\": [{\"names\": \
[$(json "$DATABASE_NAME"), $(json "$DATABASE_NAME-*")], \"privileges\": [\"all\"]}]}"
login() {
    put "user/$1" "{\"password\": $(json "$2"), \"roles\": [$(json "$DATABASE_OWNER")], \"enabled\": $3}"
}
login "$DATABASE_USERNAME" "$DATABASE_PASSWORD" true
# The login that is not in use: a rotation gives it a password before it is, keeps it while
# somebody may still have it, and then lets nobody in by it.
other="${DATABASE_OWNER}_b"
[ "$DATABASE_USERNAME" != "$other" ] || other="${DATABASE_OWNER}_a"
case $OTHER_LOGIN in
    set) login "$other" "$OTHER_PASSWORD" true ;;
    cut) login "$other" "$DATABASE_PASSWORD" false ;;
esac
echo "the indices of $DATABASE_NAME are ready for $DATABASE_USERNAME"
