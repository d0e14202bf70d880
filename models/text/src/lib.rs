//! Text to vectors: `WordPiece` tokens with their place in the text, and a BERT that turns them into states.
//!
//! Traps of the domain, settled here once:
//! - **The layout is Hugging Face's** (`config.json`, `vocab.txt` or `tokenizer.json`, `model.safetensors`), so that an
//!   operator can bring bert-base-chinese, a multilingual or a clinical BERT. Checkpoint keys may carry the prefix
//!   `bert.` and the old names `gamma` and `beta` of the norms; heads are left alone.
//! - **Offsets are Unicode code points** of the text as given, whatever the tokenizer normalises.
//! - **Long notes do not end at the window.** They are read in overlapping windows, and each token's state comes from the
//!   window that shows most of what surrounds it.
//! - **Rules find facts, vectors do not.** What enters a guideline comes from `hilum-findings`; states feed the score.
//!
//! Reference: Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers" (NAACL 2019).

mod bert;
mod checkpoint;
mod config;
mod encoder;
mod error;
mod packed;
mod tokenizer;
mod train;
mod window;

pub use bert::{Bert, Input};
pub use checkpoint::load;
pub use config::{Activation, BertConfig};
pub use encoder::{Encoded, TextEncoder};
pub use error::TextError;
pub use packed::pack;
pub use tokenizer::{Token, Tokenizer};
pub use train::{LanguageRecord, StepRecord, TrainConfig, train};
pub use window::{Window, windows};
