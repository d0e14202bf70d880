//! How well an outline agrees with the readers, and they with each other.

use hilum_validation::{Bootstrap, BootstrapInterval, mean_cluster_bootstrap};
use ndarray::{Array3, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use super::example::Example;
use crate::NoduleError;
use crate::segmenter::judged;
use crate::segmenter::network::UNet;
use crate::segmenter::walk::{Body, Ground, walk};

/// Nodules of fewer readers have no majority to agree with.
pub(super) const LEAST_READERS: u8 = 3;
/// The seed of the second look: so many pixels beside the first (columns, rows).
const SEED_OFF_PX: [f64; 2] = [3.0, -2.0];
/// The outline begins within this distance of the seed: pixels, pixels, slices.
const REACH: [f64; 3] = [8.0, 8.0, 3.0];

/// One nodule, outlined by the member that has not seen its patient. Dice of volumes, over the slices where readers
/// drew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutlineRecord {
    /// Nodule.
    pub id: String,
    /// Its patient.
    pub patient: String,
    /// Its fold.
    pub fold: u8,
    /// Readers who outlined it.
    pub readers: u8,
    /// Pixels of the strict majority, over all slices.
    pub majority_voxels: usize,
    /// Pixels of the outline; 0 where there is none.
    pub outline_voxels: usize,
    /// Outline against the readers' strict majority.
    pub dice: f64,
    /// The same on the slice where the majority is largest.
    pub dice_largest_slice: f64,
    /// With the seed beside the nodule's centre.
    pub dice_seed_off: f64,
    /// Outline against the majority of all readers but one, mean over readers.
    pub dice_without_one: f64,
    /// A reader against the strict majority of the others, mean over readers.
    pub reader_dice: f64,
    /// The same on the slice where the majority is largest.
    pub reader_dice_largest_slice: f64,
    /// Volumes of the inner and outer outline as shares of the outline's.
    pub inner: f64,
    /// See `inner`.
    pub outer: f64,
    /// Share of readers whose volume lies between inner and outer.
    pub readers_within: f64,
}

/// All nodules together: means with 95 % intervals from resampling patients.
#[derive(Debug, Clone, Serialize)]
pub struct AgreementRecord {
    /// Nodules of three or more readers with a majority.
    pub nodules: usize,
    /// Their patients.
    pub patients: usize,
    /// Without an outline: they count as Dice 0.
    pub not_outlined: usize,
    /// Outline against majority, volume.
    pub dice: BootstrapInterval,
    /// Outline against majority, largest slice.
    pub dice_largest_slice: BootstrapInterval,
    /// The same with the seed 3.6 pixels off the centre, volume.
    pub dice_seed_off: BootstrapInterval,
    /// Reader against the others' majority, volume.
    pub reader_dice: BootstrapInterval,
    /// Reader against the others' majority, largest slice.
    pub reader_dice_largest_slice: BootstrapInterval,
    /// Outline minus reader, volume, paired by nodule.
    pub over_reader: BootstrapInterval,
    /// Outline minus reader, both against the majority without that reader.
    pub over_reader_same_majority: BootstrapInterval,
    /// Volume of the outline over that of the majority, geometric mean of the outlined.
    pub volume_ratio: f64,
    /// Readers whose volume lies between inner and outer outline.
    pub readers_within: BootstrapInterval,
}

impl OutlineRecord {
    /// `None` where the readers agree on no pixel, or all but one do not.
    pub(super) fn of(example: &Example<'_>, member: &UNet) -> Result<Option<Self>, NoduleError> {
        let majority = example.majority_mask();
        let Some(largest) = largest_slice(&majority) else {
            return Ok(None);
        };
        let empty = Array3::from_elem(majority.dim(), false);
        let body = outlined(example, member, [0.0; 2])?;
        let mask = body
            .as_ref()
            .map_or_else(|| empty.clone(), |(mask, _)| mask.clone());
        let off = outlined(example, member, SEED_OFF_PX)?.map_or(empty, |(mask, _)| mask);
        let [inner, outer] = body.as_ref().map_or([0.0; 2], |(_, body)| body.margin());
        let slice = |mask: &Array3<bool>| mask.index_axis(Axis(0), largest).insert_axis(Axis(0)).to_owned();

        let outline_voxels = count(&mask);
        let within = (inner * outline_voxels as f64)..=(outer * outline_voxels as f64);
        let (mut by_reader, mut by_reader_slice, mut without_one, mut inside) =
            (vec![], vec![], vec![], vec![]);
        for reader in 0..example.readers() {
            let (one, others) = (example.reader_mask(reader), example.majority_without(reader));
            by_reader.extend(dice(&one, &others));
            by_reader_slice.extend(dice(&slice(&one), &slice(&others)));
            without_one.extend(dice(&mask, &others));
            inside.push(if within.contains(&(count(&one) as f64)) {
                1.0
            } else {
                0.0
            });
        }
        let Some(reader_dice) = mean(&by_reader) else {
            return Ok(None);
        };
        let nodule = example.nodule;
        Ok(Some(Self {
            id: nodule.id.clone(),
            patient: nodule.patient.clone(),
            fold: nodule.fold,
            readers: example.readers(),
            majority_voxels: count(&majority),
            outline_voxels,
            dice: dice(&mask, &majority).unwrap_or(0.0),
            dice_largest_slice: dice(&slice(&mask), &slice(&majority)).unwrap_or(0.0),
            dice_seed_off: dice(&off, &majority).unwrap_or(0.0),
            dice_without_one: mean(&without_one).unwrap_or(0.0),
            reader_dice,
            reader_dice_largest_slice: mean(&by_reader_slice).unwrap_or(0.0),
            inner,
            outer,
            readers_within: mean(&inside).unwrap_or(0.0),
        }))
    }
}

