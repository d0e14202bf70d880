//! Bad input gets a named error, and random input keeps the laws.

use hilum_validation::{
    Bootstrap, StatsError, auc_cluster_bootstrap, auc_delong_ci, brier, calibration, delong_paired,
    recalibration, roc_auc, sensitivity_specificity, threshold_at_sensitivity, wilson,
};
use proptest::prelude::*;

#[test]
fn table() {
    let nan = f64::NAN;
    let (two, tf) = ([0.2, 0.7], [false, true]);
    let four = [0.1, 0.2, 0.8, 0.9];
    let ffft = [false, false, false, true];
    let bootstrap = Bootstrap {
        replicates: 100,
        seed: 1,
    };
    let rows: Vec<(Result<f64, StatsError>, &str)> = vec![
        (roc_auc(&two, &[true]), "scores has 2 entries, labels has 1"),
        (roc_auc(&[], &[]), "no cases"),
        (
            roc_auc(&two, &[true, true]),
            "one class only: 2 positives, 0 negatives",
        ),
        (roc_auc(&[0.2, nan], &tf), "score at index 1 is not finite"),
        (
            roc_auc(&[f64::INFINITY, 0.1], &tf),
            "score at index 0 is not finite",
        ),
        (
            auc_delong_ci(&four, &ffft, 0.95).map(|got| got.auc),
            "a variance needs two cases of each class: 1 positives, 3 negatives",
        ),
        (
            auc_delong_ci(&two, &tf, 1.0).map(|got| got.auc),
            "confidence level is 1, must be between 0 and 1",
        ),
        (
            delong_paired(&two, &four, &tf).map(|got| got.p),
            "first scores has 2 entries, second scores has 4",
        ),
        (
            brier(&[0.2, 1.5], &tf),
            "probability 1.5 at index 1 is outside 0 to 1",
        ),
        (
            calibration(&two, &tf, 0).map(|got| got.ece),
            "number of bins is 0, must be at least 1",
        ),
        (
            recalibration(&[0.0, 0.5], &tf, 0.95).map(|got| got.slope),
            "probability 0 at index 0 is outside 0 to 1",
        ),
        (
            recalibration(&four, &[false, false, true, true], 0.95).map(|got| got.slope),
            "logistic recalibration does not converge: the scores separate the classes or do not vary",
        ),
        (
            recalibration(&[0.3, 0.3], &tf, 0.95).map(|got| got.slope),
            "logistic recalibration does not converge: the scores separate the classes or do not vary",
        ),
        (
            threshold_at_sensitivity(&two, &tf, 0.0),
            "target sensitivity is 0, must be above 0, at most 1",
        ),
        (
            sensitivity_specificity(&two, &tf, nan, 0.95).map(|got| got.threshold),
            "threshold is NaN, must be finite",
        ),
        (wilson(3, 2, 0.95).map(|got| got.value), "3 successes of 2 trials"),
        (wilson(0, 0, 0.95).map(|got| got.value), "no cases"),
        (
            auc_cluster_bootstrap(&two, &tf, &["p"], 0.95, bootstrap).map(|got| got.lo),
            "clusters has 1 entries, labels has 2",
        ),
    ];
    for (got, want) in rows {
        assert_eq!(got.unwrap_err().to_string(), want);
    }
    let got = auc_cluster_bootstrap(&two, &tf, &["p", "q"], 0.95, bootstrap);
    assert!(matches!(got, Err(StatsError::TooFewClusters { .. })), "{got:?}");
}

/// Scores on a coarse grid, so that ties are common.
fn cases() -> impl Strategy<Value = (Vec<f64>, Vec<bool>)> {
    prop::collection::vec((0u8..12, any::<bool>()), 4..60).prop_filter_map("two of each class", |cases| {
        let positives = cases.iter().filter(|case| case.1).count();
        (positives >= 2 && cases.len() - positives >= 2).then(|| {
            cases
                .into_iter()
                .map(|(score, label)| (f64::from(score) / 11.0, label))
                .unzip()
        })
    })
}

proptest! {
    /// Against the definition: the mean over all pairs.
    #[test]
    fn auc_is_the_share_of_ordered_pairs((scores, labels) in cases()) {
        let (mut won, mut pairs) = (0.0, 0.0);
        for (p, _) in scores.iter().zip(&labels).filter(|case| *case.1) {
            for (n, _) in scores.iter().zip(&labels).filter(|case| !*case.1) {
                pairs += 1.0;
                won += if p > n { 1.0 } else if p < n { 0.0 } else { 0.5 };
            }
        }
        prop_assert!((roc_auc(&scores, &labels).unwrap() - won / pairs).abs() < 1e-12);
        let interval = auc_delong_ci(&scores, &labels, 0.95).unwrap();
        prop_assert!((interval.auc - won / pairs).abs() < 1e-12);
        prop_assert!(interval.se.is_finite() && interval.lo <= interval.auc && interval.auc <= interval.hi);
    }

    /// Turning the score around mirrors the AUC and keeps its standard error.
    #[test]
    fn mirrored((scores, labels) in cases()) {
        let turned: Vec<f64> = scores.iter().map(|score| -score).collect();
        let (a, b) = (auc_delong_ci(&scores, &labels, 0.9).unwrap(), auc_delong_ci(&turned, &labels, 0.9).unwrap());
        prop_assert!((a.auc + b.auc - 1.0).abs() < 1e-12 && (a.se - b.se).abs() < 1e-12);
    }

    #[test]
    fn threshold_is_the_highest_that_reaches((scores, labels) in cases(), target in 0.01f64..=1.0) {
        let threshold = threshold_at_sensitivity(&scores, &labels, target).unwrap();
        let at = |t| sensitivity_specificity(&scores, &labels, t, 0.95).unwrap().sensitivity.value;
        prop_assert!(at(threshold) >= target - 1e-9);
        prop_assert!(at(threshold.next_up()) < target);
    }
}
