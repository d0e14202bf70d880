//! Published calculators for lung nodules: risk models, growth, size categories, measurement formulas.
//!
//! Each calculator is a typed function with its source beside its numbers, and a row of a table through
//! [`Calculator`]. Traps of the domain, settled here once:
//! - Units are types ([`Millimetres`], [`CubicMillimetres`], [`AgeYears`], [`Days`] ...): a value out of range does
//!   not exist, and a column that is missing or out of range is named, never guessed.
//! - The centre of Brock's size term is at 4 mm; nothing is subtracted from the size itself.
//! - Herder takes the Mayo probability from 0 to 1, not in percent.
//! - Exactly 25 % of volume change is growth (or decrease); exactly 50 and 500 mm³ are indeterminate for NELSON.
//! - Fleischner rounds a mean diameter half up to whole millimetres. Lung-RADS does not: never share that rounding.
//! - Limits are compared with an allowance for binary fractions, so that 113.1 to 141.375 mm³ is exactly 25 %.

mod brock;
mod calculator;
mod herder;
mod mayo;
mod measurement;
mod nelson;
mod table;
mod units;
mod va;
mod vdt;
mod window;

pub use brock::{BrockInput, BrockType};
pub use calculator::Calculator;
pub use herder::{FdgUptake, herder};
pub use mayo::MayoInput;
pub use measurement::{
    ellipsoid_volume, equivalent_sphere_diameter, fleischner_mm, mass_mg, mean_diameter, sphere_volume,
};
pub use nelson::{NelsonBaseline, nelson_baseline};
pub use table::{Answer, Case, Cell, Field, Format, TableError, json_lines, read, write_csv};
pub use units::{
    AgeYears, CubicMillimetres, Days, Finite, Hounsfield, Millimetres, NoduleCount, OutOfRange, Probability,
    Quantity, YearsSinceQuit,
};
pub use va::{Smoking, VaInput};
pub use vdt::{BtsGrowth, NelsonGrowth, VolumeChange};
pub use window::{WindowError, window_linear, window_linear_exact, window_sigmoid};
