# A server with passwords needs certificates. Nobody but this pod uses them: services come
# with their passwords, and without TLS inside the namespace. So they are made anew at each
# start, none of them runs out, and the key that signs them is not kept.
umask 077
certs=/tmp/certs
rm -rf "$certs" /tmp/ready
mkdir "$certs"
cockroach cert create-ca --certs-dir="$certs" --ca-key=/tmp/ca.key --overwrite
cockroach cert create-node localhost 127.0.0.1 --certs-dir="$certs" --ca-key=/tmp/ca.key
cockroach cert create-client root --certs-dir="$certs" --ca-key=/tmp/ca.key
rm /tmp/ca.key

# Statements come by standard input, so that no password stands in a command. A quote within
# a text is written twice.
administrator() {
    local password
    password=$(cat /run/gravity/admin/password)
    cockroach sql --certs-dir="$certs" --host=127.0.0.1 --port=26257 <<SQL
CREATE USER IF NOT EXISTS gravity;
GRANT admin TO gravity;
ALTER USER gravity WITH PASSWORD '${password//\'/\'\'}';
REVOKE CONNECT ON DATABASE defaultdb FROM public;
REVOKE CONNECT ON DATABASE postgres FROM public;
SQL
}
{
    until administrator >/dev/null 2>&1; do sleep 1; done
    touch /tmp/ready
} &

# The console would show statements to whoever asks, so it answers this pod only.
exec cockroach start-single-node --certs-dir="$certs" --accept-sql-without-tls \
    --listen-addr=:26257 --http-addr=127.0.0.1:8080 --logtostderr=INFO \
    --store=/cockroach/cockroach-data/store --cache=.25 --max-sql-memory=.25
