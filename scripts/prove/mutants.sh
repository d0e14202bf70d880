# Import of structure-aware mutants of valid files: crashes, hangs, excess memory [COUNT=300000 SEED=1 HILUM_DATA=...].
# Mutants descend from generated files and, where HILUM_DATA is there, from its dicom_samples. Goes on after the last
# mutant that the evidence names for this seed, these samples and the present code.

sources=(models/gate models/codec models/volume models/domain/src/uid.rs services/decoder tests/fuzz/src/mutation)
header=date,commit,content,seed,samples,first,mutants,seconds,crashes,hangs,over_64_mib,peak_mib,loaded,refusals
content=$(content_of_parsers "hilum-volume hilum-decoder" "${sources[@]}")
seed=${SEED:-1}
count=${COUNT:-300000}
part_mutants=20000
samples=none
options=(--seed "$seed" --findings "$CARGO_TARGET_DIR/mutants-found")
if [ -d "${HILUM_DATA:-}/dicom_samples" ]; then
    samples=dicom_samples
    options+=(--samples "$HILUM_DATA/dicom_samples")
else
    say "HILUM_DATA has no dicom_samples: only generated files are mutated"
fi

done_so_far() {
    [ -f tests/evidence/mutants.csv ] || { echo 0; return; }
    awk -F, -v c="$content" -v s="$seed" -v a="$samples" \
        '$3 == c && $4 == s && $5 == a && $6 + $7 > n { n = $6 + $7 } END { print n + 0 }' tests/evidence/mutants.csv
}

cargo build --quiet -p hilum-fuzz -p hilum-decoder --bin mutants --bin hilum-decode
findings=0
next=$(done_so_far)
say "mutants $next to $count of seed $seed"
while [ "$next" -lt "$count" ]; do
    now=$((count - next < part_mutants ? count - next : part_mutants))
    # Exit 1 is a finding, told by a row like any other; without a row there was no run.
    row=$(nice -n 15 "$CARGO_TARGET_DIR/debug/mutants" "${options[@]}" --from "$next" --count "$now") \
        || findings=$((findings + 1))
    [ -n "$row" ] || { say "the mutants did not run"; exit 1; }
    evidence mutants.csv "$header" "$(date -u +%F),$(commit_of "${sources[@]}"),$content,$seed,$samples,$row"
    next=$((next + now))
done
awk -F, -v c="$content" -v s="$seed" -v a="$samples" '$3 == c && $4 == s && $5 == a {
        m += $7; k += $9; h += $10; o += $11; if ($12 > p) p = $12; l += $13 }
    END { printf "prove: %d mutants with the present code: %d crashes, %d hangs, %d over 64 MiB, peak %.1f MiB, %d loaded\n",
        m, k, h, o, p, l }' tests/evidence/mutants.csv
[ "$findings" -eq 0 ]
