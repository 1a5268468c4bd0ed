# Makes one database of one service, and its login, on MySQL or MariaDB. Run twice, or two at
# once, it changes nothing. What comes from outside reaches SQL as hexadecimal digits only; the
# server itself then quotes it, and what it has made is run.
export MYSQL_PWD="${ADMIN_PASSWORD-}"
tls=()

run() {
    "$client" --no-defaults --protocol=tcp --host="$SERVER_HOST" --port="$SERVER_PORT" \
        --user="$ADMIN_USERNAME" "${tls[@]}" --default-character-set=utf8mb4 --connect-timeout=10 \
        --batch --skip-column-names --raw
}

# A text as an SQL expression.
text() {
    local digits
    digits=$(printf %s "$1" | od -An -v -tx1 | tr -d ' \n')
    printf "CONVERT(x'%s' USING utf8mb4)" "$digits"
}

# NAME TEXT: sets a variable to a text that is percent-encoded.
decode() {
    local text=${2//\\/\\\\}
    printf -v "$1" %b "${text//%/\\x}"
}

# How a managed server's URI wants the connection encrypted, in the client's words.
encrypt() {
    local mode=${1^^}
    mode=${mode//-/_}
    case $client:$mode in
        mysql:DISABLED | mysql:PREFERRED | mysql:REQUIRED | mysql:VERIFY_CA | mysql:VERIFY_IDENTITY)
            tls=(--ssl-mode="$mode")
            ;;
        mariadb:DISABLED) tls=(--skip-ssl) ;;
        mariadb:PREFERRED) tls=() ;;
        mariadb:REQUIRED) tls=(--ssl --skip-ssl-verify-server-cert) ;;
        mariadb:VERIFY_CA | mariadb:VERIFY_IDENTITY) tls=(--ssl --ssl-verify-server-cert) ;;
        *)
            echo "the uri of the administrator has the ssl-mode $1, which is none: write DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY" >&2
            return 1
            ;;
    esac
}

# A Secret that was made of a file ends in a line break.
ADMIN_URI=$(printf %s "${ADMIN_URI-}")
if [ -n "$ADMIN_URI" ]; then
    [[ $ADMIN_URI =~ ^[a-z]+://([^:/?#]*):([^/?#]*)@[^?#]*(\?([^#]*))? ]] || {
        echo "the uri of the administrator has no user and password" >&2
        exit 1
    }
    decode ADMIN_USERNAME "${BASH_REMATCH[1]}"
    decode MYSQL_PWD "${BASH_REMATCH[2]}"
    IFS='&' read -r -a parameters <<< "${BASH_REMATCH[4]}"
    for parameter in "${parameters[@]}"; do
        case ${parameter,,} in
            ssl-mode=* | ssl_mode=* | sslmode=*) encrypt "${parameter#*=}" ;;
            *ssl* | *tls*)
                echo "the uri of the administrator has the parameter ${parameter%%=*}, which is not known here: write ssl-mode=REQUIRED or ssl-mode=VERIFY_IDENTITY" >&2
                exit 1
                ;;
        esac
    done
fi

# How quotes and backslashes are read goes by the session's mode, whatever the server's is.
mode="SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO';"

# On a server of others a user may be there that is somebody's: its password would be replaced. Ours
# have rights on the database from their beginning. Who may not look is told so by the server.
if [ -n "$ADMIN_URI" ]; then
    strange=$(run <<SQL
$mode
SET @name = $(text "$DATABASE_NAME"), @slash = CHAR(92 USING utf8mb4);
SET @stored = IF(@@lower_case_table_names = 0, @name, LOWER(@name));
SET @escaped = REPLACE(REPLACE(REPLACE(@stored, @slash, CONCAT(@slash, @slash)), '_', CONCAT(@slash, '_')), '%', CONCAT(@slash, '%'));
SELECT CONCAT(QUOTE(User), '@''%''') FROM mysql.user
 WHERE Host = '%' AND BINARY User IN ($(text "${DATABASE_OWNER}_a"), $(text "${DATABASE_OWNER}_b"), $(text "$DATABASE_USERNAME"))
   AND NOT EXISTS (SELECT 1 FROM mysql.db WHERE db.Host = '%' AND BINARY db.User = BINARY user.User
                      AND BINARY db.Db IN (BINARY @stored, BINARY @escaped))
 ORDER BY User LIMIT 1;
SQL
    )
    if [ -n "$strange" ]; then
        echo "ERROR: the user $strange is there already and has no rights on the database $DATABASE_NAME, so its password is not replaced: give the service's database another name; or rename that user (RENAME USER), or, where nobody needs it, drop it (DROP USER $strange)" >&2
        exit 1
    fi
fi

