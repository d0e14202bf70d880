//! The weight files inside the program.

/// File name and content of every embedded weight file.
pub(crate) const FILES: &[(&str, &[u8])] = &[
    ("detector.safetensors", include_bytes!("../detector.safetensors")),
    (
        "segmenter.safetensors",
        include_bytes!("../segmenter.safetensors"),
    ),
    ("scorer.safetensors", include_bytes!("../scorer.safetensors")),
    ("text.safetensors", include_bytes!("../text.safetensors")),
];
