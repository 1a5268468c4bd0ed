# One node alone is yellow at the best: an index' copies have no second node to be on.
password=$(cat /run/gravity/admin/password)
exec curl --silent --show-error --fail --output /dev/null --max-time 8 --config - \
    'http://127.0.0.1:9200/_cluster/health?wait_for_status=yellow&timeout=5s' \
    <<< "user = \"elastic:$password\""
