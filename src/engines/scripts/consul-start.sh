exec consul agent -server -bootstrap-expect=1 -ui=false -data-dir=/consul/data/server \
    -node='{server}' -bind=0.0.0.0 -advertise="$POD_IP" -client=0.0.0.0 -disable-host-node-id
