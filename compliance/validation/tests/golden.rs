//! Against scipy 1.17, scikit-learn 1.9 and statsmodels 0.15 on one set of 40 cases with ties.
//!
//! Recipe: `DeLong` by structural components over all pairs; ROC and average precision by
//! `sklearn.metrics`; Brier and log loss likewise; bins by hand; recalibration by `statsmodels` Logit;
//! Wilson by `statsmodels.stats.proportion.proportion_confint`; bootstrap stratified by class, 20 000
//! samples. Closed forms agree to 1e-9, iterative ones to 1e-6, the bootstrap to 0.02.

use hilum_validation::{
    Bootstrap, auc_cluster_bootstrap, auc_delong_ci, auc_difference_cluster_bootstrap, average_precision,
    brier, calibration, delong_paired, ece, log_loss, recalibration, roc_auc, roc_curve,
    sensitivity_specificity, threshold_at_sensitivity, threshold_at_specificity, wilson,
};

const POSITIVES: usize = 16;
const A: [f64; 40] = [
    0.98, 0.9, 0.72, 0.58, 0.6, 0.1, 0.71, 0.55, 0.74, 0.75, 0.96, 0.57, 0.74, 0.99, 0.53, 0.67, 0.6, 0.36,
    0.5, 0.27, 0.34, 0.38, 0.5, 0.35, 0.36, 0.45, 0.04, 0.43, 0.56, 0.58, 0.5, 0.21, 0.5, 0.56, 0.48, 0.25,
    0.45, 0.24, 0.16, 0.53,
];
const B: [f64; 40] = [
    0.82, 0.92, 0.84, 0.5, 0.54, 0.6, 0.49, 0.62, 0.58, 0.56, 0.74, 0.73, 0.65, 0.73, 0.45, 0.56, 0.55, 0.23,
    0.47, 0.33, 0.23, 0.52, 0.48, 0.47, 0.25, 0.48, 0.18, 0.59, 0.33, 0.43, 0.42, 0.17, 0.43, 0.52, 0.53,
    0.24, 0.43, 0.31, 0.44, 0.52,
];

fn labels() -> [bool; 40] {
    std::array::from_fn(|case| case < POSITIVES)
}

#[track_caller]
fn near(got: f64, want: f64, tolerance: f64) {
    assert!((got - want).abs() <= tolerance, "got {got}, want {want}");
}

#[test]
fn delong_of_one_score() {
    for (scores, auc, se, lo) in [
        (
            A,
            0.907_552_083_333_333_4,
            0.061_827_173_652_015_64,
            0.786_373_049_709_479,
        ),
        (B, 0.929_687_5, 0.038_643_841_423_593_23, 0.853_946_962_585_480_2),
    ] {
        let got = auc_delong_ci(&scores, &labels(), 0.95).unwrap();
        near(got.auc, auc, 1e-9);
        near(got.se, se, 1e-9);
        near(got.lo, lo, 1e-9);
        near(got.hi, 1.0, 0.0);
        near(roc_auc(&scores, &labels()).unwrap(), auc, 1e-9);
    }
}

/// Even and odd cases, the two subgroups of the set.
#[test]
fn delong_of_subgroups() {
    for (first, auc, se, lo) in [
        (
            0,
            0.973_958_333_333_333_4,
            0.027_444_622_354_407_54,
            0.920_167_861_949_391_7,
        ),
        (
            1,
            0.838_541_666_666_666_6,
            0.124_585_011_897_073_48,
            0.594_359_530_334_908_5,
        ),
    ] {
        let scores: Vec<f64> = A.into_iter().skip(first).step_by(2).collect();
        let labels: Vec<bool> = labels().into_iter().skip(first).step_by(2).collect();
        let got = auc_delong_ci(&scores, &labels, 0.95).unwrap();
        near(got.auc, auc, 1e-9);
        near(got.se, se, 1e-9);
        near(got.lo, lo, 1e-9);
    }
}

