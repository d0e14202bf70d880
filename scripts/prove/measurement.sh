# Volumes and diameters of synthetic nodules from 6 mm up against their truth, outlined by the shipped segmenter
cargo build --quiet --workspace --example phantom_measurement
mkdir -p tests/evidence
"$CARGO_TARGET_DIR/debug/examples/phantom_measurement" 700 "${SCANS:-12}" > tests/evidence/measurement.csv
grep '^#' tests/evidence/measurement.csv
say "type, attachment, nodules, learned outlines, within 5 % of the volume, within 0.5 mm of the mean diameter, median error of the volume"
