# FROC curve of the shipped detector on synthetic CTs that it was not trained on: table, summary, picture
cargo build --quiet --workspace --example froc
"$CARGO_TARGET_DIR/debug/examples/froc" tests/evidence
say "tests/evidence/froc.csv, froc.json, froc.svg"
