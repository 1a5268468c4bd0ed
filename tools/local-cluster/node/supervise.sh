#!/bin/sh
# Keeps a real node, and takes everything of it away when its keeper is gone.
#
# The node lives in namespaces of its own, whose first process is a child of this script.
# When that process dies, the kernel ends all that run in them, and takes down what they
# mounted and what they did to the network. Only control groups and files have to be
# removed by hand, and that is done here: the other end of standard input is held by the
# process that wants the node, so its end, however it comes, ends the node.
#
#   supervise.sh FOLDER PAUSE NUMBER…
#
# Of the numbers the first is taken whose network is free. Prints the number and the id of
# the node's first process when the node can be used. The word `keep` on standard input
# means that the keeper removes FOLDER itself, or wants to keep it.
set -eu
here=$(dirname "$0") folder=$1 pause=$2 kept=no
shift 2
prefix=gravity-local-cluster

# The folders of a name, or of all that a pattern stands for, in each hierarchy of version 1
# and in version 2's.
control_groups() {
    # shellcheck disable=SC2086,SC2231 # It may be a pattern.
    for group in /sys/fs/cgroup/$1 /sys/fs/cgroup/*/$1; do
        [ ! -d "$group" ] || [ -L "${group%/*}" ] || echo "$group"
    done
}

# The kernel takes a moment to see that a control group's last process has ended.
remove_control_groups() {
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        for group in $(control_groups "$1"); do
            find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
        done
        [ -n "$(control_groups "$1")" ] || return 0
        sleep 0.1
    done
    echo "the control groups $1 could not be removed: $(control_groups "$1")" >&2
}

# What is left when this script was killed, too: its link is gone with its network, and
# the link is there as long as its node.
remove_abandoned() {
    for group in $(control_groups "$prefix-*"); do
        abandoned=${group##*-}
        [ -e "/sys/class/net/gravity$abandoned" ] || remove_control_groups "$prefix-$abandoned"
    done
}

is_free() { [ -z "$(ip -4 route show root "10.$1.0.0/16")" ]; }

# Making the link is what reserves a number: only one of two at once can.
make_link() {
    for each in "$@"; do
        if is_free "$each" && ip link add "gravity$each" type veth peer name eth0 netns "$first"; then
            number=$each
            return 0
        fi
    done
    echo "no network is free: each of 10.$1.0.0/16 and its like has a route, or its link exists" >&2
    return 1
}

connect() {
    ip address add "10.$number.255.1/30" dev "gravity$number"
    ip link set "gravity$number" up
    ip route add "10.$number.0.0/17" via "10.$number.255.2"
    ip route add "10.$number.128.0/18" via "10.$number.255.2"
}

end() {
    status=$?
    trap - EXIT
    kill -KILL "${first:-$unshare}" 2>/dev/null || true
    wait "$unshare" 2>/dev/null || true
    [ -z "${number:-}" ] || remove_control_groups "$prefix-$number"
    [ "$kept" = keep ] || rm -rf "$folder" 2>/dev/null || rm -rf "$folder"
    exit "$status"
}

remove_abandoned
rm -f "$folder/node/begun" "$folder/node/network"
setpriv --pdeathsig KILL -- unshare --fork --kill-child --pid --mount --net --uts --ipc \
    --mount-proc -- sh "$here/begin.sh" "$folder" "$pause" &
unshare=$!
trap end EXIT
while [ ! -e "$folder/node/begun" ]; do
    kill -0 "$unshare" || exit 1
    sleep 0.02
done
# The file has no end of line, which `read` calls a failure.
read -r first _ < "/proc/$unshare/task/$unshare/children" || [ -n "$first" ]
make_link "$@"
for group in /sys/fs/cgroup/cgroup.controllers /sys/fs/cgroup/*/tasks; do
    [ ! -e "$group" ] || mkdir -p "${group%/*}/$prefix-$number"
done
connect
echo "$number" > "$folder/node/network"
while [ ! -e "$folder/node/connected" ]; do
    kill -0 "$unshare" || exit 1
    sleep 0.02
done
echo "$number $first"
while read -r word; do kept=$word; done
