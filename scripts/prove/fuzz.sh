# Coverage-guided fuzzing of every target, or of one, for so many processor seconds each [TIME=600 TARGET=import].
# Stable toolchain: the compiler's coverage pass is called by its name, libFuzzer comes with libfuzzer-sys. What was
# learned stays in the cache, so the next run goes on from there. A finding goes into tests/fuzz/corpus, where
# `make test` meets it again. Time is that of the processor, so a busy machine counts for no more than it did. TIME=0 only
# reports how much time each target has had with the present code. KEEP=1 adds to that corpus what widens its coverage,
# small files first.

# What a target's evidence is for: the parsers that it drives.
look_at() {
    local packages
    case $1 in
        findings) packages=hilum-findings sources=(models/findings ontology/concepts) ;;
        audio) packages="hilum-audio hilum-decoder" sources=(models/audio models/gate services/decoder) ;;
        *)
            packages="hilum-volume hilum-decoder"
            sources=(models/gate models/codec models/volume models/domain/src/uid.rs services/decoder)
            ;;
    esac
    content=$(content_of_parsers "$packages" "${sources[@]}")
}

header=date,commit,content,target,seconds,executions,corpus_files,coverage,findings
host=$(rustc -vV | sed -n 's/^host: //p')
part_seconds=300
findings=0
clock=$(mktemp)

build() {
    say "building with coverage"
    local flags="-Cpasses=sancov-module -Ccodegen-units=1"
    local option
    for option in level=4 inline-8bit-counters pc-table trace-compares; do
        flags+=" -Cllvm-args=-sanitizer-coverage-$option"
    done
    # Naming the host as target keeps the flags away from build scripts and macros.
    # The child that decodes is the ordinary one: coverage is seen on this side of the pipe.
    cargo build --quiet -p hilum-decoder --bin hilum-decode
    export HILUM_DECODE=$CARGO_TARGET_DIR/debug/hilum-decode
    RUSTFLAGS=$flags cargo build --quiet -p hilum-fuzz --bin fuzz --features coverage --target "$host"
}

# Puts into `spent` the processor seconds of all children that have ended. Not a substitution: a subshell has no children.
read_clock() {
    times > "$clock"
    # The second line: user and system time of children, as 1m2.345s.
    spent=$(tail -1 "$clock" | tr 'ms' '  ' | awk '{ printf "%d", 60 * $1 + $2 + 60 * $3 + $4 }')
}

# One part of at most $2 seconds on the clock.
fuzz() {
    local target=$1 seconds=$2
    local work=$cache/fuzz/$target corpus=tests/fuzz/corpus/$target log before
    mkdir -p "$work" "$corpus"
    log=$(mktemp)
    read_clock
    before=$spent
    HILUM_FUZZ_TARGET=$target nice -n 15 "$CARGO_TARGET_DIR/$host/debug/fuzz" "$work" "$corpus" \
        -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -max_len=65536 -print_final_stats=1 \
        -artifact_prefix="$corpus/" > "$log" 2>&1 || findings=$((findings + 1))
    read_clock
    local found executions coverage
    found=$(grep -c 'Test unit written to' "$log" || true)
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    coverage=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -1)
    [ "$found" -eq 0 ] || tail -40 "$log"
    if [ -z "$executions" ] && [ "$found" -eq 0 ]; then
        tail -20 "$log"
        say "the fuzzer did not run"
        exit 1
    fi
    evidence fuzz.csv "$header" "$(date -u +%F),$(commit_of "${sources[@]}"),$content,$target,$((spent - before)),${executions:-},$(find "$work" -type f | wc -l),${coverage:-},$found"
    rm -f "$log"
}

# Adds what was learned, at most 200 files and 150 kB, to the committed corpus of a target.
keep() {
    local target=$1 merged size file kept=0
    local corpus=tests/fuzz/corpus/$target
    merged=$(mktemp -d)
    cp "$corpus"/* "$merged"
    HILUM_FUZZ_TARGET=$target nice -n 15 "$CARGO_TARGET_DIR/$host/debug/fuzz" -merge=1 -max_len=4096 \
        "$merged" "$cache/fuzz/$target" 2> /dev/null
    while read -r size file; do
        kept=$((kept + size))
        [ "$kept" -le 150000 ] || break
        cp "$merged/$file" "$corpus/$file"
    done < <(cd "$merged" && find . -type f -printf '%s %P\n' | sort -n | head -200)
    rm -rf "$merged"
    say "$corpus: $(find "$corpus" -type f | wc -l) files, $(du -sb "$corpus" | cut -f1) bytes"
}

report() {
    local target
    for target in "$@"; do
        look_at "$target"
        awk -F, -v t="$target" -v c="$content" '$4 == t && $3 == c { s += $5; e += $6; f += $9 }
            END { printf "prove: %-10s %6d processor s of 3600 with the present code, %d executions, %d findings\n", t, s, e, f }' \
            tests/evidence/fuzz.csv
    done
}

mapfile -t targets < <(ls tests/fuzz/corpus)
[ -z "${TARGET:-}" ] || targets=("$TARGET")
[ "${TIME:-600}" -eq 0 ] && [ -z "${KEEP:-}" ] || build
for target in "${targets[@]}"; do
    look_at "$target"
    read_clock
    end=$((spent + ${TIME:-600}))
    while [ "$spent" -lt "$end" ]; do
        left=$((end - spent))
        fuzz "$target" $((left < part_seconds ? left : part_seconds))
    done
done
if [ -n "${KEEP:-}" ]; then
    for target in "${targets[@]}"; do
        keep "$target"
    done
fi
report "${targets[@]}"
[ "$findings" -eq 0 ]
