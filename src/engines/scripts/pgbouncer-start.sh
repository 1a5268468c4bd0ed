# The one login that it must know itself: all others it looks up by it. A quote is doubled in
# its file.
umask 077
password=$(sed 's/"/""/g' /run/gravity/pooler/password)
printf '"{login}" "%s"\n' "$password" >/tmp/userlist.txt
exec pgbouncer /etc/gravity/pgbouncer.ini
