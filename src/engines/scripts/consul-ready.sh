# It is of use once it has a leader; the address is empty before.
consul operator raft list-peers 2> /dev/null | grep -q leader
