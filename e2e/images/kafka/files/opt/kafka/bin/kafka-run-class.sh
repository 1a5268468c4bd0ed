#!/bin/bash
# Runs a class of Kafka with the variables that the official image's script of this name reads.
while [[ ${1:-} == -name || ${1:-} == -loggc ]]; do
    if [[ $1 == -name ]]; then shift; fi
    shift
done
logs=${LOG_DIR:-/opt/kafka/logs}
if [[ -n ${KAFKA_LOG4J_OPTS-} && ! -d $logs ]]; then mkdir -p "$logs"; fi
# shellcheck disable=SC2086 # They are lists of options.
exec java ${KAFKA_HEAP_OPTS:--Xmx256M} \
    ${KAFKA_JVM_PERFORMANCE_OPTS:--server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -XX:InitiatingHeapOccupancyPercent=35 -XX:+ExplicitGCInvokesConcurrent -Djava.awt.headless=true} \
    ${KAFKA_GC_LOG_OPTS-} -Dkafka.logs.dir="$logs" \
    ${KAFKA_LOG4J_OPTS:--Dlog4j2.configurationFile=/opt/kafka/config/tools-log4j2.yaml} \
    -cp '/opt/kafka/libs/*' ${KAFKA_OPTS-} "$@"
