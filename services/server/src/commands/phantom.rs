//! `hilum phantom`

use std::{fs, path::Path, str::FromStr};

use anyhow::{Context as _, bail};
use hilum_domain::{Lobe, NoduleType};
use hilum_phantom::{Attachment, ChestPhantom, FollowUp, Kernel, PhantomOptions, WantedNodule};
use serde_json::json;

use crate::{
    cli::{PhantomArgs, PhantomKernel},
    commands::answer,
};

/// A nodule as the command line writes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoduleArg(WantedNodule);

/// Writes one CT, or two of one patient, with their truth beside them.
pub(crate) fn run(args: &PhantomArgs) -> anyhow::Result<()> {
    let first = ChestPhantom::new(args.seed, &options(args)?)?;
    let truth = match args.days {
        None => {
            write(&first, &args.out.join("ct"))?;
            json!({ "ct": first.truth() })
        }
        Some(interval_days) => {
            let second = first.follow_up(&FollowUp {
                volume_factors: args.growth.clone(),
                new: args.new.iter().map(|nodule| nodule.0).collect(),
                ..FollowUp::unchanged(interval_days)
            })?;
            write(&first, &args.out.join("prior"))?;
            write(&second, &args.out.join("current"))?;
            json!({ "prior": first.truth(), "current": second.truth() })
        }
    };
    let path = args.out.join("truth.json");
    fs::write(&path, serde_json::to_vec_pretty(&truth)?).with_context(|| path.display().to_string())?;
    answer(&format!("SYNTHETIC: {}", path.display()));
    Ok(())
}

fn options(args: &PhantomArgs) -> anyhow::Result<PhantomOptions> {
    let slices = (args.height / args.spacing).round() + 1.0;
    if !(1.0..=f64::from(u16::MAX)).contains(&slices) {
        bail!(
            "--height {} with --spacing {} is no number of slices",
            args.height,
            args.spacing
        );
    }
    Ok(PhantomOptions {
        size: args.size,
        slices: slices as u16,
        slice_spacing_mm: args.spacing,
        slice_thickness_mm: args.thickness,
        tilt_degrees: args.tilt,
        noise_hu: args.noise,
        kernel: match args.kernel {
            PhantomKernel::Soft => Kernel::Soft,
            PhantomKernel::Standard => Kernel::Standard,
            PhantomKernel::Sharp => Kernel::Sharp,
        },
        wanted: args.nodules.iter().map(|nodule| nodule.0).collect(),
        fissures: !args.no_fissures,
        contrast: args.contrast,
        metal: args.metal,
        motion_mm: args.motion,
        age_years: args.age,
        body_part: args.body_part.clone(),
        ..PhantomOptions::default()
    })
}

fn write(phantom: &ChestPhantom, folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    phantom.write_dicom(folder)?;
    Ok(())
}

impl FromStr for NoduleArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split(',').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        let kind: NoduleType = from_wire(kind).ok_or_else(|| {
            format!("{kind:?} is no type: solid, part_solid, ground_glass, calcified or fat")
        })?;
        let diameter = parts.next().unwrap_or_default();
        let diameter_mm = diameter
            .parse()
            .map_err(|_| format!("{diameter:?} is no diameter in mm"))?;
        let mut wanted = WantedNodule::ball(diameter_mm, kind);
        for part in parts {
            let lobe = Lobe::ALL.into_iter().find(|lobe| lobe.as_str() == part);
            let share = |text: &str| {
                text.parse()
                    .map_err(|_| format!("{part:?} wants a number from 0 to 1"))
            };
            if let Some(attachment) = attachment(part) {
                wanted.attachment = attachment;
            } else if lobe.is_some() {
                wanted.lobe = lobe;
            } else if let Some(text) = part.strip_prefix("spiculation=") {
                wanted.spiculation = share(text)?;
            } else if let Some(text) = part.strip_prefix("lobulation=") {
                wanted.lobulation = share(text)?;
            } else {
                return Err(format!(
                    "{part:?} is neither attachment, lobe, spiculation= nor lobulation="
                ));
            }
        }
        Ok(Self(wanted))
    }
}

fn attachment(text: &str) -> Option<Attachment> {
    match text {
        "free" => Some(Attachment::Free),
        "juxtapleural" => Some(Attachment::Juxtapleural),
        "juxtavascular" => Some(Attachment::Juxtavascular),
        "perifissural" => Some(Attachment::Perifissural),
        _ => None,
    }
}

/// The value whose wire form this is.
fn from_wire<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodules_as_written() {
        let NoduleArg(nodule) = "part_solid, 14.5, juxtapleural,LLL,spiculation=0.5"
            .parse()
            .unwrap();
        assert_eq!(nodule.kind, NoduleType::PartSolid);
        assert_eq!(nodule.attachment, Attachment::Juxtapleural);
        assert_eq!(nodule.lobe, Some(Lobe::LeftLower));
        assert!((nodule.diameter_mm - 14.5).abs() < 1e-12 && (nodule.spiculation - 0.5).abs() < 1e-12);
        for (bad, said) in [
            ("", "no type"),
            ("hard,3", "no type"),
            ("solid", "no diameter"),
            ("solid,x", "no diameter"),
            ("solid,3,somewhere", "neither"),
            ("solid,3,lobulation=a", "number"),
        ] {
            let error = bad.parse::<NoduleArg>().unwrap_err();
            assert!(error.contains(said), "{bad:?}: {error}");
        }
    }
}
