# Logins are in a file beside the data. The administrator's line is written anew at each
# start, from its Secret: a file without that line would let everybody in.
umask 077
logins=/data/users.acl
digest() { printf %s "$1" | sha256sum | cut -d ' ' -f 1; }
secret() { cat "/run/gravity/$1"; }
touch "$logins"
{
    printf 'user default on sanitize-payload #%s ~* &* +@all\n' "$(digest "$(secret admin/password)")"
    grep -v '^user default ' "$logins" || true
} > "$logins.new"
# A cache keeps nothing, so it also makes its services' logins here.
for folder in /run/gravity/logins/*/; do
    [ -e "$folder/username" ] || continue
    name=$(cat "$folder/username")
    prefix=$(sed 's/[][*?\\]/\\&/g' "$folder/database")
    more='+flushdb +keys'
    [ -z "$prefix" ] || more=
    grep -v "^user $name " "$logins.new" > "$logins.next"
    printf 'user %s on sanitize-payload #%s ~%s* &%s* +@all -@admin -@dangerous +info +sort %s\n' \
        "$name" "$(digest "$(cat "$folder/password")")" "$prefix" "$prefix" "$more" >> "$logins.next"
    mv "$logins.next" "$logins.new"
done
mv "$logins.new" "$logins"
exec redis-server /etc/gravity/redis.conf
