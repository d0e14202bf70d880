//! The flow: a CT series becomes a result, a result becomes facts, facts become the graph.
//!
//! [`Engine`] is what `hilum score` and the server share, so their answers are equal. Blocking work leaves the async
//! threads in one place, [`Inference`].

mod engine;
mod evidence;
pub mod facts;
pub mod feed;
mod free_cores;
mod inference;
pub mod picture;
mod prior;
mod quality;
mod renderer;
mod surroundings;
mod worker;

pub use engine::{Analysis, Engine, EngineError, Request, load_segmenter};
pub use free_cores::free_cores;
pub use inference::{Inference, InferenceError};
pub use prior::Prior;
pub use renderer::{RenderError, Renderer};
pub use worker::Worker;
