#!/bin/sh
# The first process of a node: makes its namespaces ready, and becomes the program that
# collects what others leave.
#
#   begin.sh FOLDER PAUSE
set -eu
folder=$1 pause=$2
hostname node
# What is mounted for one container has to be seen by others, but never by the machine.
mount --make-rshared /

# Programs write to fixed places beside those that can be told to them. What they write
# there goes to memory, and the machine's own folders stay as they are.
mount -t tmpfs tmpfs /run
for path in /var/lib /var/log; do
    mkdir -p "/run/written$path" "/run/work$path"
    mount -t overlay overlay "$path" \
        -o "lowerdir=$path,upperdir=/run/written$path,workdir=/run/work$path"
done

# The kubelet writes these unless it finds the values that it wants, and they are the whole
# machine's. What it finds is a file over each.
mkdir /run/settings
while read -r setting value; do
    echo "$value" > "/run/settings/${setting##*/}"
    mount --bind "/run/settings/${setting##*/}" "/proc/sys/$setting"
done <<END
vm/overcommit_memory 1
vm/panic_on_oom 0
kernel/panic 10
kernel/panic_on_oops 1
kernel/keys/root_maxkeys 1000000
kernel/keys/root_maxbytes 25000000
END

ip link set lo up
echo 1 > /proc/sys/net/ipv4/ip_forward
rm -f "$folder/node/connected"
: > "$folder/node/begun"
while [ ! -s "$folder/node/network" ]; do sleep 0.02; done
number=$(cat "$folder/node/network")
ip address add "10.$number.255.2/30" dev eth0
ip link set eth0 up
ip route add default via "10.$number.255.1"
: > "$folder/node/connected"
exec "$pause"
