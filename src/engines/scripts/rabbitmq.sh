# Makes the app's virtual host, one service's login, and what its events need. Run twice,
# or two at once, it changes nothing. Names are arguments, the password comes by standard
# input, exchanges and queues as a file of definitions.
if [ -n "${ADMIN_URI-}" ]; then
    echo "RabbitMQ servers outside Gravity's care are not supported yet" >&2
    exit 1
fi
# Names and passwords are UTF-8 whatever the image says.
export LC_ALL=C.UTF-8
umask 077
printf %s "$ADMIN_COOKIE" > "$HOME/.erlang.cookie"
control() { rabbitmqctl --silent --longnames --node "$SERVER_NODE" "$@"; }

control list_vhosts name | grep -Fxq -- "$DATABASE_NAME" || control add_vhost "$DATABASE_NAME" ||
    control list_vhosts name | grep -Fxq -- "$DATABASE_NAME"
printf %s "$DATABASE_PASSWORD" | control add_user "$DATABASE_USERNAME" 2> /dev/null ||
    printf %s "$DATABASE_PASSWORD" | control change_password "$DATABASE_USERNAME"
control set_permissions --vhost "$DATABASE_NAME" "$DATABASE_USERNAME" \
    "$EVENTS_CONFIGURE" "$EVENTS_WRITE" "$EVENTS_READ"
printf %s "$EVENTS_DEFINITIONS" > "$HOME/definitions.json"
control import_definitions "$HOME/definitions.json" > /dev/null
echo "the login $DATABASE_USERNAME and its events are ready in $DATABASE_NAME"
