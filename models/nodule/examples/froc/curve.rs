//! Sensitivity against false positives per scan.

use std::collections::HashSet;
use std::path::Path;

/// A candidate that was judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Finding {
    pub(crate) probability: f64,
    /// The nodule that it lies on, counted over all scans; `None` for a false positive.
    pub(crate) nodule: Option<usize>,
}

/// What happens when everything from a probability upwards is reported.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Point {
    pub(crate) probability: f64,
    pub(crate) sensitivity: f64,
    pub(crate) false_positives_per_scan: f64,
}

/// One point per probability, from the highest down.
pub(crate) struct Curve {
    pub(crate) points: Vec<Point>,
}

impl Curve {
    pub(crate) fn new(findings: &[Finding], nodules: usize, scans: usize) -> Self {
        let mut findings = findings.to_vec();
        findings.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        let (mut found, mut false_positives) = (HashSet::new(), 0_usize);
        let mut points: Vec<Point> = Vec::new();
        for finding in findings {
            match finding.nodule {
                Some(nodule) => {
                    found.insert(nodule);
                }
                None => false_positives += 1,
            }
            let point = Point {
                probability: finding.probability,
                sensitivity: found.len() as f64 / nodules.max(1) as f64,
                false_positives_per_scan: false_positives as f64 / scans as f64,
            };
            // Of equal probabilities all are reported or none.
            match points.last_mut() {
                Some(last) if last.probability <= point.probability => *last = point,
                _ => points.push(point),
            }
        }
        Self { points }
    }

    /// The last point with no more false positives per scan than these.
    pub(crate) fn at(&self, false_positives_per_scan: f64) -> Point {
        let nothing = Point {
            probability: 1.0,
            sensitivity: 0.0,
            false_positives_per_scan: 0.0,
        };
        self.points
            .iter()
            .take_while(|point| point.false_positives_per_scan <= false_positives_per_scan)
            .last()
            .copied()
            .unwrap_or(nothing)
    }

    /// Down to ten false positives per scan.
    pub(crate) fn write_csv(&self, path: &Path) -> Result<(), csv::Error> {
        let mut table = csv::Writer::from_path(path)?;
        table.write_record(["probability", "sensitivity", "false_positives_per_scan"])?;
        for point in self
            .points
            .iter()
            .take_while(|point| point.false_positives_per_scan <= 10.0)
        {
            table.write_record(
                [
                    point.probability,
                    point.sensitivity,
                    point.false_positives_per_scan,
                ]
                .map(|value| format!("{value:.5}")),
            )?;
        }
        table.flush()?;
        Ok(())
    }
}
