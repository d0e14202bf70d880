//! The calculators through tables and through their types.

mod boundary;
mod golden;
mod properties;
mod table;
