//! Inputs to a volume.

use std::path::PathBuf;
use std::sync::Arc;

use hilum_codec::FrameDecoder;
use hilum_domain::{Affine, Lps, Progress, Reason, ReasonCode, Uid};
use hilum_gate::Limits;
use ndarray::Array3;
use rayon::prelude::*;
use serde::Serialize;

use crate::error::PixelError;
use crate::header::{InstanceHeader, PatientIdentity};
use crate::layout::Coding;
use crate::modality::Unit;
use crate::slice::{CtImage, CtSlice, DecodedSlice, Examined, examine};
use crate::source::{Found, Origin};
use crate::tilt::Tilt;
use crate::{Volume, VolumeError, VolumeShapeError, Voxels, acquisitions, geometry, series, source};

/// What to load and how much to let in.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// The series to load; the largest when `None`.
    pub series_uid: Option<Uid>,
    /// Bounds for instances and archives.
    pub limits: Limits,
    /// Who decodes compressed pixels; without one only uncompressed and RLE pixels are read.
    pub decoder: Option<Arc<dyn FrameDecoder>>,
}

/// A file that is not part of the volume, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetAside {
    /// Name of the file, relative to the input it was found in.
    pub file: String,
    /// What a program branches on.
    pub code: ReasonCode,
    /// What a person reads.
    pub text: String,
}

/// Where a slice of the volume came from.
#[derive(Debug, Clone, PartialEq)]
pub struct SliceSource {
    /// SOP Instance UID.
    pub sop_instance_uid: Uid,
    /// Name of the file.
    pub file: String,
    /// Number of the frame, from 1, where the instance has several.
    pub frame: Option<u32>,
    /// Centre of its first pixel.
    pub position: Lps,
    /// HU of pixels outside the reconstruction (Pixel Padding Value and Range Limit), lowest and highest.
    /// The voxels hold these values as they are.
    pub padding_hu: Option<[f32; 2]>,
}

/// A volume and what came with it.
#[derive(Debug, Clone)]
pub struct LoadedSeries {
    /// The volume.
    pub volume: Volume,
    /// Files that are not part of it, by name.
    pub set_aside: Vec<SetAside>,
    /// What deserves attention although the volume stands.
    pub warnings: Vec<Reason>,
    /// Whose it is.
    pub patient: PatientIdentity,
    /// Study Date, YYYYMMDD.
    pub study_date: Option<String>,
    /// Body Part Examined.
    pub body_part: Option<String>,
    /// KVP in kilovolts.
    pub kvp: Option<f64>,
    /// Header of the first slice.
    pub header: InstanceHeader,
    /// One for each slice of the volume, in its order; where the file lies, also when the gantry was tilted.
    pub slices: Vec<SliceSource>,
}

/// Loads a CT series from folders (walked without following links, hidden files left out), files and
/// archives (tar, tar.gz, tar.xz, zip; read in memory), in any order.
///
/// Voxels are HU by each slice's own rescale, padding included; geometry is LPS mm measured from
/// `ImagePositionPatient`. Every byte passes [`hilum_gate::prescan`] first. What is no slice of the series is
/// listed in [`LoadedSeries::set_aside`]; a series that is no regular grid is refused.
pub fn load(
    inputs: &[PathBuf],
    options: &LoadOptions,
    progress: &dyn Progress,
) -> Result<LoadedSeries, VolumeError> {
    let found = source::gather(inputs, &options.limits)?;
    assemble(found, options, progress)
}

/// Loads a CT series from instances in memory, each with the name that messages shall call it.
pub fn load_instances(
    instances: impl IntoIterator<Item = (String, Vec<u8>)>,
    options: &LoadOptions,
    progress: &dyn Progress,
) -> Result<LoadedSeries, VolumeError> {
    let found = instances
        .into_iter()
        .map(|(name, bytes)| Found {
            name,
            origin: Origin::Memory(Arc::new(bytes)),
        })
        .collect();
    assemble(found, options, progress)
}

