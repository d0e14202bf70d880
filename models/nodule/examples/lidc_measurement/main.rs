//! Measurements on the LIDC nodules of the development folds against their readers.
//!
//! `HILUM_DATA=... cargo run --release -p hilum-nodule --example lidc_measurement [TABLE.csv]`
//!
//! Outlines are the readers' own strict majority; HU are estimated per slice (`slices.csv`) and pixel spacing follows
//! from the readers' volume, so this judges the definitions, not the scanner or the segmentation. Limits of the
//! type are chosen on six folds and judged on the seventh. Everything is printed; the table holds one line per nodule.

#![expect(clippy::print_stdout, reason = "the numbers are what it is for")]
#![expect(
    clippy::items_after_statements,
    clippy::type_complexity,
    reason = "a type beside its one use"
)]
#![expect(clippy::float_cmp, reason = "equal values share a rank")]

mod agreement;
mod body;
mod statistics;

use std::io::Write as _;
use std::path::PathBuf;

use hilum_cohort::{Characteristic, Cohort, Nodule};
use hilum_nodule::{AttenuationProfile, Measurement, measure};

/// Nodules with fewer readers have no majority worth the name.
const LEAST_READERS: usize = 3;

/// One nodule with its readers' ratings and our measurement.
pub(crate) struct Case<'a> {
    pub(crate) nodule: &'a Nodule,
    pub(crate) profile: AttenuationProfile,
    pub(crate) measured: Measurement,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Some(data) = std::env::var_os("HILUM_DATA") else {
        return Err("HILUM_DATA is not set: the folder that holds lidc_nodules".into());
    };
    let cohort = Cohort::open(&PathBuf::from(data).join("lidc_nodules"))?;
    let eligible: Vec<&Nodule> = cohort
        .nodules()
        .iter()
        .filter(|nodule| nodule.n_readers() >= LEAST_READERS)
        .collect();
    let mut cases = Vec::new();
    let (mut without_size, mut without_majority) = (0, 0);
    let mut slowest_ms = 0.0_f64;
    let mut total_ms = 0.0;
    for &nodule in &eligible {
        let Some(pixel_mm) = body::pixel_spacing_mm(nodule) else {
            without_size += 1;
            continue;
        };
        let Some((volume, outline)) = body::rebuild(nodule, pixel_mm)? else {
            without_majority += 1;
            continue;
        };
        let start = std::time::Instant::now();
        let measured = measure(&volume, &outline)?;
        let spent = start.elapsed().as_secs_f64() * 1000.0;
        slowest_ms = slowest_ms.max(spent);
        total_ms += spent;
        let profile = AttenuationProfile::of(&volume, &outline)?;
        cases.push(Case {
            nodule,
            profile,
            measured,
        });
    }
    println!(
        "folds 0-6, {LEAST_READERS} or more readers: {} nodules; {without_size} without a volume and \
         {without_majority} without a pixel of a strict majority left out; {} measured, {:.1} ms each, slowest {slowest_ms:.1} ms",
        eligible.len(),
        cases.len(),
        total_ms / cases.len() as f64,
    );
    agreement::types(&cases);
    agreement::calcified(&cases);
    shapes(&cases);
    if let Some(path) = std::env::args_os().nth(1) {
        table(&cases, &PathBuf::from(path))?;
    }
    Ok(())
}

/// Spearman's correlation of each shape index with the mean of the readers' ratings.
fn shapes(cases: &[Case<'_>]) {
    println!("\nSpearman's rho with the mean rating (95 % interval by patients):");
    type Index = fn(&Measurement) -> f64;
    let rows: [(&str, Index, Characteristic); 5] = [
        ("sphericity", |m| m.shape.sphericity, Characteristic::Sphericity),
        (
            "spiculation_index",
            |m| m.shape.spiculation_index,
            Characteristic::Spiculation,
        ),
        (
            "1 - sphericity",
            |m| 1.0 - m.shape.sphericity,
            Characteristic::Spiculation,
        ),
        (
            "lobulation_index",
            |m| m.shape.lobulation_index,
            Characteristic::Lobulation,
        ),
        (
            "mean_diameter_mm",
            |m| m.mean_diameter_mm,
            Characteristic::Spiculation,
        ),
    ];
    let patients: Vec<&str> = cases.iter().map(|case| case.nodule.patient.as_str()).collect();
    for (name, index, characteristic) in rows {
        let pairs: Vec<(f64, f64)> = cases
            .iter()
            .filter_map(|case| {
                Some((
                    index(&case.measured),
                    case.nodule.characteristic_mean(characteristic)?,
                ))
            })
            .collect();
        let [rho, low, high] = statistics::with_interval(&patients, |picked| {
            let (a, b): (Vec<f64>, Vec<f64>) = picked.iter().map(|&at| pairs[at]).unzip();
            statistics::spearman(&a, &b)
        });
        println!(
            "  {name:<18} {:<12} {rho:+.3} ({low:+.3} to {high:+.3}), {} nodules",
            characteristic.column(),
            pairs.len()
        );
    }
}

fn table(cases: &[Case<'_>], path: &std::path::Path) -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::fs::File::create(path)?);
    writeln!(
        out,
        "id,fold,texture,calcification,type,diameter_mm,volume_mm3,mean_hu,solid_fraction,sphericity,spiculation_index,\
         lobulation_index,q50_hu,q90_hu"
    )?;
    for Case {
        nodule,
        profile,
        measured: m,
    } in cases
    {
        let ratings = |of: Characteristic| {
            let all: Vec<String> = nodule
                .readings
                .iter()
                .map(|reading| reading.of(of).to_string())
                .collect();
            all.join("|")
        };
        writeln!(
            out,
            "{},{},{},{},{:?},{:.2},{:.1},{:.1},{:.4},{:.4},{:.4},{:.4},{:.0},{:.0}",
            nodule.id,
            nodule.fold,
            ratings(Characteristic::Texture),
            ratings(Characteristic::Calcification),
            m.nodule_type,
            m.mean_diameter_mm,
            m.volume_mm3,
            m.mean_hu,
            m.solid_fraction,
            m.shape.sphericity,
            m.shape.spiculation_index,
            m.shape.lobulation_index,
            profile.quantile_hu(0.5),
            profile.quantile_hu(0.9),
        )?;
    }
    out.flush()
}
