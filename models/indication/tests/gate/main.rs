//! The quality gate on synthetic and real series, and the signature of its limits.

mod phantoms;
mod real;
mod series;
mod signed;
