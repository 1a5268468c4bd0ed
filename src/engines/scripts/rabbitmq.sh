# Makes the app's virtual host, one service's login, and what its events need. Run twice,
# or two at once, it changes nothing. Names are arguments, the password comes by standard
# input, exchanges and queues as a file of definitions.
# Names and passwords are UTF-8 whatever the image says.
export LC_ALL=C.UTF-8
umask 077
printf %s "$ADMIN_COOKIE" > "$HOME/.erlang.cookie"
control() { rabbitmqctl --silent --longnames --node "$SERVER_NODE" "$@"; }

control list_vhosts name | grep -Fxq -- "$DATABASE_NAME" || control add_vhost "$DATABASE_NAME" ||
    control list_vhosts name | grep -Fxq -- "$DATABASE_NAME"
login() {
    case $2 in
        *$'\n'*)
            echo "the password of $1 has a line break, of which rabbitmqctl reads the first line only: write one without" >&2
            exit 1
            ;;
    esac
    printf %s "$2" | control add_user "$1" 2> /dev/null || printf %s "$2" | control change_password "$1"
    control set_permissions --vhost "$DATABASE_NAME" "$1" \
        "$EVENTS_CONFIGURE" "$EVENTS_WRITE" "$EVENTS_READ"
}
login "$DATABASE_USERNAME" "$DATABASE_PASSWORD"
# The login that is not in use: a rotation makes it before it is, keeps it while somebody
# may still have it, and then takes its password away. Who is in stays.
other="${DATABASE_OWNER}_b"
[ "$DATABASE_USERNAME" != "$other" ] || other="${DATABASE_OWNER}_a"
case $OTHER_LOGIN in
    set) login "$other" "$OTHER_PASSWORD" ;;
    cut)
        # A list that could not be had is no empty one.
        users=$(control list_users)
        if cut -f 1 <<< "$users" | grep -Fxq -- "$other"; then control clear_password "$other"; fi
        ;;
esac
printf %s "$EVENTS_DEFINITIONS" > "$HOME/definitions.json"
control import_definitions "$HOME/definitions.json" > /dev/null
echo "the login $DATABASE_USERNAME and its events are ready in $DATABASE_NAME"