#[test]
fn delong_of_two_scores() {
    let got = delong_paired(&A, &B, &labels()).unwrap();
    near(got.difference, -0.022_135_416_666_666_63, 1e-9);
    near(got.se.powi(2), 0.005_209_129_444_067_029, 1e-9);
    near(got.z, -0.306_693_891_821_896_94, 1e-9);
    near(got.p, 0.759_076_379_496_945_5, 1e-9);
    let same = delong_paired(&A, &A, &labels()).unwrap();
    assert_eq!((same.difference, same.se, same.z, same.p), (0.0, 0.0, 0.0, 1.0));
}

#[test]
fn perfect_separation_has_no_width_and_no_nan() {
    let got = auc_delong_ci(&[0.9, 0.8, 0.2, 0.1], &[true, true, false, false], 0.95).unwrap();
    assert_eq!((got.auc, got.se, got.lo, got.hi), (1.0, 0.0, 1.0, 1.0));
}

#[test]
fn curve() {
    let points = roc_curve(&A, &labels()).unwrap();
    assert_eq!(points.len(), 30);
    for (index, threshold, fpr, tpr) in [
        (0, 0.99, 0.0, 0.0625),
        (9, 0.60, 1.0 / 24.0, 0.6875),
        (15, 0.50, 0.375, 0.9375),
        (28, 0.10, 0.958_333_333_333_333_4, 1.0),
        (29, 0.04, 1.0, 1.0),
    ] {
        near(points[index].threshold, threshold, 0.0);
        near(points[index].false_positive_rate, fpr, 1e-12);
        near(points[index].sensitivity, tpr, 1e-12);
    }
    near(
        average_precision(&A, &labels()).unwrap(),
        0.911_156_898_656_898_6,
        1e-9,
    );
}

#[test]
fn operating_point() {
    let got = sensitivity_specificity(&A, &labels(), 0.5, 0.95).unwrap();
    let counts = (
        got.true_positives,
        got.false_negatives,
        got.false_positives,
        got.true_negatives,
    );
    assert_eq!(counts, (15, 1, 9, 15));
    near(got.sensitivity.lo, 0.716_712_624_297_010_4, 1e-9);
    near(got.sensitivity.hi, 0.988_880_655_235_357_4, 1e-9);
    near(got.specificity.lo, 0.427_099_624_426_742_65, 1e-9);
    near(got.specificity.hi, 0.788_406_324_404_532_3, 1e-9);
}

#[test]
fn thresholds_reach_their_target() {
    for (target, threshold) in [(0.9375, 0.53), (0.9, 0.53), (0.8, 0.57), (1.0, 0.1), (0.01, 0.99)] {
        near(
            threshold_at_sensitivity(&A, &labels(), target).unwrap(),
            threshold,
            0.0,
        );
        let point = sensitivity_specificity(&A, &labels(), threshold, 0.95).unwrap();
        assert!(point.sensitivity.value >= target, "{target}: {point:?}");
    }
    // 23 of 24 negatives lie below 0.60, all of them below 0.67.
    for (target, threshold) in [(23.0 / 24.0, 0.6), (1.0, 0.67), (0.625, 0.5)] {
        near(
            threshold_at_specificity(&A, &labels(), target).unwrap(),
            threshold,
            0.0,
        );
    }
}

#[test]
fn wilson_intervals() {
    for (successes, trials, lo, hi) in [
        (0, 10, 0.0, 0.277_532_799_862_889_26),
        (10, 10, 0.722_467_200_137_110_6, 1.0),
        (1, 10, 0.017_876_213_095_072_924, 0.404_150_026_795_238_54),
        (5, 10, 0.236_593_090_512_563_94, 0.763_406_909_487_436_1),
        (90, 100, 0.825_634_338_495_086_5, 0.944_770_862_939_324_9),
        (0, 300, 0.0, 0.012_642_971_224_546_04),
        (299, 300, 0.981_363_306_305_468_8, 0.999_411_342_278_148_8),
        (1186, 1186, 0.996_771_453_211_504_7, 1.0),
    ] {
        let got = wilson(successes, trials, 0.95).unwrap();
        near(got.lo, lo, 1e-9);
        near(got.hi, hi, 1e-9);
    }
}

