# Makes the topics of one service's events, its login, and the rights that its events need.
# Run twice, or two at once, it changes nothing. Names are arguments, passwords are in files.
# Each command is a Java machine of its own, and shall start soon rather than run fast.
export KAFKA_HEAP_OPTS=-Xmx128m LOG_DIR=/tmp/logs
export KAFKA_JVM_PERFORMANCE_OPTS="-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
# Names and passwords are UTF-8 whatever the image says.
export LC_ALL=C.UTF-8
umask 077

# A text as a value of Java's properties, which are ASCII and for which a backslash escapes.
property() {
    local letter code index
    for ((index = 0; index < ${#1}; index++)); do
        letter=${1:index:1}
        printf -v code %d "'$letter"
        if ((code > 0xffff)); then
            printf '\\u%04x' $((0xd7c0 + (code >> 10))) $((0xdc00 + (code & 0x3ff)))
        elif ((code < 0x20 || code > 0x7e || code == 0x5c)); then
            printf '\\u%04x' "$code"
        else
            printf %s "$letter"
        fi
    done
}
# A text as a value of a login's settings.
quoted() {
    local text=${1//\\/\\\\}
    text=${text//$'\n'/\\n}
    printf '"%s"' "${text//\"/\\\"}"
}
settings="org.apache.kafka.common.security.plain.PlainLoginModule required"
settings+=" username=$(quoted "$ADMIN_USERNAME") password=$(quoted "$ADMIN_PASSWORD");"
cat > "$HOME/admin.properties" <<END
security.protocol=SASL_PLAINTEXT
sasl.mechanism=PLAIN
sasl.jaas.config=$(property "$settings")
END
# What a command says is told only if it fails, without the lines of a stack.
kafka() {
    local name=$1 told
    shift
    told=$("/opt/kafka/bin/kafka-$name.sh" --bootstrap-server "$SERVER_HOST:$SERVER_PORT" \
        --command-config "$HOME/admin.properties" "$@" 2> "$HOME/errors") && printf '%s\n' "$told" && return
    { printf '%s\n' "$told" && cat "$HOME/errors"; } | grep -Ev '^[[:space:]]+(at|\.\.\.) ' >&2
    return 1
}

# The rights of both logins, as lines: LOGIN OPERATION RESOURCE PATTERN NAME.
logins=("${DATABASE_OWNER}_a" "${DATABASE_OWNER}_b")
rights=$(kafka acls --list --principal "User:${logins[0]}" --principal "User:${logins[1]}")
held=$(while IFS= read -r line; do
    if [[ $line =~ resourceType=([A-Z_]+),\ name=(.*),\ patternType=([A-Z]+)\) ]]; then
        resource="${BASH_REMATCH[1]} ${BASH_REMATCH[3]} ${BASH_REMATCH[2]}"
    elif [[ $line =~ principal=User:(.*),\ host=.*operation=([A-Z_]+),\ permissionType=ALLOW ]]; then
        printf '%s\n' "${BASH_REMATCH[1]} ${BASH_REMATCH[2]} $resource"
    fi
done <<< "$rights")
# Rights come before logins: where there are none, this is the first run, and nothing has to be
# looked up. Topics that are there keep their partitions.
topics=
[ -z "$held" ] || topics=$(kafka topics --list)
while IFS= read -r topic; do
    [ -n "$topic" ] || continue
    grep -Fxq -- "$topic" <<< "$topics" ||
        kafka topics --create --if-not-exists --topic "$topic" > /dev/null
done <<< "$EVENTS_TOPICS"

wanted=
# allow OPERATIONS RESOURCES PATTERN NAMES: grants what is not granted yet.
allow() {
    local operation resource login name line missing=
    local flags=(--resource-pattern-type "$3" --allow-principal "User:${logins[0]}" --allow-principal "User:${logins[1]}")
    for operation in $1; do flags+=(--operation "$operation"); done
    while IFS= read -r name; do
        [ -n "$name" ] || continue
        for resource in $2; do
            flags+=("--$resource" "$name")
            resource=${resource^^}
            for operation in $1; do
                for login in "${logins[@]}"; do
                    line="$login ${operation^^} ${resource/-/_} ${3^^} $name"
                    wanted+="$line"$'\n'
                    grep -Fxq -- "$line" <<< "$held" || missing=yes
                done
            done
        done
    done <<< "$4"
    [ -z "$missing" ] || kafka acls --add "${flags[@]}" > /dev/null
}
allow "write describe" topic literal "$EVENTS_PUBLISHES"
allow "read describe" topic literal "$EVENTS_SUBSCRIBES"
# Its groups and transactions have its name, or begin with that and a dot; a group may also be
# what a subscription calls its queue. A transaction may not: who begins one of an id ends that
# of whoever else has it.
allow all group literal "$EVENTS_GROUPS"
allow all transactional-id literal "$SERVICE_NAME"
allow all "group transactional-id" prefixed "$SERVICE_NAME."
while read -r login operation resource pattern name; do
    [ -n "$name" ] || continue
    grep -Fxq -- "$login $operation $resource $pattern $name" <<< "$wanted" && continue
    resource=${resource,,}
    kafka acls --remove --force --allow-principal "User:$login" --operation "$operation" \
        --resource-pattern-type "${pattern,,}" "--${resource/_/-}" "$name" > /dev/null
done <<< "$held"

login() {
    if [[ $2 == *$'\n'* ]]; then
        echo "the password of $1 has a line break, which Kafka's tools do not take: give it another one" >&2
        exit 1
    fi
    printf 'SCRAM-SHA-512=iterations=4096,password=%s\n' "$(property "$2")" > "$HOME/login.properties"
    kafka configs --alter --entity-type users --entity-name "$1" \
        --add-config-file "$HOME/login.properties" > /dev/null
}
login "$DATABASE_USERNAME" "$DATABASE_PASSWORD"
# The login that is not in use: a rotation makes it before it is, keeps it while somebody
# may still have it, and then gives it a password that nobody knows. Who is in stays. It is
# never deleted: a broker that reads of a deletion at its start can forget other logins with it
# (up to 4.0 at least: ScramDelta takes all out when the first change that it sees is one).
other=${logins[0]}
[ "$DATABASE_USERNAME" != "$other" ] || other=${logins[1]}
case $OTHER_LOGIN in
    set) login "$other" "$OTHER_PASSWORD" ;;
    cut)
        users=
        [ -z "$held" ] || users=$(kafka configs --describe --entity-type users)
        if grep -Fq -- "'$other'" <<< "$users"; then
            login "$other" "$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')"
        fi
        ;;
esac
echo "the login $DATABASE_USERNAME and its events are ready"
