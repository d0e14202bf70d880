//! Intervals from resampling patients.
//!
//! Cases of one cluster (nodules of one patient) are drawn together, so that their likeness widens the
//! interval as it should (Field and Welsh, J. R. Statist. Soc. B 69 (2007) 369-390).

use std::collections::HashMap;
use std::hash::Hash;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use crate::StatsError;
use crate::roc::weighted_auc;
use crate::sample::{by_falling_score, check_level, check_two_classes, same_length};

/// How to resample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bootstrap {
    /// Samples to draw; 2000 is usual.
    pub replicates: usize,
    /// Same seed, same interval.
    pub seed: u64,
}

/// An estimate with its percentile interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BootstrapInterval {
    /// The statistic of the cases as they are.
    pub estimate: f64,
    /// Standard deviation of the replicates.
    pub se: f64,
    /// Lower percentile.
    pub lo: f64,
    /// Upper percentile.
    pub hi: f64,
    /// Replicates that the percentiles are taken of.
    pub replicates: usize,
    /// Samples left out because they held one class only.
    pub one_class: usize,
}

/// AUC with a percentile interval from resampling whole clusters; `clusters[i]` is the patient of case `i`.
pub fn auc_cluster_bootstrap<C: Eq + Hash>(
    scores: &[f64],
    labels: &[bool],
    clusters: &[C],
    level: f64,
    bootstrap: Bootstrap,
) -> Result<BootstrapInterval, StatsError> {
    check_two_classes(scores, labels)?;
    let order = by_falling_score(scores);
    resample(clusters, labels.len(), level, bootstrap, |weights| {
        weighted_auc(&order, scores, labels, |case| weights[case])
    })
}

/// Difference of two AUCs on the same cases (first minus second) with a percentile interval from resampling
/// whole clusters.
pub fn auc_difference_cluster_bootstrap<C: Eq + Hash>(
    a: &[f64],
    b: &[f64],
    labels: &[bool],
    clusters: &[C],
    level: f64,
    bootstrap: Bootstrap,
) -> Result<BootstrapInterval, StatsError> {
    same_length("first scores", a.len(), "second scores", b.len())?;
    check_two_classes(a, labels)?;
    check_two_classes(b, labels)?;
    let (order_a, order_b) = (by_falling_score(a), by_falling_score(b));
    resample(clusters, labels.len(), level, bootstrap, |weights| {
        let auc_a = weighted_auc(&order_a, a, labels, |case| weights[case])?;
        let auc_b = weighted_auc(&order_b, b, labels, |case| weights[case])?;
        Some(auc_a - auc_b)
    })
}

/// Mean with a percentile interval from resampling whole clusters; `clusters[i]` is the patient of value `i`.
pub fn mean_cluster_bootstrap<C: Eq + Hash>(
    values: &[f64],
    clusters: &[C],
    level: f64,
    bootstrap: Bootstrap,
) -> Result<BootstrapInterval, StatsError> {
    if let Some(index) = values.iter().position(|value| !value.is_finite()) {
        return Err(StatsError::NotFinite { what: "value", index });
    }
    resample(clusters, values.len(), level, bootstrap, |weights| {
        let total: f64 = weights.iter().sum();
        let sum: f64 = weights
            .iter()
            .zip(values)
            .map(|(weight, value)| weight * value)
            .sum();
        (total > 0.0).then(|| sum / total)
    })
}

/// `statistic` sees how often each case was drawn and answers `None` for a sample of one class.
fn resample<C: Eq + Hash>(
    clusters: &[C],
    cases: usize,
    level: f64,
    bootstrap: Bootstrap,
    statistic: impl Fn(&[f64]) -> Option<f64>,
) -> Result<BootstrapInterval, StatsError> {
    check_level(level)?;
    same_length("clusters", clusters.len(), "labels", cases)?;
    if bootstrap.replicates < 2 {
        return Err(StatsError::BadParameter {
            what: "number of replicates",
            value: bootstrap.replicates as f64,
            range: "at least 2",
        });
    }
    let estimate = statistic(&vec![1.0; cases]).ok_or(StatsError::Empty)?;
    let (cluster_of, count) = numbered(clusters);
    let mut rng = ChaCha8Rng::seed_from_u64(bootstrap.seed);
    let mut values = Vec::with_capacity(bootstrap.replicates);
    let mut drawn = vec![0.0; count];
    let mut weights = vec![0.0; cases];
    for _ in 0..bootstrap.replicates {
        drawn.fill(0.0);
        for _ in 0..count {
            drawn[rng.random_range(0..count)] += 1.0;
        }
        for (weight, &cluster) in weights.iter_mut().zip(&cluster_of) {
            *weight = drawn[cluster];
        }
        values.extend(statistic(&weights));
    }
    let one_class = bootstrap.replicates - values.len();
    // Leaving samples out narrows the interval; beyond one in twenty it says little.
    if one_class * 20 > bootstrap.replicates {
        return Err(StatsError::TooFewClusters {
            one_class,
            replicates: bootstrap.replicates,
        });
    }
    values.sort_by(f64::total_cmp);
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    Ok(BootstrapInterval {
        estimate,
        se: variance.sqrt(),
        lo: percentile(&values, (1.0 - level) / 2.0),
        hi: percentile(&values, f64::midpoint(1.0, level)),
        replicates: values.len(),
        one_class,
    })
}

/// Clusters as numbers in the order of their first case, so that the seed alone decides what is drawn.
fn numbered<C: Eq + Hash>(clusters: &[C]) -> (Vec<usize>, usize) {
    let mut numbers = HashMap::new();
    let cluster_of = clusters
        .iter()
        .map(|cluster| {
            let next = numbers.len();
            *numbers.entry(cluster).or_insert(next)
        })
        .collect();
    (cluster_of, numbers.len())
}

/// Percentile with linear interpolation between order statistics (numpy's default).
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let at = share * (sorted.len() - 1) as f64;
    let below = at.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (at - below as f64) * (sorted[above] - sorted[below])
}
