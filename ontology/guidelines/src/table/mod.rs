//! Tables of cases in, answers out.

mod answer;
mod case;
mod inputs;
mod read;

pub use answer::{Answer, Cell, json_lines, write_csv};
pub use case::{Case, Field};
pub(crate) use inputs::{Inputs, Named};
pub use read::{Format, TableError, read};
