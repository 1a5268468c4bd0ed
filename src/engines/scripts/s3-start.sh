set -eu
# Objects in one folder, and logins beside it, out of reach of any bucket's name. What
# files cannot have as attributes everywhere (tmpfs, some network file systems) is kept in
# a folder, too.
mkdir -p /var/lib/s3/objects /var/lib/s3/logins /var/lib/s3/attributes
exec versitygw --port :7070 --health /health --iam-dir /var/lib/s3/logins --quiet \
    posix --sidecar /var/lib/s3/attributes /var/lib/s3/objects
