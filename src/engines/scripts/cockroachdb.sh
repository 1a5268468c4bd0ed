# Makes one database of one service: an owner role without login, two login roles that are
# its members, and the database. Run twice, or two at once, it changes nothing.
name() { printf '"%s"' "${1//\"/\"\"}"; }
text() { printf "'%s'" "${1//\'/\'\'}"; }
encoded() { printf %s "$1" | od -An -v -tx1 | tr -d ' \n' | sed 's/../%&/g'; }

# The URL comes by the environment, and the statements by standard input: no password stands
# in a command.
COCKROACH_URL=$(printf %s "${ADMIN_URI-}")
export COCKROACH_URL
if [ -z "$COCKROACH_URL" ]; then
    login="$(encoded "$ADMIN_USERNAME"):$(encoded "$ADMIN_PASSWORD")"
    COCKROACH_URL="postgresql://$login@$SERVER_HOST:$SERVER_PORT/defaultdb?sslmode=disable"
fi
run() { cockroach sql --no-line-editor --set=errexit=true >/dev/null; }

case "$DATABASE_CHARSET" in
    '' | [Uu][Tt][Ff]8 | [Uu][Tt][Ff]-8) ;;
    *)
        echo "CockroachDB has the charset UTF8 only, not $DATABASE_CHARSET: take it out of the manifest" >&2
        exit 1
        ;;
esac
if [ -n "$DATABASE_COLLATION" ]; then
    echo "CockroachDB has a collation for each column and none for a database: take $DATABASE_COLLATION out of the manifest" >&2
    exit 1
fi

database=$(name "$DATABASE_NAME") owner=$(name "$DATABASE_OWNER")
first=$(name "${DATABASE_OWNER}_a") second=$(name "${DATABASE_OWNER}_b")
other=$second
[ "$DATABASE_USERNAME" != "${DATABASE_OWNER}_b" ] || other=$first
# The login that is not in use: a rotation gives it a password before it is, keeps it while
# somebody may still have it, and then takes its password away.
case $OTHER_LOGIN in
    set) rotation="ALTER USER $other WITH PASSWORD $(text "$OTHER_PASSWORD");" ;;
    cut) rotation="ALTER USER $other WITH PASSWORD NULL;" ;;
    *) rotation='' ;;
esac

run <<SQL
CREATE ROLE IF NOT EXISTS $owner WITH NOLOGIN;
CREATE USER IF NOT EXISTS $first;
CREATE USER IF NOT EXISTS $second;
CREATE USER IF NOT EXISTS $(name "$DATABASE_USERNAME");
GRANT $owner TO $first, $second, $(name "$DATABASE_USERNAME");
ALTER USER $(name "$DATABASE_USERNAME") WITH PASSWORD $(text "$DATABASE_PASSWORD");
$rotation
CREATE DATABASE IF NOT EXISTS $database;
ALTER DATABASE $database OWNER TO $owner;
REVOKE ALL ON DATABASE $database FROM public;
GRANT ALL ON DATABASE $database TO $owner;
USE $database;
REVOKE CREATE ON SCHEMA public FROM public;
GRANT ALL ON SCHEMA public TO $owner;
SQL

# What one login makes is its own, and must be the other's, too.
for login in "$first" "$second"; do
    for kind in TABLES SEQUENCES TYPES SCHEMAS; do
        printf 'USE %s; ALTER DEFAULT PRIVILEGES FOR ROLE %s GRANT ALL ON %s TO %s;\n' \
            "$database" "$login" "$kind" "$owner"
    done
done | run

echo "the database $DATABASE_NAME is ready for $DATABASE_USERNAME"
