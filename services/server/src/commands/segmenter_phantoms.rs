//! The synthetic nodules that the segmenter learns from beside the readers'.

use hilum_domain::{NoduleType, Progress, VoxelIndex};
use hilum_nodule::{SyntheticNodule, linear};
use hilum_phantom::{Attachment, ChestPhantom, Kernel, NoduleTruth, PhantomOptions, WantedNodule};
use ndarray::Array3;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const PHANTOMS: u64 = 30;
/// Sizes and growth are measured on smaller seeds, the detector learns from those from 1 000 000 on.
const FIRST_SEED: u64 = 2_000_000;
const PER_PHANTOM: usize = 14;
/// Length of the scanned chest.
const HEIGHT_MM: f64 = 280.0;
const DIAMETERS_MM: std::ops::Range<f64> = 4.5..24.0;
/// Rows and columns of a tile.
const SIDE: usize = 80;
/// The segmenter looks at coarser CTs with pixels of this size.
const COARSEST_MM: f64 = 0.95;
/// Slices beyond each end of a nodule.
const BEYOND: usize = 3;

/// Nodules of every kind, size and attachment, by several kernels, spacings and doses.
pub(crate) fn make(progress: &dyn Progress) -> anyhow::Result<Vec<SyntheticNodule>> {
    progress.stage("drawing phantoms", Some(PHANTOMS));
    let mut nodules = Vec::new();
    for at in 0..PHANTOMS {
        nodules.extend(phantom(FIRST_SEED + at)?);
        progress.advance(1);
    }
    Ok(nodules)
}

fn phantom(seed: u64) -> anyhow::Result<Vec<SyntheticNodule>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let wanted = (0..PER_PHANTOM).map(|_| nodule(&mut rng)).collect();
    let slice_spacing_mm = *[0.8, 1.0, 1.25, 1.25, 2.0, 2.5].choose(&mut rng).unwrap_or(&1.25);
    let options = PhantomOptions {
        size: *[256, 320, 400, 400, 512].choose(&mut rng).unwrap_or(&400),
        slices: (HEIGHT_MM / slice_spacing_mm) as u16,
        slice_spacing_mm,
        noise_hu: rng.random_range(6.0..40.0),
        kernel: *[Kernel::Soft, Kernel::Standard, Kernel::Sharp]
            .choose(&mut rng)
            .unwrap_or(&Kernel::Standard),
        fissures: rng.random_bool(0.8),
        contrast: rng.random_bool(0.2),
        wanted,
        ..PhantomOptions::default()
    };
    let phantom = ChestPhantom::new(seed, &options)?;
    let nodules = phantom.truth().nodules.iter().enumerate();
    Ok(nodules
        .filter_map(|(at, truth)| tile(&phantom, at, truth))
        .collect())
}

/// The nodule in the middle of a tile; `None` for one that the phantom does not have.
fn tile(phantom: &ChestPhantom, at: usize, truth: &NoduleTruth) -> Option<SyntheticNodule> {
    let spacing_mm = phantom.options().pixel_spacing_mm();
    let step = spacing_mm.min(COARSEST_MM) / spacing_mm;
    let [x, y, z] = phantom.affine().to_voxel(truth.center_lps_mm);
    let [slices, rows, columns] = phantom.shape_kji();

    let half = truth.diameter_mm / 2.0 / phantom.options().slice_spacing_mm;
    let first = (z - half).floor().max(0.0) as usize;
    let first = first.saturating_sub(BEYOND);
    let end = ((z + half).ceil() as usize + BEYOND + 1).min(slices);
    // A piece of the CT that holds the tile, whatever its pixels.
    let reach = (SIDE as f64 / 2.0 * step).ceil() as usize + 1;
    let start = |at: f64, size: usize| (at.round() as usize).saturating_sub(reach).min(size - 2 * reach);
    let (i0, j0) = (start(x, columns), start(y, rows));
    let shape = (end - first, 2 * reach, 2 * reach);
    let share = phantom.nodule_shares(at, VoxelIndex([i0, j0, first]), [shape.0, shape.1, shape.2])?;
    let planes: Vec<Vec<i16>> = (first..end).map(|k| phantom.slice_hu(k)).collect();

    let place = |j: usize, i: usize, k: usize| {
        let along = |at: f64, start: usize, pixel: usize| {
            (at - start as f64 + (pixel as f64 - SIDE as f64 / 2.0) * step) as f32
        };
        [along(x.round(), i0, i), along(y.round(), j0, j), k as f32]
    };
    let tile = (shape.0, SIDE, SIDE);
    Some(SyntheticNodule {
        hu: Array3::from_shape_fn(tile, |(k, j, i)| {
            let hu = |[k, j, i]: [usize; 3]| f32::from(planes[k][(j0 + j) * columns + i0 + i]);
            linear(shape, place(j, i, k), hu).round() as i16
        }),
        share: Array3::from_shape_fn(tile, |(k, j, i)| linear(shape, place(j, i, k), |at| share[at])),
    })
}

/// Halos and what touches something are drawn more often than what is easy.
fn nodule(rng: &mut ChaCha8Rng) -> WantedNodule {
    use {Attachment as A, NoduleType as T};
    let kinds = [
        T::Solid,
        T::Solid,
        T::Solid,
        T::PartSolid,
        T::PartSolid,
        T::GroundGlass,
        T::GroundGlass,
        T::Calcified,
    ];
    let attachments = [
        A::Free,
        A::Free,
        A::Juxtapleural,
        A::Juxtavascular,
        A::Juxtavascular,
        A::Perifissural,
    ];
    let [low, high] = [DIAMETERS_MM.start, DIAMETERS_MM.end].map(f64::ln);
    WantedNodule {
        lobulation: rng.random_range(-0.3_f64..0.8).max(0.0),
        attachment: attachments.choose(rng).copied().unwrap_or(A::Free),
        ..WantedNodule::ball(
            rng.random_range(low..high).exp(),
            kinds.choose(rng).copied().unwrap_or(T::Solid),
        )
    }
}
