# Logins are in a file beside the data. The administrator's line is written anew at each
# start, from its Secret: a file without that line would let everybody in. So a new file takes
# the place of the last one only when it is whole, which it is not on a full disk.
set -euo pipefail
umask 077
logins=/data/users.acl
new=/tmp/users.acl
digest() { printf %s "$1" | sha256sum | cut -d ' ' -f 1; }
# NAME RIGHTS…: gives a login its line, in place of the one it may have.
put() {
    # There may be no other lines.
    grep -v "^user $1 " "$new" > "$new.next" || [ $? = 1 ]
    printf '%s\n' "user $*" >> "$new.next"
    mv "$new.next" "$new"
}
: > "$new"
[ ! -e "$logins" ] || cp "$logins" "$new"
password=$(cat /run/gravity/admin/password)
administrator="on sanitize-payload #$(digest "$password") ~* &* +@all"
put default "$administrator"
# A cache keeps nothing, so it also makes its services' logins here.
for folder in /run/gravity/logins/*/; do
    [ -e "$folder/username" ] || continue
    name=$(cat "$folder/username")
    password=$(cat "$folder/password")
    prefix=$(sed 's/[][*?\\]/\\&/g' "$folder/database")
    # As the provisioning gives them.
    more='+flushdb +keys'
    [ -z "$prefix" ] || more='-function -script +script|load +script|exists -scan -randomkey -pubsub|channels -pubsub|shardchannels -client|tracking'
    put "$name" "on sanitize-payload #$(digest "$password") ~$prefix* &$prefix* +@all -@admin -@dangerous +info +sort $more"
done
# What is there already is not written again: a server on a full disk still starts.
if ! cmp -s <(sort "$new") <(sort "$logins" 2> /dev/null); then
    { cp "$new" "$logins.new" && sync "$logins.new" && cmp "$new" "$logins.new"; } || {
        echo "the logins could not be written to $logins, and a server without them would let everybody in: see that its disk has room and can be written to" >&2
        rm -f "$logins.new"
        exit 1
    }
    mv "$logins.new" "$logins"
fi
exec redis-server /etc/gravity/redis.conf
