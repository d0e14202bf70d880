# Growth on synthetic pairs: unchanged nodules stay stable, doubling times at 30 % growth [UNCHANGED=100 GROWN=20 STEP=5].
# Pairs are made in parts of STEP patients; what the evidence has for the present code is not made again. The bars are
# counted at the end: no unchanged nodule called growing, doubling times within 15 %.

sources=(models/followup models/nodule models/phantom models/domain models/volume models/weights)
header=date,commit,content,data,part,first_seed,patients,nodules,not_outlined,paired,growing,stable,shrinking,vdt_within_15_percent,vdt_of,vdt_median_error
content=$(content_of "${sources[@]}")
step=${STEP:-5}

# run PART FIRST LAST
run() {
    local part=$1 first=$2 last=$3 seed count row
    for ((seed = first; seed <= last; seed += step)); do
        count=$((last - seed + 1 < step ? last - seed + 1 : step))
        if [ -f tests/evidence/growth.csv ] && grep -q ",$content,SYNTHETIC,$part,$seed,$count," tests/evidence/growth.csv; then
            continue
        fi
        row=$("$CARGO_TARGET_DIR/debug/examples/growth" "$part" "$seed" "$count" | tail -1)
        row=${row#"# SYNTHETIC,$part,"}
        evidence growth.csv "$header" "$(date -u +%F),$(commit_of "${sources[@]}"),$content,SYNTHETIC,$part,$seed,$count,$row"
    done
}

cargo build --quiet --workspace --example growth
run unchanged 1 "${UNCHANGED:-100}"
run grown 201 $((200 + ${GROWN:-20}))
awk -F, -v c="$content" '$3 == c && $5 == "unchanged" { p += $7; n += $8; g += $11; o += $9 }
    $3 == c && $5 == "grown" { q += $7; w += $14; v += $15; u += $9 }
    END {
        printf "prove: unchanged: %d patients, %d nodules, %d not outlined, %d called growing\n", p, n, o, g
        printf "prove: grown: %d patients, %d of %d doubling times within 15 %%, %d not outlined\n", q, w, v, u
        exit g > 0 || w < v
    }' tests/evidence/growth.csv
