//! A nodule of the cohort as a volume with the readers' majority outline.

use hilum_cohort::{Nodule, TILE_SIDE};
use hilum_domain::{Affine, Lps, Sha256, Uid, VoxelIndex};
use hilum_nodule::Segmentation;
use hilum_volume::{Volume, Voxels};
use ndarray::Array3;

/// Scanners' pixels lie between these.
const PIXEL_MM: std::ops::RangeInclusive<f64> = 0.3..=1.2;
/// A volume has no fewer slices; what is added is lung.
const LEAST_SLICES: usize = 3;
const LUNG_HU: f32 = -850.0;

/// Pixel spacing that makes the mean area of the readers' outlines times slice distance the volume of the table;
/// `None` without a volume, slice positions or a plausible answer.
pub(crate) fn pixel_spacing_mm(nodule: &Nodule) -> Option<f64> {
    let pixels: u32 = nodule
        .slices
        .iter()
        .flat_map(|slice| slice.mask.iter())
        .map(|bits| bits.count_ones())
        .sum();
    let pixels = f64::from(pixels) / f64::from(nodule.n_masks);
    let spacing = (nodule.volume_mm3? / (pixels * slice_distance_mm(nodule)?)).sqrt();
    PIXEL_MM.contains(&spacing).then_some(spacing)
}

/// HU by the estimated maps and the pixels that more than half of the outlines hold; `None` when there are none.
pub(crate) fn rebuild(
    nodule: &Nodule,
    pixel_mm: f64,
) -> Result<Option<(Volume, Segmentation)>, Box<dyn std::error::Error>> {
    let slices = nodule.slices.len();
    let side = (slices.max(LEAST_SLICES), TILE_SIDE, TILE_SIDE);
    let mut hu = Array3::from_elem(side, LUNG_HU);
    let mut mask = Array3::from_elem(side, false);
    for (k, slice) in nodule.slices.iter().enumerate() {
        let map = slice
            .hu_map
            .ok_or("the cohort has no slices.csv: HU cannot be estimated")?;
        for at in 0..TILE_SIDE * TILE_SIDE {
            let place = [k, at / TILE_SIDE, at % TILE_SIDE];
            hu[place] = map.hu(slice.tile[at]);
            mask[place] = 2 * slice.mask[at].count_ones() > u32::from(nodule.n_masks);
        }
    }
    let Ok(outline) = Segmentation::new(&mask, VoxelIndex([0; 3])) else {
        return Ok(None);
    };
    let distance = slice_distance_mm(nodule).ok_or("a nodule without slice positions")?;
    let affine = Affine::new(
        [pixel_mm, 0.0, 0.0],
        [0.0, pixel_mm, 0.0],
        [0.0, 0.0, distance],
        Lps([0.0; 3]),
    )?;
    let uid = || Uid::derived(&Sha256::of(nodule.id.as_bytes()));
    let volume = Volume::new(
        Voxels::F32(hu),
        affine,
        uid(),
        uid(),
        Sha256::of(nodule.id.as_bytes()),
    )?;
    Ok(Some((volume, outline)))
}

/// Median distance between neighbouring slices.
fn slice_distance_mm(nodule: &Nodule) -> Option<f64> {
    let z: Vec<f64> = nodule.slices.iter().filter_map(|slice| slice.z_mm).collect();
    let mut gaps: Vec<f64> = z.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    gaps.sort_by(f64::total_cmp);
    gaps.get(gaps.len() / 2).copied().filter(|gap| *gap > 0.0)
}
