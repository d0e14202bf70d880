#!/usr/bin/env bash
# Proofs that take long, in parts that can be stopped and taken up again. Every part that ends appends a line of
# evidence to tests/evidence. A part is a file scripts/prove/PART.sh: its first comment says what it proves, its
# settings come from the environment.
# Usage: PART=fuzz TIME=600 scripts/prove.sh     without PART: which parts there are
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH=$PATH:$HOME/.cargo/bin
cache=${XDG_CACHE_HOME:-$HOME/.cache}/hilum
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}

say() { printf 'prove: %s\n' "$*"; }

# Digest of the files below the given paths, as they are now. Evidence is for this content, whatever was committed
# beside it since.
content_of() {
    git ls-files -z --cached --others --exclude-standard -- "$@" | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-12
}

# The same for parsers: the files, and the locked versions of what the given packages are built from. A dependency that
# joins elsewhere in the workspace changes nothing about them.
# content_of_parsers "PACKAGE..." PATH...
content_of_parsers() {
    local package packages=()
    for package in $1; do
        packages+=(-p "$package")
    done
    shift
    {
        git ls-files -z --cached --others --exclude-standard -- "$@" | sort -z | xargs -0 sha256sum
        cargo tree --locked --quiet "${packages[@]}" -e normal --prefix none --format '{p}' | grep -v '(' | sort -u
    } | sha256sum | cut -c1-12
}

# The commit, with a mark when the working tree differs from it in the given paths.
commit_of() {
    local mark=
    [ -z "$(git status --porcelain -- "$@")" ] || mark=+changes
    printf '%s%s' "$(git rev-parse --short=10 HEAD)" "$mark"
}

# evidence FILE HEADER ROW: appends a row, with the header where the file is new.
evidence() {
    local file=tests/evidence/$1
    mkdir -p tests/evidence
    [ -s "$file" ] || printf '%s\n' "$2" > "$file"
    printf '%s\n' "$3" >> "$file"
    say "$file: $3"
}

part=${PART:-}
if [ -z "$part" ] || [ ! -f "scripts/prove/$part.sh" ]; then
    [ -z "$part" ] || say "there is no part $part"
    say "make prove PART=..., with its settings in brackets:"
    for file in scripts/prove/*.sh; do
        printf '  %-10s %s\n' "$(basename "$file" .sh)" "$(sed -n '1s/^# //p' "$file")"
    done
    exit 2
fi
# shellcheck source=/dev/null
. "scripts/prove/$part.sh"
