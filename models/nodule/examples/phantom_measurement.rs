//! Sizes of SYNTHETIC nodules against their truth: `cargo run -p hilum-nodule --example phantom_measurement -- FIRST COUNT [WEIGHTS]`
//!
//! COUNT phantoms from seed FIRST on, nodules of 6 to 20 mm of every type and attachment, outlined by the shipped
//! segmenter, or by that of a file, from 1.5 mm beside the true centre. One CSV line a nodule on standard output, then, after `#`, how many
//! of each type and attachment lie within 5 % of the volume and 0.5 mm of the mean diameter. `mm3_of_true_outline` is
//! what would be measured on an exact outline, `dice` how well ours agrees with that: which of the two is to blame.
#![expect(clippy::print_stdout, reason = "an example prints what it measured")]

use std::collections::BTreeMap;
use std::error::Error;

use hilum_domain::{Lps, NoduleType, VoxelIndex};
use hilum_nodule::{OutlineMethod, Segmentation, Segmenter, measure, segment_lungs};
use hilum_phantom::{Attachment, ChestPhantom, Kernel, NoduleTruth, PhantomOptions, WantedNodule};
use hilum_volume::Volume;

const BESIDE_MM: f64 = 1.5;
const VOLUME_WITHIN: f64 = 0.05;
const DIAMETER_WITHIN_MM: f64 = 0.5;
const NODULES: [(NoduleType, Attachment); 8] = [
    (NoduleType::Solid, Attachment::Free),
    (NoduleType::PartSolid, Attachment::Free),
    (NoduleType::GroundGlass, Attachment::Free),
    (NoduleType::Calcified, Attachment::Free),
    (NoduleType::Solid, Attachment::Juxtapleural),
    (NoduleType::Solid, Attachment::Juxtavascular),
    (NoduleType::Solid, Attachment::Perifissural),
    (NoduleType::GroundGlass, Attachment::Juxtavascular),
];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (first, count, weights) = match &arguments[..] {
        [first, count] => (first, count, hilum_weights::load("segmenter")?.bytes.to_vec()),
        [first, count, file] => (first, count, std::fs::read(file)?),
        _ => return Err("want: FIRST COUNT [WEIGHTS]".into()),
    };
    let (first, count): (u64, u64) = (first.parse()?, count.parse()?);
    let segmenter = Segmenter::from_safetensors(&weights)?;
    println!(
        "seed,nodule,type,attachment,true_mm3,mm3,true_mean_diameter_mm,mean_diameter_mm,measured_type,learned,mm3_of_true_outline,dice"
    );
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for seed in first..first + count {
        scan(seed, &segmenter, &mut tallies)?;
    }
    for (what, tally) in &tallies {
        println!("# SYNTHETIC,{what},{}", tally.line());
    }
    Ok(())
}

/// Measures the nodules of one phantom.
fn scan(
    seed: u64,
    segmenter: &Segmenter,
    tallies: &mut BTreeMap<String, Tally>,
) -> Result<(), Box<dyn Error>> {
    let phantom = ChestPhantom::new(seed, &options(seed))?;
    let truth = phantom.truth();
    let volume = phantom.volume()?;
    let lungs = segment_lungs(&volume)?;
    for (at, nodule) in truth.nodules.iter().enumerate() {
        let tally = tallies
            .entry(format!("{:?},{:?}", nodule.kind, nodule.attachment))
            .or_default();
        tally.nodules += 1;
        let Lps(mut point) = nodule.center_lps_mm;
        point[(seed as usize + at) % 3] += BESIDE_MM;
        // What cannot be outlined has no size: it stays counted, within nothing.
        let Ok(outlined) = segmenter.outline(&volume, &lungs, Lps(point)) else {
            continue;
        };
        let measured = measure(&volume, &outlined.segmentation)?;
        let learned = matches!(outlined.method, OutlineMethod::Learned { .. });
        tally.count(nodule, measured.volume_mm3, measured.mean_diameter_mm, learned);
        let exact = true_outline(&phantom, at, &volume)?;
        println!(
            "{seed},{at},{:?},{:?},{:.1},{:.1},{:.2},{:.2},{:?},{learned},{:.1},{:.3}",
            nodule.kind,
            nodule.attachment,
            nodule.volume_mm3,
            measured.volume_mm3,
            nodule.mean_diameter_mm,
            measured.mean_diameter_mm,
            measured.nodule_type,
            measure(&volume, &exact)?.volume_mm3,
            exact.dice(&outlined.segmentation),
        );
    }
    Ok(())
}

