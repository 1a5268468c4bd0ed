# Whether the server answers, over TCP: while the image prepares a new data folder, it has the
# socket only. An answer that refuses the password is one, too (the manual of mariadb-admin, "ping"):
# services come by their own logins, and a password that somebody changed must not take the
# server from them. What is wrong with it, the provisioning tells.
MYSQL_PWD=$(cat /run/gravity/admin/password) exec mariadb-admin --no-defaults --protocol=tcp \
    --host=127.0.0.1 --user=root --connect-timeout=3 --silent ping
