//! The statistics of a validation: discrimination, calibration, operating points and their uncertainty.
//!
//! Pure functions over scores (`&[f64]`, higher means more suspicious) and labels (`&[bool]`, true means
//! positive), in the same order. Traps, settled here once:
//! - A threshold calls positive what scores **at least** the threshold; ties count one half in an AUC.
//! - An AUC needs both classes: [`StatsError::OneClass`], never NaN.
//! - `DeLong` and Wilson take cases as independent. Nodules of one patient are not: what is reported about
//!   nodules uses the patients as clusters ([`auc_cluster_bootstrap`], [`auc_difference_cluster_bootstrap`]).
//! - Brier score and calibration error ask for probabilities; AUC takes any finite score.
//!
//! Checked against numbers from scipy, scikit-learn and statsmodels in `tests/golden.rs`.

mod bootstrap;
mod calibration;
mod delong;
mod error;
mod normal;
mod operating_point;
mod proportion;
mod recalibration;
mod roc;
mod sample;

pub use bootstrap::{
    Bootstrap, BootstrapInterval, auc_cluster_bootstrap, auc_difference_cluster_bootstrap,
    mean_cluster_bootstrap,
};
pub use calibration::{Bin, Calibration, brier, calibration, ece, log_loss};
pub use delong::{AucInterval, PairedAuc, auc_delong_ci, delong_paired};
pub use error::StatsError;
pub use operating_point::{
    OperatingPoint, sensitivity_specificity, threshold_at_sensitivity, threshold_at_specificity,
};
pub use proportion::{Proportion, wilson};
pub use recalibration::{Recalibration, recalibration};
pub use roc::{RocPoint, average_precision, roc_auc, roc_curve};
