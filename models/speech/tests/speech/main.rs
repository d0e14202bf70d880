//! whisper.cpp with a network of random weights, which says nothing that means anything, and real Silero where it is.

mod files;
mod gate;
mod recordings;
mod sound;
mod tiny;
