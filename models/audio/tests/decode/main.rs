//! Recordings of every kind that recorders and telephones write, made here by the tools that write them.

mod formats;
mod hostile;
mod tools;
