# Makes one database of one service: an owner role without login, two login roles that
# act as it, the database, its extensions. Run twice, or two at once, it changes nothing.
# psql quotes what is spliced in: :"name" as an identifier, :'name' as a text, and format
# does it with %I and %L.
set -o pipefail
# A Secret that was made of a file ends in a line break.
ADMIN_URI=$(printf %s "${ADMIN_URI-}")
export PGHOST="$SERVER_HOST" PGPORT="$SERVER_PORT" PGCONNECT_TIMEOUT=10 PGAPPNAME=gravity
export PGCLIENTENCODING=UTF8
export SERVER_OPERATOR="${SERVER_OPERATOR-}" SERVER_MANAGED="${ADMIN_URI:+yes}"
export PGUSER="${ADMIN_USERNAME-}" PGPASSWORD="${ADMIN_PASSWORD-}"

# NAME TEXT: sets a variable to a text that is percent-encoded.
decode() {
    local text=${2//\\/\\\\}
    printf -v "$1" %b "${text//%/\\x}"
}

# A managed server's URI without its password, which goes by the environment: arguments can be
# read by other processes. Its database is replaced.
if [ -n "$ADMIN_URI" ]; then
    [[ $ADMIN_URI =~ ^([a-z]+://)(([^/?#]*)@)?([^/?#@]*)(/[^?#]*)?(\?(.*))?$ ]] || {
        echo "the uri of the administrator is no postgresql:// URL" >&2
        exit 1
    }
    scheme=${BASH_REMATCH[1]} login=${BASH_REMATCH[3]} place=${BASH_REMATCH[4]} parameters=''
    IFS='&' read -r -a pairs <<< "${BASH_REMATCH[7]}"
    for pair in "${pairs[@]}"; do
        case $pair in
            password=*) decode PGPASSWORD "${pair#*=}" ;;
            *) parameters="$parameters&$pair" ;;
        esac
    done
    if [[ $login == *:* ]]; then decode PGPASSWORD "${login#*:}"; fi
    login=${login%%:*}
    server="$scheme${login:+$login@}$place" parameters=${parameters:+?${parameters:1}}
fi

# Connects to a database.
connect() {
    if [ -z "$ADMIN_URI" ]; then
        PGDATABASE="$1" psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 "${@:2}"
        return
    fi
    local encoded
    encoded=$(printf %s "$1" | od -An -v -tx1 | tr -d '\n' | sed 's/ /%/g')
    psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname="$server/$encoded$parameters" "${@:2}"
}

# VARIABLE PASSWORD: how psql is told the password of the login that the variable names. It
# sends what the server would have made of it, so no log of statements there has the password.
# It asks for it twice, and where there is no terminal it reads on.
password() {
    case $2 in
        *$'\n'* | *$'\r'*)
            echo 'the password has a line break, which psql cannot be told: write one without' >&2
            return 1
            ;;
    esac
    printf '\\password :"%s"\n%s\n%s\n' "$1" "$2" "$2"
}

statements() {
    cat <<'SQL'
-- Nobody's function of the same name is called, and no statement with a password is logged.
SET client_min_messages = warning;
SELECT pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false) \g /dev/null
\set name `printenv DATABASE_NAME`
\set owner `printenv DATABASE_OWNER`
\set username `printenv DATABASE_USERNAME`
\set other_login `printenv OTHER_LOGIN`
\set charset `printenv DATABASE_CHARSET`
\set collation `printenv DATABASE_COLLATION`
\set operator `printenv SERVER_OPERATOR`
\set managed `printenv SERVER_MANAGED`
SELECT rolsuper AS super FROM pg_roles WHERE rolname = current_user \gset
\if :super
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
\endif
-- Two runs at once would both find no role, and one of them would fail.
SELECT pg_advisory_lock(7308332045) \g /dev/null

