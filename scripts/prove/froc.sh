# FROC curve of the shipped detector on synthetic CTs that it was not trained on: table, summary, picture
cargo run -p hilum-nodule --example froc -- tests/evidence
say "tests/evidence/froc.csv, froc.json, froc.svg"
