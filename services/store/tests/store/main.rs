//! The store through its public interface; one program, because linking the database once is enough.

mod crash;
mod folder;
mod ingest;
mod priors;
mod queue;
mod results;
mod sample;
mod tokens;
