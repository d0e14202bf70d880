#!/usr/bin/env bash
# Format, clippy with warnings as errors, licences and sources, advisories.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH=$PATH:$HOME/.cargo/bin

cargo fmt --all --check
cargo clippy --workspace --all-targets --quiet -- -D warnings
cargo deny --log-level error check licenses bans sources

# With internet the newest advisories are fetched; without, an unpacked copy serves, and its date is said.
archive=${HILUM_ADVISORIES:-../shared/advisory-db.tar.xz}
if cargo audit --quiet 2>/dev/null; then
    echo "advisories: newest database, none open"
elif [ -f "$archive" ]; then
    database=${XDG_CACHE_HOME:-$HOME/.cache}/hilum/advisory-db
    mkdir -p "$database"
    tar -xJf "$archive" -C "$database" --strip-components=1
    cargo audit --quiet --no-fetch --stale --db "$database"
    echo "advisories: stored database of $(stat -c %y "$archive" | cut -d' ' -f1), none open"
else
    echo "advisories: no database could be had (no internet, no $archive)" >&2
    exit 1
fi
