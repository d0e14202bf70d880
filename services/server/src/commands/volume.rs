//! `hilum volume`

use std::{path::Path, time::Instant};

use anyhow::{Context as _, bail};
use hilum_domain::Uid;
use hilum_volume::{Interpolation, Kernel, LoadOptions, VolumeReport};

use crate::{
    cli::{KernelName, VolumeArgs},
    commands::{answer, decoder},
    progress::Console,
};

/// Loads a series, resamples it where that is asked for, reports its geometry, writes the volume.
pub(crate) fn run(args: &VolumeArgs) -> anyhow::Result<()> {
    let format = args.out.as_deref().map(Format::of).transpose()?;
    let series_uid = args
        .series
        .as_deref()
        .map(Uid::parse)
        .transpose()
        .context("--series")?;
    let progress = Console::new();
    let start = Instant::now();
    let options = LoadOptions {
        series_uid,
        decoder: Some(decoder()?),
        ..LoadOptions::default()
    };
    let mut series = hilum_volume::load(&args.paths, &options, &progress)?;
    progress.finish();
    let elapsed_ms = start.elapsed().as_secs_f64() * 1000.0;
    if let Some(spacing_mm) = args.isotropic_mm {
        series.volume = series
            .volume
            .isotropic(spacing_mm, args.kernel.into())
            .context("--isotropic-mm")?;
    }
    let report = VolumeReport::new(&series, elapsed_ms);

    if let (Some(file), Some(format)) = (&args.out, format) {
        match format {
            Format::Nifti => hilum_volume::write_nifti(&series.volume, file)?,
            Format::Npy => hilum_volume::write_npy(&series.volume, file)?,
        }
    }
    if args.json {
        answer(&serde_json::to_string(&report)?);
    } else {
        describe(&report);
    }
    Ok(())
}

impl From<KernelName> for Kernel {
    fn from(name: KernelName) -> Self {
        match name {
            KernelName::Linear => Self::Linear,
            KernelName::AntialiasedLinear => Self::AntialiasedLinear,
        }
    }
}

#[derive(Clone, Copy)]
enum Format {
    Nifti,
    Npy,
}

impl Format {
    fn of(file: &Path) -> anyhow::Result<Self> {
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_lowercase();
        let plain = Path::new(name.strip_suffix(".gz").unwrap_or(&name));
        if plain.extension().is_some_and(|extension| extension == "nii") {
            Ok(Self::Nifti)
        } else if file
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("npy"))
        {
            Ok(Self::Npy)
        } else {
            bail!(
                "--out {}: want a name that ends in .nii, .nii.gz or .npy",
                file.display()
            )
        }
    }
}

fn describe(report: &VolumeReport) {
    let [columns, rows, slices] = report.shape_ijk;
    let [x, y, z] = report.spacing_mm;
    answer(&format!(
        "{columns} x {rows} x {slices} voxels of {x:.4} x {y:.4} x {z:.4} mm"
    ));
    answer(&format!(
        "HU from {} to {}, mean {:.2}",
        report.min_hu, report.max_hu, report.mean_hu
    ));
    for interpolation in &report.interpolations {
        answer(&match interpolation {
            Interpolation::Tilt { degrees, .. } => {
                format!("interpolated: gantry tilt of {degrees:.2} degrees")
            }
            Interpolation::Spacing {
                from_mm: [x, y, z], ..
            } => {
                format!("interpolated: from {x:.4} x {y:.4} x {z:.4} mm")
            }
        });
    }
    for file in &report.set_aside {
        answer(&format!("set aside {}: {}", file.file, file.code.as_str()));
    }
    for warning in &report.warnings {
        answer(&format!("warning: {} ({})", warning.text, warning.code.as_str()));
    }
    answer(&format!("{} ms", report.elapsed_ms));
}
