# Makes the topics of one service's events. Run twice, or two at once, it changes nothing.
export KAFKA_HEAP_OPTS=-Xmx256m LOG_DIR=/tmp/logs
while IFS= read -r topic; do
    [ -n "$topic" ] || continue
    /opt/kafka/bin/kafka-topics.sh --bootstrap-server "$SERVER_HOST:$SERVER_PORT" \
        --create --if-not-exists --topic "$topic"
done <<< "$EVENTS_TOPICS"
echo "the topics are ready"
