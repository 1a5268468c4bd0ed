# Dumps and restores one database, whole: its objects, their owners and rights, its data.
# Roles are not in it, for Gravity makes them itself.
export PGHOST="$SERVER_HOST" PGPORT="$SERVER_PORT" PGUSER="$ADMIN_USERNAME" PGPASSWORD="$ADMIN_PASSWORD"
export PGCONNECT_TIMEOUT=10 PGAPPNAME=gravity-backup

ask() {
    PGDATABASE=postgres psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 "$@"
}

# Encoding, collation, character classes, owner: what a dump does not say.
shape() {
    ask --field-separator='|' --set=name="$1" << 'SQL'
SELECT pg_encoding_to_char(encoding), datcollate, datctype, rolname
  FROM pg_database JOIN pg_roles ON pg_roles.oid = datdba WHERE datname = :'name';
SQL
}

present() { shape "$1"; }

# One snapshot of the whole database, compressed. A restore that was killed may have left closed
# what the next one replaces.
dump() {
    if [ "$task" = restore ]; then
        ask --set=name="$1" << 'SQL'
SELECT format('ALTER DATABASE %I ALLOW_CONNECTIONS true', datname)
  FROM pg_database WHERE datname = :'name' AND NOT datallowconn \gexec
SQL
    fi
    pg_dump --format=custom --dbname="$1"
}

create() {
    local encoding collation classes owner
    IFS='|' read -r encoding collation classes owner <<< "$2"
    ask --set=name="$1" --set=encoding="$encoding" --set=collation="$collation" \
        --set=classes="$classes" --set=owner="$owner" << 'SQL'
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L',
              :'name', :'owner', :'encoding', :'collation', :'classes') \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', :'name') \gexec
SQL
}

# As the administrator, for only it can make every extension and give every object to its
# owner.
fill() { pg_restore --exit-on-error --dbname="$1"; }

remove() {
    ask --set=name="$1" << 'SQL'
SET client_min_messages = warning;
SELECT format('DROP DATABASE IF EXISTS %I (FORCE)', :'name') \gexec
SQL
}

# Restores beside the database and then exchanges the two by their names, in one
# transaction: nobody ever sees a half of it, and a restore that fails has changed nothing.
replace() {
    local beside before
    beside=gravity_$(printf %s "$1" | sha256sum | cut -c 1-16)
    before=${beside}_before
    remove "$beside"
    remove "$before"
    create "$beside" "$2"
    attempt pour_in "$3" "$beside"
    if [ "$status" = 0 ]; then attempt exchange "$1" "$beside" "$before"; fi
    if [ "$status" = 0 ]; then
        remove "$before"
        return
    fi
    remove "$beside"
    return 1
}

# Sessions end: a database with one cannot be renamed.
exchange() {
    attempt ask --set=name="$1" --set=beside="$2" --set=before="$3" << 'SQL'
SELECT format('ALTER DATABASE %I ALLOW_CONNECTIONS false', :'name') \gexec
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = :'name' \g /dev/null
BEGIN;
SELECT format('ALTER DATABASE %I RENAME TO %I', :'name', :'before') \gexec
SELECT format('ALTER DATABASE %I RENAME TO %I', :'beside', :'name') \gexec
COMMIT;
SQL
    [ "$status" != 0 ] || return 0
    ask --set=name="$1" << 'SQL'
SELECT format('ALTER DATABASE %I ALLOW_CONNECTIONS true', :'name') \gexec
SQL
    return 1
}
