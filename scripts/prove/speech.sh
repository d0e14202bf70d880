# Cost of speech recognition: 10 s of speech, cancelling, two notes at once, memory over many notes [NOTES=200]
cargo build --quiet --workspace --example speech_cost
"$CARGO_TARGET_DIR/debug/examples/speech_cost" "${NOTES:-200}" | tee tests/evidence/speech.txt
