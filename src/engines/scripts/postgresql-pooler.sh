# Makes the login by which a pooler looks up those of services, and the one function that it
# may call. What that tells of is no superuser's, so that nobody becomes one through a pool.
# Run twice, or two at once, it changes nothing.
export PGHOST="$SERVER_HOST" PGPORT="$SERVER_PORT" PGCONNECT_TIMEOUT=10 PGAPPNAME=gravity
export PGCLIENTENCODING=UTF8 PGUSER="$ADMIN_USERNAME" PGPASSWORD="$ADMIN_PASSWORD" PGDATABASE=postgres

psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 <<'SQL'
SET client_min_messages = warning;
SELECT pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false) \g /dev/null
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
\set login `printenv POOLER_USERNAME`
\set password `printenv POOLER_PASSWORD`
SELECT pg_advisory_lock(7308332047) \g /dev/null

SELECT format('CREATE ROLE %I', :'login')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'login') \gexec
SELECT format('ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD %L', :'login', :'password') \gexec
SELECT format('GRANT CONNECT ON DATABASE postgres TO %I', :'login') \gexec
SELECT format('CREATE SCHEMA IF NOT EXISTS %I', :'login') \gexec
SELECT format('GRANT USAGE ON SCHEMA %I TO %I', :'login', :'login') \gexec
SELECT format($format$
    CREATE OR REPLACE FUNCTION %I.login(wanted text)
    RETURNS TABLE (username text, password text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $function$
        SELECT rolname::text, rolpassword FROM pg_authid
         WHERE rolname = wanted AND rolcanlogin AND NOT rolsuper AND NOT rolreplication
           AND (rolvaliduntil IS NULL OR rolvaliduntil > now())
    $function$ $format$, :'login') \gexec
SELECT format('REVOKE ALL ON FUNCTION %I.login(text) FROM PUBLIC', :'login') \gexec
SELECT format('GRANT EXECUTE ON FUNCTION %I.login(text) TO %I', :'login', :'login') \gexec
SQL

echo "the pooler's login $POOLER_USERNAME is ready"