# On a server of others two apps of Gravity may name one database: the first leaves its name there.
# MySQL has no place for it.
if [ -n "${DATABASE_APP-}" ] && [ "$client" = mariadb ]; then
    mark="gravity.dev/app: $DATABASE_APP"
    own=$(run <<SQL
$mode
SET @name = $(text "$DATABASE_NAME"), @mark = $(text "$mark"), @tick = CHAR(96 USING utf8mb4);
SET @database = CONCAT(@tick, REPLACE(@name, @tick, CONCAT(@tick, @tick)), @tick);
SELECT CONCAT('CREATE DATABASE IF NOT EXISTS ', @database, ' COMMENT ', QUOTE(@mark), ';');
SELECT CONCAT('ALTER DATABASE ', @database, ' COMMENT ', QUOTE(@mark), ';')
  FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = @name AND SCHEMA_COMMENT = '';
SQL
    )
    run <<< "$mode $own"
    other=$(run <<SQL
$mode
SELECT REPLACE(SCHEMA_COMMENT, 'gravity.dev/app: ', '') FROM information_schema.SCHEMATA
 WHERE SCHEMA_NAME = $(text "$DATABASE_NAME") AND SCHEMA_COMMENT LIKE 'gravity.dev/app: %'
   AND SCHEMA_COMMENT <> $(text "$mark");
SQL
    )
    if [ -n "$other" ]; then
        echo "ERROR: the database $DATABASE_NAME belongs to the GravityApp $other already: give the service's database another name; or, where that app is gone or gives it up, say so there (ALTER DATABASE … COMMENT '')" >&2
        exit 1
    fi
fi

# The second login waits, locked, for a rotation, which gives it a password before it is in
# use, keeps the first while somebody may still have it, and then locks that; `_` and `%` stand
# for other letters in the name of a grant's database unless they are escaped.
statements=$(run <<SQL
$mode
SET @name = $(text "$DATABASE_NAME"), @a = $(text "${DATABASE_OWNER}_a"), @b = $(text "${DATABASE_OWNER}_b");
SET @username = $(text "$DATABASE_USERNAME"), @password = $(text "$DATABASE_PASSWORD");
SET @other_login = $(text "$OTHER_LOGIN"), @other_password = $(text "${OTHER_PASSWORD-}");
SET @charset = $(text "$DATABASE_CHARSET"), @collation = $(text "$DATABASE_COLLATION");
SET @tick = CHAR(96 USING utf8mb4), @slash = CHAR(92 USING utf8mb4);
SET @database = CONCAT(@tick, REPLACE(@name, @tick, CONCAT(@tick, @tick)), @tick);
SET @escaped = REPLACE(REPLACE(REPLACE(@name, @slash, CONCAT(@slash, @slash)), '_', CONCAT(@slash, '_')), '%', CONCAT(@slash, '%'));
SET @pattern = CONCAT(@tick, REPLACE($name_in_grant, @tick, CONCAT(@tick, @tick)), @tick);
SET @other = IF(@username = @b, @a, @b);
SET @shape = CONCAT(IF(@charset = '', '', CONCAT(' CHARACTER SET ', QUOTE(@charset))),
                    IF(@collation = '', '', CONCAT(' COLLATE ', QUOTE(@collation))));
SELECT CONCAT('CREATE DATABASE IF NOT EXISTS ', @database, @shape, ';');
SELECT CONCAT('ALTER DATABASE ', @database, @shape, ';') FROM DUAL WHERE @shape <> '';
SELECT CONCAT('CREATE USER IF NOT EXISTS ', QUOTE(@username), '@''%'' IDENTIFIED BY ', QUOTE(@password), ';');
SELECT CONCAT('GRANT ALL PRIVILEGES ON ', @pattern, '.* TO ', QUOTE(@username), '@''%'';');
SELECT CONCAT('ALTER USER ', QUOTE(@username), '@''%'' IDENTIFIED BY ', QUOTE(@password), ' ACCOUNT UNLOCK;');
SELECT CONCAT('CREATE USER IF NOT EXISTS ', QUOTE(@other), '@''%'' IDENTIFIED BY ', QUOTE(SHA2(UUID(), 512)), ' ACCOUNT LOCK;');
SELECT CONCAT('GRANT ALL PRIVILEGES ON ', @pattern, '.* TO ', QUOTE(@other), '@''%'';');
SELECT CONCAT('ALTER USER ', QUOTE(@other), '@''%'' IDENTIFIED BY ', QUOTE(@other_password), ' ACCOUNT UNLOCK;') FROM DUAL WHERE @other_login = 'set';
SELECT CONCAT('ALTER USER ', QUOTE(@other), '@''%'' ACCOUNT LOCK;') FROM DUAL WHERE @other_login = 'cut';
SQL
)
# The client repeats a statement that fails, password and all: only the reason is shown.
said=$(run <<< "$mode $statements" 2>&1) || {
    grep '^ERROR' <<< "$said" >&2
    exit 1
}
echo "the database $DATABASE_NAME is ready for $DATABASE_USERNAME"
