//! What a nodule is trained towards: the readers' votes, softened where they differ.

use hilum_cohort::{Characteristic, Nodule};
use tch::{Kind, Reduction, Tensor};

use crate::FusionError;

/// Targets in 0..1, malignancy first, then the characteristics; `None` without a reading.
///
/// Malignancy is the mean vote: 0 below 3, a half at 3, 1 above. A characteristic is its mean rating, from its lowest
/// to its highest.
pub(crate) fn targets(nodule: &Nodule) -> Option<Vec<f32>> {
    let votes = nodule.readings.iter().map(|reading| match reading.malignancy {
        ..3 => 0.0,
        3 => 0.5,
        _ => 1.0,
    });
    let n = nodule.readings.len();
    if n == 0 {
        return None;
    }
    let mut targets = vec![votes.sum::<f32>() / n as f32];
    for characteristic in Characteristic::ALL {
        let mean = nodule.characteristic_mean(characteristic)?;
        let share = (mean - 1.0) / f64::from(characteristic.max_rating() - 1);
        targets.push(share.min(1.0) as f32);
    }
    Some(targets)
}

/// How much a nodule counts: one reader's opinion is half as sure as four.
pub(crate) fn weight(nodule: &Nodule) -> f32 {
    (nodule.readings.len().min(4) as f32 / 4.0).sqrt()
}

/// The rating that an answer in 0..1 stands for.
pub(crate) fn rating(characteristic: Characteristic, answer: f64) -> f64 {
    1.0 + answer * f64::from(characteristic.max_rating() - 1)
}

/// Weighted cross-entropy against soft targets `[batch, questions]`: malignancy plus `characteristics_weight` times
/// the mean over the others.
pub(crate) fn loss(
    logits: &Tensor,
    targets: &Tensor,
    weights: &Tensor,
    characteristics_weight: f64,
) -> Result<Tensor, FusionError> {
    let each = logits
        .f_binary_cross_entropy_with_logits(targets, None::<Tensor>, None::<Tensor>, Reduction::None)?
        .f_mul(&weights.f_unsqueeze(-1)?)?
        .f_mean_dim(0i64, false, None::<Kind>)?;
    let others = each.f_narrow(0, 1, each.size()[0] - 1)?.f_mean(None::<Kind>)?;
    Ok(each
        .f_get(0)?
        .f_add(&others.f_mul_scalar(characteristics_weight)?)?)
}