impl AgreementRecord {
    pub(super) fn of(records: &[OutlineRecord]) -> Result<Self, NoduleError> {
        let patients: Vec<&str> = records.iter().map(|record| record.patient.as_str()).collect();
        let interval = |value: &dyn Fn(&OutlineRecord) -> f64| {
            let values: Vec<f64> = records.iter().map(value).collect();
            let bootstrap = Bootstrap {
                replicates: 2000,
                seed: 1,
            };
            mean_cluster_bootstrap(&values, &patients, 0.95, bootstrap)
        };
        let outlined = records.iter().filter(|record| record.outline_voxels > 0);
        let logs: Vec<f64> = outlined
            .map(|record| (record.outline_voxels as f64 / record.majority_voxels as f64).ln())
            .collect();
        Ok(Self {
            nodules: records.len(),
            patients: patients.iter().collect::<std::collections::BTreeSet<_>>().len(),
            not_outlined: records.len() - logs.len(),
            dice: interval(&|record| record.dice)?,
            dice_largest_slice: interval(&|record| record.dice_largest_slice)?,
            dice_seed_off: interval(&|record| record.dice_seed_off)?,
            reader_dice: interval(&|record| record.reader_dice)?,
            reader_dice_largest_slice: interval(&|record| record.reader_dice_largest_slice)?,
            over_reader: interval(&|record| record.dice - record.reader_dice)?,
            over_reader_same_majority: interval(&|record| record.dice_without_one - record.reader_dice)?,
            volume_ratio: mean(&logs).unwrap_or(0.0).exp(),
            readers_within: interval(&|record| record.readers_within)?,
        })
    }
}

/// What a member outlines on the example's own grid, as on a CT but for the slices: there are only those where
/// readers drew.
fn outlined(
    example: &Example<'_>,
    member: &UNet,
    off_px: [f64; 2],
) -> Result<Option<(Array3<bool>, Body)>, NoduleError> {
    let (slices, rows, columns) = example.tile.hu.dim();
    let ground = Ground {
        hu: example.tile.hu.view(),
        pixel: [1.0; 2],
        stride: 1,
        most_steps: slices + 1,
        reach: REACH,
    };
    let middle = [columns as f64 / 2.0, rows as f64 / 2.0];
    let seed = [
        middle[0] + off_px[0],
        middle[1] + off_px[1],
        (slices - 1) as f64 / 2.0,
    ];
    let judge = |samples: &[f32]| judged(&[member], samples);
    let Ok(body) = walk(&judge, &ground, seed)? else {
        return Ok(None);
    };
    Ok(body.to_segmentation([slices, rows, columns]).map(|found| {
        let mut mask = Array3::from_elem(example.tile.hu.dim(), false);
        for hilum_domain::VoxelIndex([i, j, k]) in found.indices() {
            mask[[k, j, i]] = true;
        }
        (mask, body)
    }))
}

/// Twice the common part over the sum; `None` where both are empty.
fn dice(a: &Array3<bool>, b: &Array3<bool>) -> Option<f64> {
    let common = a.iter().zip(b).filter(|(a, b)| **a && **b).count();
    let both = count(a) + count(b);
    (both > 0).then(|| 2.0 * common as f64 / both as f64)
}

fn count(mask: &Array3<bool>) -> usize {
    mask.iter().filter(|inside| **inside).count()
}

fn largest_slice(mask: &Array3<bool>) -> Option<usize> {
    let area = |slice: ArrayView2<'_, bool>| slice.iter().filter(|inside| **inside).count();
    let areas: Vec<usize> = mask.axis_iter(Axis(0)).map(area).collect();
    let largest = *areas.iter().max()?;
    (largest > 0).then(|| areas.iter().position(|&area| area == largest))?
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
