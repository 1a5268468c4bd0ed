# Makes the login of one service. Run twice, or two at once, it changes nothing. The
# password is sent as its digest; a prefix's own letters stand for themselves.
# A Secret that was made of a file ends in a line break.
ADMIN_URI=$(printf %s "${ADMIN_URI-}")
if [ -n "$ADMIN_URI" ]; then
    server=(-u "$ADMIN_URI")
else
    export REDISCLI_AUTH="$ADMIN_PASSWORD"
    server=(-h "$SERVER_HOST" -p "$SERVER_PORT" --user "$ADMIN_USERNAME")
fi
# redis-cli succeeds though the server refuses: -e makes it fail.
ask() { timeout 30 redis-cli -e --no-auth-warning "${server[@]}" "$@"; }

prefix=$(printf %s "$DATABASE_NAME" | sed 's/[][*?\\]/\\&/g')
# Who has the server for itself may also list and drop all keys.
more=(+flushdb +keys)
[ -z "$prefix" ] || more=()
login() {
    local digest
    digest=$(printf %s "$2" | sha256sum | cut -d ' ' -f 1)
    ask ACL SETUSER "$1" reset on sanitize-payload "#$digest" "~$prefix*" "&$prefix*" \
        +@all -@admin -@dangerous +info +sort "${more[@]}" > /dev/null
}
login "$DATABASE_USERNAME" "$DATABASE_PASSWORD"
# The login that is not in use: a rotation gives it a password before it is, keeps it while
# somebody may still have it, and then lets nobody in by it. Who is in stays.
other="${DATABASE_OWNER}_b"
[ "$DATABASE_USERNAME" != "$other" ] || other="${DATABASE_OWNER}_a"
case $OTHER_LOGIN in
    set) login "$other" "$OTHER_PASSWORD" ;;
    cut) ask ACL SETUSER "$other" off resetpass > /dev/null ;;
esac
# A managed server may have no file of logins; it keeps them in its own way.
ask ACL SAVE > /dev/null || [ -n "${ADMIN_URI-}" ]
echo "the login $DATABASE_USERNAME is ready"
