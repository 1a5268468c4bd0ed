# Asks over TCP: while the image prepares a new data folder, its server has the socket only.
MYSQL_PWD=$(cat /run/gravity/admin/password) exec mariadb-admin --no-defaults --protocol=tcp \
    --host=127.0.0.1 --user=root --connect-timeout=3 --silent ping