#[test]
fn calibration_measures() {
    near(brier(&A, &labels()).unwrap(), 0.164_167_5, 1e-9);
    near(log_loss(&A, &labels()).unwrap(), 0.505_012_266_979_315_1, 1e-9);
    near(ece(&A, &labels(), 10).unwrap(), 0.236_25, 1e-9);
    let got = calibration(&A, &labels(), 10).unwrap();
    near(got.mce, 0.452_5, 1e-9);
    let cases: Vec<usize> = got.bins.iter().map(|bin| bin.cases).collect();
    assert_eq!(cases, [1, 2, 4, 5, 4, 12, 3, 5, 0, 4]);
    near(
        got.bins[5].mean_probability.unwrap(),
        0.538_333_333_333_333_3,
        1e-9,
    );
    near(got.bins[5].positive_rate.unwrap(), 1.0 / 3.0, 1e-9);
    assert_eq!(got.bins[8].mean_probability, None);
}

#[test]
fn recalibration_by_newton() {
    let got = recalibration(&A, &labels(), 0.95).unwrap();
    near(got.slope, 2.085_591_035_829_956_8, 1e-6);
    near(got.slope_lo, 0.523_874_046_237_254_9, 1e-6);
    near(got.slope_hi, 3.647_308_025_422_658_4, 1e-6);
    near(got.intercept, -0.782_627_974_705_522_6, 1e-6);
    near(got.in_the_large, -0.602_711_471_165_458_2, 1e-6);
    near(got.observed_by_expected, 0.773_320_444_659_255_8, 1e-9);
}

/// The golden interval resamples within classes; here the share of classes varies too, which widens it less
/// than the tolerance.
#[test]
fn bootstrap_with_a_cluster_per_case() {
    let clusters: Vec<usize> = (0..40).collect();
    let bootstrap = Bootstrap {
        replicates: 20_000,
        seed: 7,
    };
    let got = auc_cluster_bootstrap(&A, &labels(), &clusters, 0.95, bootstrap).unwrap();
    near(got.estimate, 0.907_552_083_333_333_4, 1e-9);
    near(got.lo, 0.774_739_583_333_333_4, 0.02);
    near(got.hi, 0.993_489_583_333_333_4, 0.02);
    near(got.se, 0.061_8, 0.005);
    let again = auc_cluster_bootstrap(&A, &labels(), &clusters, 0.95, bootstrap).unwrap();
    assert_eq!(got, again);
    let difference = auc_difference_cluster_bootstrap(&A, &B, &labels(), &clusters, 0.95, bootstrap).unwrap();
    near(difference.lo, -0.163_594, 0.03);
    near(difference.hi, 0.119_324, 0.03);
}

/// Each case three times in one cluster carries no new information: the interval must stay as wide.
#[test]
fn clusters_keep_copies_from_narrowing_the_interval() {
    let bootstrap = Bootstrap {
        replicates: 4000,
        seed: 7,
    };
    let single: Vec<usize> = (0..40).collect();
    let thrice = |values: &[f64]| -> Vec<f64> { values.iter().flat_map(|&v| [v; 3]).collect() };
    let labels3: Vec<bool> = labels().into_iter().flat_map(|l| [l; 3]).collect();
    let clusters3: Vec<usize> = (0..40).flat_map(|c| [c; 3]).collect();
    let one = auc_cluster_bootstrap(&A, &labels(), &single, 0.95, bootstrap).unwrap();
    let three = auc_cluster_bootstrap(&thrice(&A), &labels3, &clusters3, 0.95, bootstrap).unwrap();
    near(three.lo, one.lo, 1e-12);
    near(three.hi, one.hi, 1e-12);
    let naive: Vec<usize> = (0..120).collect();
    let naive = auc_cluster_bootstrap(&thrice(&A), &labels3, &naive, 0.95, bootstrap).unwrap();
    assert!(naive.se < 0.7 * one.se, "{naive:?} {one:?}");
}
