# Consul's clients need nothing but a server with a leader.
export CONSUL_HTTP_ADDR="${ADMIN_URI:-http://$SERVER_HOST:$SERVER_PORT}"
consul operator raft list-peers | grep leader
