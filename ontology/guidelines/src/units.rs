//! Quantities with their unit and range in the type.

/// A number outside the range of its quantity.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{value} is outside {allowed}")]
pub struct OutOfRange {
    /// The number.
    pub value: f64,
    /// The range with its unit.
    pub allowed: &'static str,
}

/// A number with a unit that lies in its range.
pub trait Quantity: Copy {
    /// The range with its unit, for people.
    const ALLOWED: &'static str;

    /// Refuses NaN, infinity and what is out of range.
    fn new(value: f64) -> Result<Self, OutOfRange>;

    /// The number in the unit that the type names.
    fn get(self) -> f64;
}

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident, $range:expr, $allowed:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
        pub struct $name(f64);

        impl Quantity for $name {
            const ALLOWED: &'static str = $allowed;

            fn new(value: f64) -> Result<Self, OutOfRange> {
                if ($range).contains(&value) {
                    Ok(Self(value))
                } else {
                    Err(OutOfRange { value, allowed: $allowed })
                }
            }

            fn get(self) -> f64 {
                self.0
            }
        }
    };
}

quantity!(
    /// Age of an adult: the risk models were made from adults only.
    AgeYears, 18.0..=120.0, "18 to 120 years"
);
quantity!(
    /// Time since the last cigarette; 0 for current smokers.
    YearsSinceQuit, 0.0..=110.0, "0 to 110 years"
);
quantity!(
    /// A length in the body.
    Millimetres, 0.01..=500.0, "0.01 to 500 mm"
);
quantity!(
    /// A volume in the body.
    CubicMillimetres, 1e-6..=1e8, "0.000001 to 100000000 mm3"
);
quantity!(
    /// Time between two examinations.
    Days, 1.0 / 24.0..=40_000.0, "one hour to 40000 days"
);
quantity!(
    /// Attenuation.
    Hounsfield, -32_768.0..=65_536.0, "-32768 to 65536 HU"
);
quantity!(
    /// A probability, not in percent.
    Probability, 0.0..=1.0, "0 to 1"
);
impl Probability {
    /// `1 / (1 + exp(-logit))`. Quantities are finite, so a logit made of them is, and `exp` may reach infinity but
    /// never NaN.
    pub(crate) fn of_logit(logit: f64) -> Self {
        Self(1.0 / (1.0 + (-logit).exp()))
    }
}

quantity!(
    /// A plain number of a formula.
    Finite, -1e12..=1e12, "-1e12 to 1e12"
);

/// How many non-calcified nodules a scan shows: a whole number from 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct NoduleCount(f64);

impl Quantity for NoduleCount {
    const ALLOWED: &'static str = "whole numbers from 1 to 10000";

    fn new(value: f64) -> Result<Self, OutOfRange> {
        if (1.0..=10_000.0).contains(&value) && value.fract() == 0.0 {
            Ok(Self(value))
        } else {
            Err(OutOfRange {
                value,
                allowed: Self::ALLOWED,
            })
        }
    }

    fn get(self) -> f64 {
        self.0
    }
}

/// 1 for true, 0 for false, as a factor of a coefficient.
pub(crate) fn indicator(flag: bool) -> f64 {
    f64::from(u8::from(flag))
}

/// Numbers come as decimals: what binary fractions make of them must not move a value across a limit.
const ALLOWANCE: f64 = 1e-9;

/// `value >= limit`, with the allowance for binary fractions.
pub(crate) fn at_least(value: f64, limit: f64) -> bool {
    value >= limit - ALLOWANCE * limit.abs()
}

/// `value > limit`, with the allowance for binary fractions.
pub(crate) fn above(value: f64, limit: f64) -> bool {
    value > limit + ALLOWANCE * limit.abs()
}

/// To the nearest whole number, halves up, with the allowance for binary fractions.
pub(crate) fn round_half_up(value: f64) -> f64 {
    (value + 0.5 + ALLOWANCE * value.abs()).floor()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        for bad in [17.9, 120.1, f64::NAN, f64::INFINITY, -1.0] {
            assert!(AgeYears::new(bad).is_err(), "{bad}");
        }
        assert_eq!(AgeYears::new(18.0).map(Quantity::get), Ok(18.0));
        for bad in [0.0, 1.5, -2.0, f64::NAN] {
            assert!(NoduleCount::new(bad).is_err(), "{bad}");
        }
        assert_eq!(
            Millimetres::new(-3.0).unwrap_err().to_string(),
            "-3 is outside 0.01 to 500 mm"
        );
    }

    #[test]
    fn halves_go_up() {
        // 8.3 + 4.7 is just below 13 in binary.
        for (value, want) in [
            (5.5, 6.0),
            (5.49, 5.0),
            (6.4, 6.0),
            (f64::midpoint(8.3, 4.7), 7.0),
            (0.0, 0.0),
        ] {
            assert!((round_half_up(value) - want).abs() < f64::EPSILON, "{value}");
        }
    }
}
