//! Rank correlation and intervals by resampling patients.

use std::collections::BTreeMap;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

const RESAMPLES: usize = 2000;
const SEED: u64 = 20_240_601;

/// A statistic over all cases and its 2.5 % and 97.5 % percentiles when whole patients are drawn with replacement.
/// Draws for which it is not finite (a class is missing) are left out.
pub(crate) fn with_interval(patients: &[&str], statistic: impl Fn(&[usize]) -> f64) -> [f64; 3] {
    let mut by_patient: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, patient) in patients.iter().enumerate() {
        by_patient.entry(patient).or_default().push(at);
    }
    let groups: Vec<&Vec<usize>> = by_patient.values().collect();
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut values: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let picked: Vec<usize> = (0..groups.len())
                .flat_map(|_| groups[rng.random_range(0..groups.len())].iter().copied())
                .collect();
            statistic(&picked)
        })
        .filter(|value| value.is_finite())
        .collect();
    values.sort_by(f64::total_cmp);
    let all: Vec<usize> = (0..patients.len()).collect();
    let percentile = |share: f64| values[(share * (values.len() - 1) as f64).round() as usize];
    [statistic(&all), percentile(0.025), percentile(0.975)]
}

/// Spearman's rank correlation, ties at their mean rank.
pub(crate) fn spearman(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (ranks(a), ranks(b));
    let mean = f64::midpoint(a.len() as f64, 1.0);
    let product =
        |x: &[f64], y: &[f64]| -> f64 { x.iter().zip(y).map(|(x, y)| (x - mean) * (y - mean)).sum() };
    product(&a, &b) / (product(&a, &a) * product(&b, &b)).sqrt()
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let first = ranks_before(&order, tied);
        for &at in tied {
            ranks[at] = first as f64 + f64::midpoint(tied.len() as f64, 1.0);
        }
    }
    ranks
}

/// Number of cases before a run of ties.
fn ranks_before(order: &[usize], tied: &[usize]) -> usize {
    order.iter().position(|at| *at == tied[0]).unwrap_or(0)
}
