set -eu
# The administrator's password as a text in a login's settings.
password=$(< /run/gravity/admin/password)
password=${password//\\/\\\\}
export ADMIN_PASSWORD=${password//\"/\\\"}
# Half of the memory limit for what is Java's own: the rest is threads, buffers, and pages of
# topics that are read while they are new. One that has no memory left ends, and is started anew.
export KAFKA_HEAP_OPTS="-XX:InitialRAMPercentage=50 -XX:MaxRAMPercentage=50"
export KAFKA_OPTS="-XX:+ExitOnOutOfMemoryError"
# The log is the container's: by itself a server also writes files, which nobody deletes.
# Kafka 3 reads the first file, Kafka 4 the second.
export LOG_DIR=/tmp/logs EXTRA_ARGS="-name kafkaServer"
export KAFKA_LOG4J_OPTS="-Dlog4j.configuration=file:/etc/gravity/log4j.properties -Dlog4j2.configurationFile=/etc/gravity/log4j2.yaml"
# The data folder is given its format once; a second time it stays as it is.
KAFKA_HEAP_OPTS=-Xmx256m /opt/kafka/bin/kafka-storage.sh format --ignore-formatted \
    --cluster-id="$(< /run/gravity/admin/cluster-id)" --config=/etc/gravity/server.properties
exec /opt/kafka/bin/kafka-server-start.sh /etc/gravity/server.properties
