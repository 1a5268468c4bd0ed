# First nobody new is led here, while all go on; then what is under way ends, each session is
# let go when it is at rest, and the process with the last. The kubelet ends this, too, then.
sleep 10
kill -s INT 1
sleep 3600