fn assemble(
    found: Vec<Found>,
    options: &LoadOptions,
    progress: &dyn Progress,
) -> Result<LoadedSeries, VolumeError> {
    let limits = &options.limits;
    progress.stage("reading headers", Some(found.len() as u64));
    let examined: Vec<_> = found
        .into_par_iter()
        .map_init(Vec::new, |buffer, found| {
            let examined = examine(found, limits, buffer);
            progress.advance(1);
            examined
        })
        .collect();
    let mut set_aside = Vec::new();
    let mut slices = Vec::new();
    for examined in examined.into_iter().flatten() {
        match examined {
            Ok(slice) => slices.push(slice),
            Err(aside) => set_aside.push(aside),
        }
    }
    let slices = series::choose(slices, options.series_uid.as_ref(), &mut set_aside)?;
    let mut warnings = Vec::new();
    let stack = Stack::build(slices, options, &mut set_aside, &mut warnings)?;
    warn_of_damage(&set_aside, &mut warnings);
    set_aside.sort_by(|a, b| a.file.cmp(&b.file));

    progress.stage("decoding slices", Some(stack.slices.len() as u64));
    let voxels = stack.decode(options, &mut warnings, progress)?;
    let first = &stack.slices[0].0.header;
    let mut volume = Volume::of_series(
        voxels,
        stack.affine,
        first.study_instance_uid.clone(),
        first.series_instance_uid.clone(),
    )?;
    if let Some(tilt) = &stack.tilt {
        volume = tilt.straighten(&volume)?;
        warnings.push(Reason::new(
            ReasonCode::GantryTilt,
            format!(
                "the gantry was tilted by {:.2} degrees: slices were shifted in their planes, with linear interpolation",
                tilt.degrees
            ),
        ));
    }
    Ok(LoadedSeries {
        volume,
        set_aside,
        warnings,
        patient: first.patient.clone(),
        study_date: first.study_date.clone(),
        body_part: first.body_part.clone(),
        kvp: first.kvp,
        header: first.clone(),
        slices: stack.sources(),
    })
}

/// Slices in order, each with its image attributes.
struct Stack {
    slices: Vec<(CtSlice, CtImage)>,
    affine: Affine,
    tilt: Option<Tilt>,
}

impl Stack {
    fn build(
        slices: Vec<Examined>,
        options: &LoadOptions,
        set_aside: &mut Vec<SetAside>,
        warnings: &mut Vec<Reason>,
    ) -> Result<Self, VolumeError> {
        let mut ordered = Vec::with_capacity(slices.len());
        for Examined { slice, image } in slices {
            let coding =
                Coding::of(slice.header.transfer_syntax.as_str()).map_err(|_| slice.unsupported())?;
            if coding == Coding::Codec && options.decoder.is_none() {
                return Err(VolumeError::Pixels {
                    file: slice.name,
                    what: PixelError::NoDecoder,
                });
            }
            ordered.push((slice, image?));
        }
        // Files come in any order: what errors and digests see must not depend on it.
        ordered.sort_by(|(a, _), (b, _)| {
            let key = |slice: &CtSlice| (slice.header.sop_instance_uid.clone(), slice.frame_number());
            key(a).cmp(&key(b))
        });
        geometry::check_equal(&named(&ordered))?;
        let normal = geometry::normal(&ordered[0].1);
        ordered.sort_by(|(_, a), (_, b)| geometry::along(normal, a).total_cmp(&geometry::along(normal, b)));
        let ordered = acquisitions::one(ordered, normal, set_aside, warnings)?;
        let slices = drop_duplicates(ordered, normal, options, warnings)?;
        let geometry::Grid { affine, tilt } = geometry::grid(&named(&slices))?;
        if slices.iter().any(|(_, image)| image.says_synthetic) {
            warnings.push(Reason::new(
                ReasonCode::Synthetic,
                "the series says that it is synthetic (ImageComments)",
            ));
        }
        warn_of_unit(&slices, warnings);
        Ok(Self { slices, affine, tilt })
    }

    /// Decodes every slice into its plane; 32-bit floats as soon as one slice needs them.
    fn decode(
        &self,
        options: &LoadOptions,
        warnings: &mut Vec<Reason>,
        progress: &dyn Progress,
    ) -> Result<Voxels, VolumeError> {
        let layout = self.slices[0].1.format.layout;
        let shape = (
            self.slices.len(),
            usize::from(layout.rows),
            usize::from(layout.columns),
        );
        let pixels = layout.pixels();
        if pixels == 0 {
            return Err(VolumeShapeError::TooSmall([shape.0, shape.1, shape.2]).into());
        }
        self.prove_first(options)?;
        let mut whole = vec![0i16; shape.0 * pixels];
        let decoded: Vec<DecodedSlice> = whole
            .par_chunks_mut(pixels)
            .zip(&self.slices)
            .map_init(Vec::new, |buffer, (plane, (slice, image))| {
                let decoded = slice.decode(&image.format, options, buffer, plane);
                progress.advance(1);
                decoded
            })
            .collect::<Result<_, _>>()?;
        warn_of_sign(&decoded, warnings);
        let too_small = VolumeShapeError::TooSmall([shape.0, shape.1, shape.2]);
        if decoded.iter().all(|slice| slice.fractional.is_none()) {
            let array = Array3::from_shape_vec(shape, whole).map_err(|_| too_small)?;
            return Ok(Voxels::I16(array));
        }
        let mut values: Vec<f32> = whole.into_par_iter().map(f32::from).collect();
        for (plane, own) in values.chunks_exact_mut(pixels).zip(decoded) {
            if let Some(own) = own.fractional {
                plane.copy_from_slice(&own);
            }
        }
        let array = Array3::from_shape_vec(shape, values).map_err(|_| too_small)?;
        Ok(Voxels::F32(array))
    }

