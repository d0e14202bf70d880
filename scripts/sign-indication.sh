#!/usr/bin/env bash
# Signs an indication file: scripts/sign-indication.sh KEY.pem [FILE]
# KEY.pem is an Ed25519 private key (openssl genpkey -algorithm ed25519 -out KEY.pem). It is kept outside the
# repository. FILE is by default the one that ships; the signature lands in FILE.sig. The public key is written beside
# the shipped file when it is that file that is signed, so that program, file and signature always belong together.
set -euo pipefail
key=${1:?usage: scripts/sign-indication.sh KEY.pem [FILE]}
shipped="$(dirname "$0")/../models/indication/data/indication.toml"
file=${2:-$shipped}
openssl pkeyutl -sign -rawin -inkey "$key" -in "$file" -out "$file.sig"
public=$(mktemp)
trap 'rm -f "$public"' EXIT
openssl pkey -in "$key" -pubout -out "$public"
openssl pkeyutl -verify -rawin -pubin -inkey "$public" -in "$file" -sigfile "$file.sig"
if [ "$file" = "$shipped" ]; then
    # The key itself is the last 32 bytes of its DER form (RFC 8410).
    openssl pkey -in "$key" -pubout -outform DER | tail -c 32 > "$(dirname "$shipped")/release.pub"
fi
