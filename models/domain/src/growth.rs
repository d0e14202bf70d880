//! How a volume changed: the one place of this arithmetic.

/// Change in percent of the first volume; negative when it shrank. Both in the same unit and above zero.
pub fn volume_change_percent(first_mm3: f64, second_mm3: f64) -> f64 {
    (second_mm3 / first_mm3 - 1.0) * 100.0
}

/// Days in which a volume doubles at the pace between two examinations, `ln 2 * days / ln(V2 / V1)` (modified
/// Schwartz formula); negative, days in which it halves, when it shrank. `None` when it is the same, or when no time
/// passed.
pub fn volume_doubling_time_days(first_mm3: f64, second_mm3: f64, interval_days: f64) -> Option<f64> {
    let log_ratio = (second_mm3 / first_mm3).ln();
    (log_ratio != 0.0 && interval_days > 0.0).then(|| std::f64::consts::LN_2 * interval_days / log_ratio)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table() {
        for (first, second, days, percent, doubling) in [
            (100.0, 200.0, 365.0, 100.0, Some(365.0)),
            (100.0, 125.0, 90.0, 25.0, Some(279.5655)),
            (300.0, 150.0, 180.0, -50.0, Some(-180.0)),
            (250.0, 250.0, 180.0, 0.0, None),
            (100.0, 200.0, 0.0, 100.0, None),
        ] {
            assert!((volume_change_percent(first, second) - percent).abs() < 1e-9);
            match (volume_doubling_time_days(first, second, days), doubling) {
                (Some(got), Some(wanted)) => assert!((got - wanted).abs() < 1e-3, "{got}"),
                (got, wanted) => assert_eq!(got, wanted),
            }
        }
    }
}
