# Makes one service's role and login: all rights on the indices that have its database's
# name, or begin with it and a hyphen. Run twice, or two at once, it changes nothing.
json() { printf '"%s"' "$(printf %s "$1" | sed 's/[\\"]/\\&/g')"; }
url=${ADMIN_URI:-http://$SERVER_HOST:$SERVER_PORT}
put() {
    curl --silent --show-error --fail-with-body --max-time 30 --output /dev/null --config - \
        --request PUT --header 'Content-Type: application/json' --data "$2" "${url%/}/_security/$1" \
        <<< "${ADMIN_PASSWORD:+user = \"$ADMIN_USERNAME:$ADMIN_PASSWORD\"}"
}
put "role/$DATABASE_OWNER" "{\"cluster\": [\"monitor\"], \"indices\": [{\"names\": \
[$(json "$DATABASE_NAME"), $(json "$DATABASE_NAME-*")], \"privileges\": [\"all\"]}]}"
put "user/$DATABASE_USERNAME" "{\"password\": $(json "$DATABASE_PASSWORD"), \
\"roles\": [$(json "$DATABASE_OWNER")]}"
echo "the indices of $DATABASE_NAME are ready for $DATABASE_USERNAME"
