//! The calculators by name, for tables of cases.

use crate::table::{Answer, Case, Cell, Inputs};
use crate::{brock, herder, mayo, measurement, nelson, va, vdt};

/// A calculator that answers rows of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calculator {
    /// Brock 2b and 2a.
    Brock,
    /// Mayo.
    Mayo,
    /// Veterans Affairs.
    Va,
    /// Herder from a Mayo probability.
    Herder,
    /// Mayo, then Herder.
    HerderChain,
    /// Volume change, doubling time, growth classes.
    Vdt,
    /// NELSON category at baseline.
    Nelson,
    /// Formulas of size, attenuation, mass and display.
    Measurement,
}

impl Calculator {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Brock,
        Self::Mayo,
        Self::Va,
        Self::Herder,
        Self::HerderChain,
        Self::Vdt,
        Self::Nelson,
        Self::Measurement,
    ];

    /// The array of tables that holds the cases in TOML.
    pub const fn toml_key(self) -> &'static str {
        match self {
            Self::Brock | Self::Vdt | Self::Nelson | Self::Measurement => "case",
            Self::Mayo => "mayo_case",
            Self::Va => "va_case",
            Self::Herder => "herder_case",
            Self::HerderChain => "herder_chain_case",
        }
    }

    /// Names of the computed columns.
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Brock => brock::COLUMNS,
            Self::Mayo => mayo::COLUMNS,
            Self::Va => va::COLUMNS,
            Self::Herder => herder::COLUMNS,
            Self::HerderChain => herder::CHAIN_COLUMNS,
            Self::Vdt => vdt::COLUMNS,
            Self::Nelson => nelson::COLUMNS,
            Self::Measurement => measurement::COLUMNS,
        }
    }

    /// Computes one row: a cell for each column, and what is missing or out of range. Columns of results are not read.
    pub fn answer(self, case: &Case) -> Answer {
        let mut inputs = Inputs::new(case);
        let cells: Vec<Cell> = match self {
            Self::Brock => brock::answer(&mut inputs),
            Self::Mayo => mayo::answer(&mut inputs),
            Self::Va => va::answer(&mut inputs),
            Self::Herder => herder::answer(&mut inputs),
            Self::HerderChain => herder::answer_chain(&mut inputs),
            Self::Vdt => vdt::answer(&mut inputs),
            Self::Nelson => nelson::answer(&mut inputs),
            Self::Measurement => measurement::answer(&mut inputs),
        };
        Answer {
            id: inputs.id(),
            cells,
            reason: inputs.reason(),
        }
    }
}
