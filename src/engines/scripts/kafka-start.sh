# The data folder is given its format once; a second time it stays as it is.
/opt/kafka/bin/kafka-storage.sh format --ignore-formatted \
    --cluster-id="$CLUSTER_ID" --config=/etc/gravity/server.properties
exec /opt/kafka/bin/kafka-server-start.sh /etc/gravity/server.properties
