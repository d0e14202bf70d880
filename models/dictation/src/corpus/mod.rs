//! A corpus of synthetic dictations on disk: `index.jsonl`, a line per recording, and `audio.i16`, their samples one
//! after another, 16 kHz, mono, little-endian.

mod heldout;
mod make;
mod recording;

pub use heldout::held_out;
pub use make::{CorpusPlan, Speak, Speech, make_corpus};
pub use recording::{Corpus, Recording, Split};
