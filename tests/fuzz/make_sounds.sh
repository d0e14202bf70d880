#!/usr/bin/env bash
# The seeds of the target `audio`: half a second of synthetic speech (espeak-ng 1.51) in every format (ffmpeg 5.1).
# Usage: tests/fuzz/make_sounds.sh
set -euo pipefail
cd "$(dirname "$0")/corpus/audio"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
espeak-ng -v en-us -s 300 -w "$work/speech.wav" "left"
encode() {
    local name=$1
    shift
    ffmpeg -hide_banner -loglevel error -y -i "$work/speech.wav" -t 0.4 -bitexact "$@" "$name"
}
encode wav-pcm -ar 8000 -f wav
encode wav-mulaw -ar 8000 -c:a pcm_mulaw -f wav
encode wav-adpcm -ar 8000 -c:a adpcm_ima_wav -f wav
encode mp3 -ar 16000 -b:a 16k -f mp3
encode flac -ar 8000 -f flac
encode aac -ar 16000 -b:a 16k -f adts
encode m4a -ar 16000 -b:a 16k -f ipod
encode mp4-opus -c:a libopus -b:a 8k -f mp4
encode ogg-vorbis -ar 8000 -c:a libvorbis -q:a 0 -f ogg
encode ogg-opus -c:a libopus -b:a 8k -f ogg
encode webm -c:a libopus -b:a 8k -f webm
encode pipe:1 -c:a libopus -b:a 8k -f webm -live 1 > webm-live
