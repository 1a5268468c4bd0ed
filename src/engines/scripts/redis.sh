# Makes the login of one service. Run twice, or two at once, it changes nothing. The
# password is sent as its digest; a prefix's own letters stand for themselves.
# A Secret that was made of a file ends in a line break.
ADMIN_URI=$(printf %s "${ADMIN_URI-}")
export REDISCLI_AUTH="${ADMIN_PASSWORD-}"
server=(-h "$SERVER_HOST" -p "$SERVER_PORT")

# NAME TEXT: sets a variable to a text that is percent-encoded.
decode() {
    local text=${2//\\/\\\\}
    printf -v "$1" %b "${text//%/\\x}"
}

# Arguments can be read by other processes, so the password of a managed server's URI goes by
# the environment.
if [ -n "$ADMIN_URI" ]; then
    [[ $ADMIN_URI =~ ^(rediss?)://((([^:/?#]*):)?([^/?#]*)@)? ]] || {
        echo "the uri of the administrator is no redis:// or rediss:// URL" >&2
        exit 1
    }
    [ "${BASH_REMATCH[1]}" != rediss ] || server+=(--tls)
    decode ADMIN_USERNAME "${BASH_REMATCH[4]}"
    decode REDISCLI_AUTH "${BASH_REMATCH[5]}"
fi
[ -n "$REDISCLI_AUTH" ] || unset REDISCLI_AUTH
[ -z "${ADMIN_USERNAME-}" ] || server+=(--user "$ADMIN_USERNAME")
# redis-cli succeeds though the server refuses: -e makes it fail.
ask() { timeout 30 redis-cli -e --no-auth-warning "${server[@]}" "$@"; }

prefix=$(printf %s "$DATABASE_NAME" | sed 's/[][*?\\]/\\&/g')
# Who has the server for itself may also list and drop all keys. Who has not sees no name of
# another's key, and touches no function or script of another: patterns of keys do not hold these.
more=(+flushdb +keys)
[ -z "$prefix" ] || more=(-function -script '+script|load' '+script|exists' -scan -randomkey
    '-pubsub|channels' '-pubsub|shardchannels' '-client|tracking')
login() {
    local digest
    digest=$(printf %s "$2" | sha256sum | cut -d ' ' -f 1)
    # The last word is read from standard input: who has the digest could try passwords.
    printf '#%s' "$digest" | ask -x ACL SETUSER "$1" reset on sanitize-payload "~$prefix*" \
        "&$prefix*" +@all -@admin -@dangerous +info +sort "${more[@]}" > /dev/null
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
