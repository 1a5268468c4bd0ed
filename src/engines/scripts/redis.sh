# Makes the login of one service. Run twice, or two at once, it changes nothing. The
# password is sent as its digest; a prefix's own letters stand for themselves.
if [ -n "${ADMIN_URI-}" ]; then
    server=(-u "$ADMIN_URI")
else
    export REDISCLI_AUTH="$ADMIN_PASSWORD"
    server=(-h "$SERVER_HOST" -p "$SERVER_PORT" --user "$ADMIN_USERNAME")
fi
# redis-cli succeeds though the server refuses: -e makes it fail.
ask() { timeout 30 redis-cli -e --no-auth-warning "${server[@]}" "$@"; }

digest=$(printf %s "$DATABASE_PASSWORD" | sha256sum | cut -d ' ' -f 1)
prefix=$(printf %s "$DATABASE_NAME" | sed 's/[][*?\\]/\\&/g')
# Who has the server for itself may also list and drop all keys.
more=(+flushdb +keys)
[ -z "$prefix" ] || more=()
ask ACL SETUSER "$DATABASE_USERNAME" reset on sanitize-payload "#$digest" "~$prefix*" "&$prefix*" \
    +@all -@admin -@dangerous +info +sort "${more[@]}" > /dev/null
# A managed server may have no file of logins; it keeps them in its own way.
ask ACL SAVE > /dev/null || [ -n "${ADMIN_URI-}" ]
echo "the login $DATABASE_USERNAME is ready"