    /// Decodes a compressed slice for nothing: rows and columns of a few bytes may declare gigabytes, and how far a
    /// codec packs bounds nothing. Uncompressed and RLE pixels were held against the bytes that are there.
    fn prove_first(&self, options: &LoadOptions) -> Result<(), VolumeError> {
        let (slice, image) = &self.slices[0];
        match Coding::of(slice.header.transfer_syntax.as_str()) {
            Ok(Coding::Codec) => slice.with_stored(&image.format, options, &mut Vec::new(), |_| ()),
            _ => Ok(()),
        }
    }

    fn sources(self) -> Vec<SliceSource> {
        self.slices
            .into_iter()
            .map(|(slice, image)| SliceSource {
                frame: slice.frame_number(),
                sop_instance_uid: slice.header.sop_instance_uid,
                file: slice.name,
                position: image.position,
                padding_hu: image.padding_hu,
            })
            .collect()
    }
}

fn named(slices: &[(CtSlice, CtImage)]) -> Vec<(&str, &CtImage)> {
    slices
        .iter()
        .map(|(slice, image)| (slice.name.as_str(), image))
        .collect()
}

/// Of slices at one position with the same HU one is kept, with a warning; different HU are refused.
fn drop_duplicates(
    ordered: Vec<(CtSlice, CtImage)>,
    normal: [f64; 3],
    options: &LoadOptions,
    warnings: &mut Vec<Reason>,
) -> Result<Vec<(CtSlice, CtImage)>, VolumeError> {
    let mut kept: Vec<(CtSlice, CtImage)> = Vec::with_capacity(ordered.len());
    let mut dropped = 0;
    for (slice, image) in ordered {
        if let Some((previous, previous_image)) = kept.last() {
            let position_mm = geometry::along(normal, &image);
            if geometry::is_same_position(&[geometry::along(normal, previous_image), position_mm]) {
                let same = hu(previous, previous_image, options)? == hu(&slice, &image, options)?;
                if !same {
                    return Err(VolumeError::DuplicateSlice {
                        first: previous.name.clone(),
                        second: slice.name,
                        position_mm,
                    });
                }
                dropped += 1;
                continue;
            }
        }
        kept.push((slice, image));
    }
    if dropped > 0 {
        warnings.push(Reason::new(
            ReasonCode::DuplicateSlice,
            format!("{dropped} slices were there twice with equal pixels; one of each was used"),
        ));
    }
    Ok(kept)
}

fn hu(
    slice: &CtSlice,
    image: &CtImage,
    options: &LoadOptions,
) -> Result<(Vec<i16>, Option<Vec<f32>>), VolumeError> {
    let format = &image.format;
    slice.with_stored(format, options, &mut Vec::new(), |stored| {
        let mut plane = vec![0; format.layout.pixels()];
        let fractional = format.to_hu(stored, &mut plane);
        (plane, fractional)
    })
}

/// Values that are read as HU although the header does not say that they are.
fn warn_of_unit(slices: &[(CtSlice, CtImage)], warnings: &mut Vec<Reason>) {
    for (unit, text) in [
        (
            Unit::Modified,
            "have modified HU (RescaleType HU_MOD): attenuation may differ from that of plain CT",
        ),
        (
            Unit::Unspecified,
            "do not say their unit (RescaleType US): they were read as HU",
        ),
    ] {
        let count = slices
            .iter()
            .filter(|(_, image)| image.format.unit == unit)
            .count();
        if count > 0 {
            warnings.push(Reason::new(
                ReasonCode::RescaleType,
                format!("{count} slices {text}"),
            ));
        }
    }
}

/// Pixel Representation and the codestream disagree: the bits are read as Pixel Representation says.
fn warn_of_sign(decoded: &[DecodedSlice], warnings: &mut Vec<Reason>) {
    let slices = decoded.iter().filter(|slice| slice.sign_mismatch).count();
    if slices > 0 {
        warnings.push(Reason::new(
            ReasonCode::PixelSignMismatch,
            format!("{slices} slices have JPEG 2000 pixels of another sign than PixelRepresentation says, which was believed"),
        ));
    }
}

/// A damaged file may be a slice that is now absent at an end of the volume, where no gap shows it.
fn warn_of_damage(set_aside: &[SetAside], warnings: &mut Vec<Reason>) {
    let harmless = [
        ReasonCode::NotDicom,
        ReasonCode::NotCt,
        ReasonCode::Localizer,
        ReasonCode::OtherSeries,
        ReasonCode::SeveralAcquisitions,
    ];
    let mut damaged = set_aside.iter().filter(|aside| !harmless.contains(&aside.code));
    if let Some(first) = damaged.next() {
        let count = 1 + damaged.count();
        warnings.push(Reason::new(
            first.code,
            format!(
                "{count} files were refused and may have been slices of this series, the first: {}",
                first.file
            ),
        ));
    }
}
