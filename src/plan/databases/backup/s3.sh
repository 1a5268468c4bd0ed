# Backups are objects of a bucket. An object is there as a whole or not at all.
store() { /tools/rclone --config='' "$@"; }

put() { store rcat "store:$STORE_PATH/$1"; }

settle() { :; }

abandon() { discard "$1"; }

discard() { store deletefile "store:$STORE_PATH/$1" 2> /dev/null || true; }

get() { store cat "store:$STORE_PATH/$1"; }

# A line for each object: its bytes, a space, its name. An empty folder is none at all (3).
files() {
    local code=0
    store lsf --files-only --format=sp --separator=' ' "store:$STORE_PATH" 2> /tmp/says || code=$?
    [ "$code" != 3 ] || return 0
    cat /tmp/says >&2
    return "$code"
}

records() {
    local code=0
    store cat --include='*.record' "store:$STORE_PATH" 2> /tmp/says || code=$?
    [ "$code" != 3 ] || return 0
    cat /tmp/says >&2
    return "$code"
}
