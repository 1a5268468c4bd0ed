# Backups are files of a claim. A file is whole once it has its name, and nobody else's file
# is written over: two pods may work in the same second.
partial() { printf '/backup/%s.%s.partial' "$1" "$HOSTNAME"; }

put() {
    cat > "$(partial "$1")"
    sync "$(partial "$1")"
}

settle() {
    mv --no-clobber "$(partial "$1")" "/backup/$1"
    if [ -e "$(partial "$1")" ]; then
        abandon "$1"
        fail "$1 is there already"
    fi
    sync /backup
}

abandon() { rm -f "$(partial "$1")"; }

discard() { rm -f "/backup/$1"; }

get() { cat "/backup/$1"; }

# A line for each file: its bytes, a space, its name.
files() {
    local file
    for file in /backup/*; do
        [ ! -f "$file" ] || stat --format='%s %n' "$file"
    done | sed 's# /backup/# #'
}

records() {
    local file
    for file in /backup/*.record; do
        [ ! -f "$file" ] || cat "$file"
    done
}
