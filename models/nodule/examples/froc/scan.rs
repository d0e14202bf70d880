//! The synthetic CTs of the curve.

use std::error::Error;

use hilum_domain::NoduleType;
use hilum_phantom::{Attachment, ChestPhantom, Kernel, NoduleTruth, PhantomOptions, WantedNodule};
use hilum_volume::Volume;

/// Number of CTs.
pub(crate) const SCANS: usize = 20;
/// Seeds of training begin at 1 000 000.
const FIRST_SEED: u64 = 9_000;
const PER_SCAN: usize = 8;
/// Length of the scanned chest.
const HEIGHT_MM: f64 = 290.0;
const KINDS: [NoduleType; 4] = [
    NoduleType::Solid,
    NoduleType::PartSolid,
    NoduleType::GroundGlass,
    NoduleType::Calcified,
];
const ATTACHMENTS: [Attachment; 5] = [
    Attachment::Free,
    Attachment::Juxtapleural,
    Attachment::Juxtavascular,
    Attachment::Free,
    Attachment::Perifissural,
];
const KERNELS: [Kernel; 3] = [Kernel::Standard, Kernel::Sharp, Kernel::Soft];
const SPACINGS_MM: [f64; 4] = [2.5, 1.25, 2.0, 2.5];
const NOISES_HU: [f64; 3] = [15.0, 22.0, 30.0];

/// CT number `scan` and its truth. Sizes, kinds and attachments go round so that they meet in all combinations:
/// their numbers have no divisor in common with each other.
pub(crate) fn make(scan: usize) -> Result<(Volume, Vec<NoduleTruth>), Box<dyn Error>> {
    let wanted = (0..PER_SCAN)
        .map(|at| {
            let at = scan * PER_SCAN + at;
            WantedNodule {
                // 17 diameters from 4 to 20 mm, in an order that mixes them within a CT.
                spiculation: [0.0, 0.0, 0.6][at % 3],
                lobulation: [0.0, 0.4][at / 3 % 2],
                attachment: ATTACHMENTS[at % ATTACHMENTS.len()],
                ..WantedNodule::ball(4.0 + (at * 5 % 17) as f64, KINDS[at % KINDS.len()])
            }
        })
        .collect();
    let slice_spacing_mm = SPACINGS_MM[scan % SPACINGS_MM.len()];
    let options = PhantomOptions {
        slices: (HEIGHT_MM / slice_spacing_mm) as u16,
        slice_spacing_mm,
        noise_hu: NOISES_HU[scan % NOISES_HU.len()],
        kernel: KERNELS[scan % KERNELS.len()],
        fissures: scan.is_multiple_of(2),
        contrast: scan % 4 == 1,
        wanted,
        ..PhantomOptions::default()
    };
    let phantom = ChestPhantom::new(FIRST_SEED + scan as u64, &options)?;
    let truth = phantom.truth();
    let volume = phantom.volume()?;
    Ok((volume, truth.nodules.clone()))
}