-- What is there already may be somebody's. Nothing is taken over, and the first reason is told:
-- a database of somebody else; a role whose rights a service would get, or a login whose password
-- would be replaced; a database of another app of Gravity, which has left its name on the roles.
\set app `printenv DATABASE_APP || true`
WITH wanted AS (
    SELECT DISTINCT unnest(ARRAY[:'owner', :'owner' || '_a', :'owner' || '_b', :'username']) AS rolname
), roles AS (
    SELECT *, shobj_description(oid, 'pg_authid') AS says,
           ARRAY(SELECT rolname FROM pg_auth_members JOIN pg_roles AS groups ON groups.oid = roleid
                  WHERE member = pg_roles.oid ORDER BY rolname) AS member_of
      FROM wanted JOIN pg_roles USING (rolname)
), more AS (
    SELECT rolname, concat_ws(', ',
               CASE WHEN rolname = current_user THEN 'is the administrator' END,
               CASE WHEN rolsuper THEN 'is a superuser' END,
               CASE WHEN rolcreaterole THEN 'can make roles' END,
               CASE WHEN rolcreatedb THEN 'can make databases' END,
               CASE WHEN rolreplication THEN 'can replicate' END,
               CASE WHEN rolbypassrls THEN 'is above row security' END,
               CASE WHEN rolcanlogin AND rolname = :'owner' THEN 'can log in' END,
               CASE WHEN :'managed' <> '' AND rolname <> :'owner' AND :'owner' <> ALL (member_of)
                    THEN 'is no member of ' || :'owner' END,
               -- What somebody has given to a role since it has this app's name was meant.
               'is a member of ' || CASE WHEN :'managed' <> '' AND says IS DISTINCT FROM 'gravity.dev/app: ' || :'app'
                    THEN nullif(array_to_string(array_remove(member_of, :'owner'::name), ' and '), '') END) AS may
      FROM roles
), reasons AS (
    SELECT 1 AS number, format('the database %s is there already and belongs to %s: give the service''s database another name, or give it to the role of its name (ALTER DATABASE … OWNER TO …)',
               datname, rolname) AS why
      FROM pg_database JOIN pg_roles ON pg_roles.oid = datdba
     WHERE :'managed' <> '' AND datname = :'name' AND rolname NOT IN (:'owner', current_user)
    UNION ALL
    SELECT 2, format('the role %s is there already and %s: the service of the database %s would act as it: give the service''s database another name; or rename that role (ALTER ROLE %I RENAME TO …), or change what it is where it is meant for this database',
               rolname, may, :'name', rolname)
      FROM more WHERE may <> ''
    UNION ALL
    SELECT 3, format('the database %s belongs to the GravityApp %s already: give the service''s database another name; or, where that app is gone or gives it up, say so there (COMMENT ON ROLE %I IS NULL)',
               :'name', replace(says, 'gravity.dev/app: ', ''), rolname)
      FROM roles
     WHERE :'app' <> '' AND rolname = :'owner' AND says LIKE 'gravity.dev/app: %' AND says <> 'gravity.dev/app: ' || :'app'
), first AS (SELECT why FROM reasons ORDER BY number, why LIMIT 1)
SELECT set_config('gravity.refused', why, false) FROM first \g /dev/null
DO $$ BEGIN
    IF current_setting('gravity.refused', true) <> '' THEN
        RAISE EXCEPTION '%', current_setting('gravity.refused');
    END IF;
END $$;
SELECT format('CREATE ROLE %I NOLOGIN', :'owner')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'owner') \gexec
-- At once a login is a member: one that a killed run has left is known by that.
SELECT format('CREATE ROLE %I LOGIN IN ROLE %I', login, :'owner')
  FROM (SELECT DISTINCT unnest(ARRAY[:'owner' || '_a', :'owner' || '_b', :'username']) AS login) AS logins
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = login) \gexec
SELECT format('GRANT %I TO %I', :'owner', login), format('ALTER ROLE %I SET role = %L', login, :'owner')
  FROM (SELECT DISTINCT unnest(ARRAY[:'owner' || '_a', :'owner' || '_b', :'username']) AS login) AS logins \gexec