/// Voxels that are at least half nodule.
fn true_outline(
    phantom: &ChestPhantom,
    nodule: usize,
    volume: &Volume,
) -> Result<Segmentation, Box<dyn Error>> {
    let truth = &phantom.truth().nodules[nodule];
    let centre = volume.affine().to_voxel(truth.center_lps_mm);
    let reach = volume
        .spacing_mm()
        .map(|spacing| (1.5 * truth.diameter_mm / 2.0 / spacing).ceil() + 2.0);
    let origin = [0, 1, 2].map(|axis: usize| (centre[axis].round() - reach[axis]).max(0.0) as usize);
    let shape = [2, 1, 0].map(|axis: usize| 2 * reach[axis] as usize + 1);
    let shares = phantom
        .nodule_shares(nodule, VoxelIndex(origin), shape)
        .ok_or("the truth has no such nodule")?;
    Ok(Segmentation::new(
        &shares.mapv(|share| share >= 0.5),
        VoxelIndex(origin),
    )?)
}

/// Sizes, kernels, noise and slice spacing change from seed to seed.
fn options(seed: u64) -> PhantomOptions {
    let diameters = [6.0, 8.0, 10.0, 13.0, 16.0, 20.0, 7.0];
    let wanted = NODULES
        .into_iter()
        .enumerate()
        .map(|(at, (kind, attachment))| {
            let diameter_mm: f64 = diameters[(seed as usize + at) % diameters.len()];
            // The solid core of a part-solid nodule has half its diameter.
            let least = if kind == NoduleType::PartSolid { 10.0 } else { 6.0 };
            WantedNodule {
                attachment,
                lobulation: 0.2 * (seed % 3) as f64,
                ..WantedNodule::ball(diameter_mm.max(least), kind)
            }
        })
        .collect();
    let kernels = [Kernel::Soft, Kernel::Standard, Kernel::Sharp];
    PhantomOptions {
        size: 400,
        slices: 226,
        slice_spacing_mm: 1.25,
        noise_hu: 12.0 + 3.0 * (seed % 5) as f64,
        kernel: kernels[seed as usize % kernels.len()],
        fissures: true,
        wanted,
        ..PhantomOptions::default()
    }
}

/// What was counted for one type and attachment.
#[derive(Default)]
struct Tally {
    nodules: usize,
    learned: usize,
    volume_within: usize,
    diameter_within: usize,
    volume_errors: Vec<f64>,
}

impl Tally {
    fn count(&mut self, truth: &NoduleTruth, volume_mm3: f64, mean_diameter_mm: f64, learned: bool) {
        let volume_error = volume_mm3 / truth.volume_mm3 - 1.0;
        let diameter_error = mean_diameter_mm - truth.mean_diameter_mm;
        self.learned += usize::from(learned);
        self.volume_within += usize::from(volume_error.abs() <= VOLUME_WITHIN);
        self.diameter_within += usize::from(diameter_error.abs() <= DIAMETER_WITHIN_MM);
        self.volume_errors.push(volume_error);
    }

    /// Nodules, learned outlines, within 5 % of the volume, within 0.5 mm of the diameter, median volume error.
    fn line(&self) -> String {
        let mut errors = self.volume_errors.clone();
        errors.sort_by(f64::total_cmp);
        let median = errors
            .get(errors.len() / 2)
            .map_or_else(String::new, |error| format!("{error:.3}"));
        format!(
            "{},{},{},{},{median}",
            self.nodules, self.learned, self.volume_within, self.diameter_within
        )
    }
}
