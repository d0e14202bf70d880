//! The synthetic CTs that the detector learns from beside real ones.

use hilum_domain::{NoduleType, Progress};
use hilum_nodule::{KnownNodule, SyntheticCt};
use hilum_phantom::{Attachment, ChestPhantom, Kernel, PhantomOptions, WantedNodule};
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const PHANTOMS: u64 = 8;
/// The curve on phantoms (`models/nodule/examples/froc`) uses smaller seeds.
const FIRST_SEED: u64 = 1_000_000;
const PER_PHANTOM: usize = 16;
/// Length of the scanned chest.
const HEIGHT_MM: f64 = 280.0;
/// Smaller and larger ones than those that are to be found.
const DIAMETERS_MM: std::ops::Range<f64> = 3.5..22.0;

/// Phantoms with nodules of every kind, size and attachment, by several kernels, spacings and doses.
pub(crate) fn make(progress: &dyn Progress) -> anyhow::Result<Vec<SyntheticCt>> {
    progress.stage("drawing phantoms", Some(PHANTOMS));
    (0..PHANTOMS)
        .map(|at| {
            let made = phantom(FIRST_SEED + at);
            progress.advance(1);
            made
        })
        .collect()
}

fn phantom(seed: u64) -> anyhow::Result<SyntheticCt> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let wanted = (0..PER_PHANTOM).map(|_| nodule(&mut rng)).collect();
    let slice_spacing_mm = *[1.25, 2.0, 2.5, 3.0].choose(&mut rng).unwrap_or(&2.5);
    let options = PhantomOptions {
        size: *[320, 400].choose(&mut rng).unwrap_or(&400),
        slices: (HEIGHT_MM / slice_spacing_mm) as u16,
        slice_spacing_mm,
        noise_hu: rng.random_range(6.0..45.0),
        kernel: *[Kernel::Soft, Kernel::Standard, Kernel::Sharp]
            .choose(&mut rng)
            .unwrap_or(&Kernel::Standard),
        fissures: rng.random_bool(0.5),
        contrast: rng.random_bool(0.3),
        wanted,
        ..PhantomOptions::default()
    };
    let phantom = ChestPhantom::new(seed, &options)?;
    let truth = phantom.truth();
    let volume = phantom.volume()?;
    let nodules = truth
        .nodules
        .iter()
        .map(|nodule| KnownNodule {
            center: nodule.center_lps_mm,
            diameter_mm: nodule.diameter_mm,
        })
        .collect();
    Ok(SyntheticCt { volume, nodules })
}

fn nodule(rng: &mut ChaCha8Rng) -> WantedNodule {
    use {Attachment as A, NoduleType as T};
    let kinds = [
        T::Solid,
        T::Solid,
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
        A::Perifissural,
    ];
    let [low, high] = [DIAMETERS_MM.start, DIAMETERS_MM.end].map(f64::ln);
    WantedNodule {
        spiculation: [0.0, 0.0, rng.random_range(0.0..1.0)]
            .choose(rng)
            .copied()
            .unwrap_or(0.0),
        lobulation: [0.0, rng.random_range(0.0..0.8)]
            .choose(rng)
            .copied()
            .unwrap_or(0.0),
        attachment: attachments.choose(rng).copied().unwrap_or(A::Free),
        ..WantedNodule::ball(
            rng.random_range(low..high).exp(),
            kinds.choose(rng).copied().unwrap_or(T::Solid),
        )
    }
}
