//! How far probabilities can be taken at their word.

use serde::Serialize;

use crate::StatsError;
use crate::sample::check_probabilities;

/// Reliability of probabilities in bins of equal width.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibration {
    /// Expected calibration error: mean over cases of the gap of their bin.
    pub ece: f64,
    /// Largest gap of any bin with cases.
    pub mce: f64,
    /// The bins, lowest first; bins without cases are there.
    pub bins: Vec<Bin>,
}

/// One bin of a reliability diagram.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bin {
    /// Lower limit, included.
    pub from: f64,
    /// Upper limit, excluded except in the last bin.
    pub to: f64,
    /// Cases in it.
    pub cases: usize,
    /// Mean probability; `None` without cases.
    pub mean_probability: Option<f64>,
    /// Share of positives; `None` without cases.
    pub positive_rate: Option<f64>,
}

/// Mean squared distance of probability and outcome (Brier, Monthly Weather Review 78 (1950) 1-3).
pub fn brier(probabilities: &[f64], labels: &[bool]) -> Result<f64, StatsError> {
    check_probabilities(probabilities, labels)?;
    let squares = probabilities
        .iter()
        .zip(labels)
        .map(|(p, &label)| (p - f64::from(label)).powi(2));
    Ok(squares.sum::<f64>() / labels.len() as f64)
}

/// Mean negative log-likelihood in nats. Infinite when a probability of 0 or 1 turned out wrong.
pub fn log_loss(probabilities: &[f64], labels: &[bool]) -> Result<f64, StatsError> {
    check_probabilities(probabilities, labels)?;
    let losses = probabilities
        .iter()
        .zip(labels)
        .map(|(&p, &label)| -(if label { p } else { 1.0 - p }).ln());
    Ok(losses.sum::<f64>() / labels.len() as f64)
}

/// Expected calibration error over `bins` bins of equal width.
pub fn ece(probabilities: &[f64], labels: &[bool], bins: usize) -> Result<f64, StatsError> {
    Ok(calibration(probabilities, labels, bins)?.ece)
}

/// The reliability diagram over `bins` bins of equal width: bin j holds j/bins <= p < (j+1)/bins, the last
/// one 1 as well.
pub fn calibration(probabilities: &[f64], labels: &[bool], bins: usize) -> Result<Calibration, StatsError> {
    check_probabilities(probabilities, labels)?;
    if bins == 0 {
        return Err(StatsError::BadParameter {
            what: "number of bins",
            value: 0.0,
            range: "at least 1",
        });
    }
    let mut tallies = vec![(0usize, 0.0, 0usize); bins];
    for (&p, &label) in probabilities.iter().zip(labels) {
        let (cases, sum, positives) = &mut tallies[bin_of(p, bins)];
        *cases += 1;
        *sum += p;
        *positives += usize::from(label);
    }
    let bins: Vec<Bin> = (0..bins)
        .zip(&tallies)
        .map(|(j, &(cases, sum, positives))| Bin {
            from: j as f64 / bins as f64,
            to: (j + 1) as f64 / bins as f64,
            cases,
            mean_probability: (cases > 0).then(|| sum / cases as f64),
            positive_rate: (cases > 0).then(|| positives as f64 / cases as f64),
        })
        .collect();
    let gaps = || {
        bins.iter()
            .filter_map(|bin| Some((bin.cases, (bin.mean_probability? - bin.positive_rate?).abs())))
    };
    let ece = gaps().map(|(cases, gap)| cases as f64 * gap).sum::<f64>() / labels.len() as f64;
    let mce = gaps().map(|(_, gap)| gap).fold(0.0, f64::max);
    Ok(Calibration { ece, mce, bins })
}

/// By comparison with the limits, because `0.29 * 100.0` is below 29.
fn bin_of(p: f64, bins: usize) -> usize {
    let mut bin = ((p * bins as f64) as usize).min(bins - 1);
    if bin > 0 && p < bin as f64 / bins as f64 {
        bin -= 1;
    } else if bin + 1 < bins && p >= (bin + 1) as f64 / bins as f64 {
        bin += 1;
    }
    bin
}
