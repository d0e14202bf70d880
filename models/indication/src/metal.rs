//! Metal in the body.

use ndarray::{ArrayView3, Axis};
use rayon::prelude::*;

/// Above cortical bone and enamel (about 2000), at the ceiling of 12-bit CT (3071).
const METAL_FROM_HU: i16 = 2500;
/// Fat, lung surface and everything denser; the air around the patient and in the lungs does not count.
const BODY_FROM_HU: i16 = -300;

/// Voxels of 2500 HU and more, as a share of the voxels of the body (-300 HU and more; the table counts as body).
///
/// Contrast medium that flows in undiluted is as bright and streaks as metal does; HU do not tell the two apart.
/// `hu` is `[slice][row][column]`. `None` when nothing in the volume is as dense as a body.
pub fn metal_share(hu: ArrayView3<'_, i16>) -> Option<f64> {
    let (metal, body) = hu
        .axis_iter(Axis(0))
        .into_par_iter()
        .map(|slice| {
            slice.iter().fold((0_u64, 0_u64), |(metal, body), &hu| {
                (
                    metal + u64::from(hu >= METAL_FROM_HU),
                    body + u64::from(hu >= BODY_FROM_HU),
                )
            })
        })
        .reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    (body > 0).then(|| metal as f64 / body as f64)
}
