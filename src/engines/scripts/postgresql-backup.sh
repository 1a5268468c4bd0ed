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
    warn "$1"
    pg_dump --format=custom --dbname="$1"
}

# What a restore would refuse is told while it can still be mended.
warn() {
    local forbidden
    forbidden=$(ask --dbname="$1" << 'SQL'
SET search_path = pg_catalog, pg_temp;
SELECT 'the event trigger ' || evtname FROM pg_event_trigger
 WHERE NOT EXISTS (SELECT FROM pg_depend
                    WHERE classid = 'pg_event_trigger'::regclass AND objid = pg_event_trigger.oid AND deptype = 'e')
UNION ALL
SELECT 'the function ' || pg_proc.oid::regprocedure
  FROM pg_proc JOIN pg_language ON pg_language.oid = prolang
 WHERE NOT lanpltrusted AND pg_proc.oid >= 16384
   AND NOT EXISTS (SELECT FROM pg_depend
                    WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e');
SQL
    )
    [ -z "$forbidden" ] || printf '%s\n' "warning: only a superuser may make some of what $1 has, so its backup can be restored by hand only:" "$forbidden" >&2
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

# What a dump has, as pg_restore lists it, of these kinds.
of_kind() { grep -E "^[0-9]+; [0-9]+ [0-9]+ ($1) " /tmp/list || true; }
# What extensions and rights are to a dump.
EXTENSIONS='EXTENSION|COMMENT - EXTENSION|COMMENT - SCHEMA public'
RIGHTS='ACL|DEFAULT ACL'
# What only a superuser may make; what comes with an extension is none of it.
FORBIDDEN='EVENT TRIGGER|SUBSCRIPTION|FOREIGN DATA WRAPPER|PROCEDURAL LANGUAGE|ACCESS METHOD'
FORBIDDEN="$FORBIDDEN|OPERATOR CLASS|OPERATOR FAMILY|SHELL TYPE|TEXT SEARCH (PARSER|TEMPLATE)"

# DATABASE FILE: fills a database from the dump on standard input, which is that file's.
#
# A dump has functions, and its checks and indexes call them while it is restored. So the
# administrator makes what needs one before there is any function, and gives rights in the
# end; all else is restored by a login that can do what the database's owner can.
fill() {
    local owner forbidden
    owner=$(ask --set=name="$1" << 'SQL'
SELECT rolname FROM pg_database JOIN pg_roles ON pg_roles.oid = datdba WHERE datname = :'name';
SQL
    )
    from_start "$2" --list > /tmp/list
    forbidden=$(of_kind "$FORBIDDEN" | sed 's/^[0-9]*; [0-9]* [0-9]* //' | paste -s -d ,)
    [ -z "$forbidden" ] ||
        fail "only a superuser may make some of what the backup has, and a restore has the rights of $owner: $forbidden: restore it by pg_restore as the administrator, if you trust its functions"
    RESTORER=gravity_restore_$(printf %s "$1" | sha256sum | cut -c 1-16)
    RESTORER_PASSWORD=$(od -An -v -tx1 -N24 /dev/urandom | tr -d ' \n')
    export RESTORER RESTORER_PASSWORD
    make_restorer "$owner"
    attempt fill_as "$owner" "$@"
    local filled=$status
    drop_restorer "$owner" "$1"
    return "$filled"
}

fill_as() {
    local owner=$1 database=$2 file=$3
    by_owner() {
        PGUSER=$RESTORER PGPASSWORD=$RESTORER_PASSWORD pg_restore --exit-on-error --no-owner \
            --role="$owner" --dbname="$database" --use-list="$1"
    }
    by_administrator() { from_start "$file" --exit-on-error --dbname="$database" --use-list="$1"; }
    of_kind SCHEMA > /tmp/schemas
    get_start "$file" | by_owner /tmp/schemas
    of_kind "$EXTENSIONS" > /tmp/extensions
    by_administrator /tmp/extensions
    open_public "$owner" "$database"
    of_extensions "$database" > /tmp/tables
    if [ -s /tmp/tables ]; then by_administrator /tmp/tables; fi
    of_kind "$RIGHTS" > /tmp/rights
    grep -vxFf <(cat /tmp/schemas /tmp/extensions /tmp/tables /tmp/rights) /tmp/list > /tmp/rest
    by_owner /tmp/rest 2> /tmp/said || {
        cat /tmp/said >&2
        if grep -qE 'permission denied|must be (superuser|owner)' /tmp/said; then
            echo "a restore has the rights of $owner: what only an administrator may make is to be restored by hand" >&2
        fi
        return 1
    }
    by_administrator /tmp/rights
}

# What a file begins with, as far as it is read.
get_start() { get "$1" 2> /dev/null || true; }

from_start() { get_start "$1" | pg_restore "${@:2}"; }

# Nobody knows its password but this run, and it is of no use when that has ended. One that a
# run left which was killed goes.
make_restorer() {
    local super
    super=$(ask --set=owner="$1" << 'SQL'
SELECT rolname FROM pg_roles WHERE rolsuper AND pg_has_role(:'owner', oid, 'MEMBER') LIMIT 1;
SQL
    )
    [ -z "$super" ] ||
        fail "the database's owner $1 has a superuser's rights ($super), by which functions of the backup would run: restore it by pg_restore, if you trust them"
    ask --set=ON_ERROR_STOP=0 2> /dev/null << 'SQL' || true
SELECT format('DROP ROLE %I', rolname) FROM pg_roles
 WHERE rolname ~ '^gravity_restore_[0-9a-f]{16}$' AND rolvaliduntil < now() \gexec
SQL
    ask --set=owner="$1" << 'SQL'
SET client_min_messages = warning;
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
\set restorer `printenv RESTORER`
\set password `printenv RESTORER_PASSWORD`
SELECT format('DROP ROLE IF EXISTS %I', :'restorer') \gexec
SELECT format('CREATE ROLE %I LOGIN PASSWORD %L VALID UNTIL %L', :'restorer', :'password', now() + interval '1 day') \gexec
SELECT format('GRANT %I TO %I', :'owner', :'restorer') \gexec
SQL
}

# What a function made by its own name goes to the owner.
drop_restorer() {
    ask --set=owner="$1" --set=restorer="$RESTORER" --dbname="$2" << 'SQL'
SET search_path = pg_catalog, pg_temp;
SET client_min_messages = warning;
SELECT format('REASSIGN OWNED BY %I TO %I', :'restorer', :'owner') \gexec
SELECT format('DROP OWNED BY %I', :'restorer') \gexec
SELECT format('DROP ROLE %I', :'restorer') \gexec
SQL
}

# Before version 15 the schema public was the administrator's.
open_public() {
    ask --set=owner="$1" --dbname="$2" << 'SQL'
SET search_path = pg_catalog, pg_temp;
SELECT format('GRANT ALL ON SCHEMA public TO %I', :'owner')
 WHERE current_setting('server_version_num')::integer < 150000
   AND EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public') \gexec
SQL
}

# What a dump has of the tables that extensions have made: rows that somebody added.
of_extensions() {
    ask --dbname="$1" > /tmp/made << 'SQL'
SET search_path = pg_catalog, pg_temp;
SELECT format('%s %s %s', kind, nspname, relname)
  FROM pg_depend JOIN pg_class ON classid = 'pg_class'::regclass AND objid = pg_class.oid
  JOIN pg_namespace ON pg_namespace.oid = relnamespace,
       unnest(ARRAY['TABLE DATA', 'SEQUENCE SET']) AS kind
 WHERE deptype = 'e';
SQL
    awk 'NR == FNR { made[$0] = 1; next }
         { entry = $0; sub(/^[0-9]+; [0-9]+ [0-9]+ /, "", entry); sub(/ [^ ]*$/, "", entry) }
         entry in made' /tmp/made /tmp/list
}

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