SELECT format('COMMENT ON ROLE %I IS %L', rolname, 'gravity.dev/app: ' || :'app')
  FROM (SELECT rolname, shobj_description(oid, 'pg_authid') AS says FROM pg_roles) AS roles
 WHERE :'app' <> '' AND rolname IN (:'owner', :'owner' || '_a', :'owner' || '_b', :'username')
   AND (says IS NULL OR says LIKE 'gravity.dev/app: %' AND says <> 'gravity.dev/app: ' || :'app') \gexec
SELECT format('ALTER ROLE %I LOGIN', :'username') \gexec
-- The login that is not in use: a rotation gives it a password before it is, keeps it while
-- somebody may still have it, and then takes its password away.
SELECT :'owner' || CASE WHEN :'username' = :'owner' || '_b' THEN '_a' ELSE '_b' END AS other \gset
SELECT format('ALTER ROLE %I LOGIN', :'other') WHERE :'other_login' = 'set' \gexec
SQL
    password username "$DATABASE_PASSWORD"
    [ "$OTHER_LOGIN" != set ] || password other "$OTHER_PASSWORD"
    cat <<'SQL'
SELECT format('ALTER ROLE %I PASSWORD NULL', :'other') WHERE :'other_login' = 'cut' \gexec
-- An administrator that is no superuser can give a database only to a role it is in.
SELECT format('GRANT %I TO CURRENT_USER', :'owner') WHERE NOT :'super'::boolean \gexec

SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0', :'name', :'owner')
       || CASE WHEN :'charset' = '' THEN '' ELSE format(' ENCODING %L', :'charset') END
       || CASE WHEN :'collation' = '' THEN '' ELSE format(' LC_COLLATE %L LC_CTYPE %L', :'collation', :'collation') END
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
SELECT format('ALTER DATABASE %I OWNER TO %I', :'name', :'owner')
  FROM pg_database JOIN pg_roles ON pg_roles.oid = datdba
 WHERE datname = :'name' AND rolname <> :'owner' \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', :'name') \gexec
-- A restore that was killed in its last second leaves the database closed.
SELECT format('ALTER DATABASE %I ALLOW_CONNECTIONS true', datname)
  FROM pg_database WHERE datname = :'name' AND NOT datallowconn \gexec
-- On Gravity's own servers a service reaches no other database either, nor one that new ones
-- are made from, as an image may have. Where another operator runs the server, its replicas log
-- in to these; where somebody else does, others may.
SELECT format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', datname)
  FROM pg_database
 WHERE :'managed' = '' AND :'super'::boolean AND :'operator' = '' AND (datname = 'postgres' OR datistemplate AND datallowconn)
   AND has_database_privilege('public', datname, 'CONNECT') \gexec
SQL
}
# What it asks is no complaint.
statements | connect postgres 2>&1 | sed 's/Enter new password for user "[^"]*": //g; s/Enter it again: //g' >&2

# Before version 15 everybody could make tables in the schema public, and its owner was
# the administrator; since then the database's owner has it.
connect "$DATABASE_NAME" <<'SQL'
SET client_min_messages = warning;
SELECT pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false) \g /dev/null
\set owner `printenv DATABASE_OWNER`
SELECT 'REVOKE CREATE ON SCHEMA public FROM PUBLIC'
 WHERE current_setting('server_version_num')::integer < 150000 \gexec
SELECT format('GRANT ALL ON SCHEMA public TO %I', :'owner')
 WHERE current_setting('server_version_num')::integer < 150000
   AND EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public') \gexec
SQL

# Extensions are added and updated, and never dropped: that would drop what uses them.
while IFS= read -r extension; do
    [ -n "$extension" ] || continue
    connect "$DATABASE_NAME" --set=extension="$extension" <<'SQL'
SET client_min_messages = warning;
SET search_path = public, pg_temp;
SELECT pg_catalog.pg_advisory_lock(7308332046) \g /dev/null
CREATE EXTENSION IF NOT EXISTS :"extension" CASCADE;
ALTER EXTENSION :"extension" UPDATE;
SQL
done <<< "$DATABASE_EXTENSIONS"

echo "the database $DATABASE_NAME is ready for $DATABASE_USERNAME"
