//! Slices to one regular grid.
//!
//! Slices are ordered along the normal (row x column) and spacing is measured from their positions;
//! `SliceThickness` and `InstanceNumber` say nothing about where a slice lies.
//!
//! | the slices | what becomes of them | code |
//! |---|---|---|
//! | in any order, oblique, feet first | a volume; its affine says how it lies | - |
//! | thicker than they are apart (overlapping) | a volume of that spacing | - |
//! | sheared by 0.5 to 35 degrees (gantry tilt) | shifted in their planes, with a warning | `gantry_tilt` |
//! | sheared by more | refused | `gantry_tilt` |
//! | some missing inside | refused: a gap that is filled hides what lay there | `missing_slice` |
//! | two at one position, same HU | one is used, with a warning | `duplicate_slice` |
//! | two at one position, other HU | refused | `duplicate_slice` |
//! | several acquisitions of the same region | the largest, with a warning; refused when none is | `several_acquisitions` |
//! | several spacings | refused: half of it would be invented | `irregular_spacing` |
//! | of several sizes, orientations, pixel spacings; one moved sideways | refused | `inconsistent_slices` |
//! | of another series | the largest is used, others set aside; refused when two are alike | `other_series`, `mixed_series` |
//! | localizers | set aside | `localizer` |
//! | in colour, or entries of a palette | refused | `colour_image` |
//! | in another unit than HU (Rescale Type) | refused | `rescale_type` |
//! | in modified HU, or in no unit that is said | a volume, with a warning | `rescale_type` |
//! | fewer than three | refused | `too_few_slices` |

use hilum_domain::Affine;

use crate::VolumeError;
use crate::slice::CtImage;
use crate::tilt::Tilt;

/// Two slices closer than this lie at the same position: below the precision of any scanner's table.
const SAME_POSITION_MM: f64 = 0.01;

/// A slice may lie this far off the regular grid, or [`OFF_GRID_FRACTION`] of the spacing, whichever is more.
///
/// Some scanners write positions with one decimal: 0.05 mm for the slice itself, and as much for the slices at the
/// ends, which span the grid. That is a sixth of the thinnest usual voxel. A wrong or missing slice is off by
/// half a spacing or more.
const OFF_GRID_MM: f64 = 0.1;
const OFF_GRID_FRACTION: f64 = 0.02;

/// Direction cosines may differ by this between slices: over 512 pixels of 0.7 mm it moves the last pixel by
/// 0.04 mm.
const SAME_DIRECTION: f64 = 1e-4;

/// A shear below this moves a slice by less than 1 % of the spacing and stays exactly described by the affine;
/// a tilted gantry starts at whole degrees.
const LARGEST_SHEAR_DEGREES: f64 = 0.5;

/// Gantries tilt by up to 30 degrees. A stack that is sheared by more was not made by one.
const LARGEST_TILT_DEGREES: f64 = 35.0;

/// The slice normal, row x column, unit length.
pub(crate) fn normal(image: &CtImage) -> [f64; 3] {
    let ([a, b, c], [d, e, f]) = (image.row, image.column);
    let cross = [b * f - c * e, c * d - a * f, a * e - b * d];
    let length = dot(cross, cross).sqrt();
    cross.map(|x| x / length)
}

/// Distance of a slice along the normal from the origin of the patient frame.
pub(crate) fn along(normal: [f64; 3], image: &CtImage) -> f64 {
    dot(normal, image.position.0)
}

/// Whether two neighbours, in order, lie at one position.
pub(crate) fn is_same_position(pair: &[f64]) -> bool {
    pair[1] - pair[0] < SAME_POSITION_MM
}

/// Size, orientation and pixel spacing must be those of the first slice.
pub(crate) fn check_equal(slices: &[(&str, &CtImage)]) -> Result<(), VolumeError> {
    let Some((_, first)) = slices.first() else {
        return Ok(());
    };
    let near =
        |a: &[f64], b: &[f64], tolerance: f64| a.iter().zip(b).all(|(a, b)| (a - b).abs() <= tolerance);
    for (file, image) in slices {
        let spacing_tolerance = first.pixel_spacing_mm[0] * 1e-4;
        let differs = if image.format.layout.rows != first.format.layout.rows {
            Some("Rows")
        } else if image.format.layout.columns != first.format.layout.columns {
            Some("Columns")
        } else if !near(&image.row, &first.row, SAME_DIRECTION)
            || !near(&image.column, &first.column, SAME_DIRECTION)
        {
            Some("ImageOrientationPatient")
        } else if !near(
            &image.pixel_spacing_mm,
            &first.pixel_spacing_mm,
            spacing_tolerance,
        ) {
            Some("PixelSpacing")
        } else {
            None
        };
        if let Some(attribute) = differs {
            return Err(VolumeError::InconsistentSlices {
                file: (*file).to_owned(),
                attribute,
            });
        }
    }
    Ok(())
}

/// The grid of slices as they lie, and how it is tilted.
pub(crate) struct Grid {
    /// Exact for every voxel, sheared where the gantry was tilted.
    pub(crate) affine: Affine,
    pub(crate) tilt: Option<Tilt>,
}

/// The grid of slices that are already in order, all at different positions; refuses what is no regular grid.
pub(crate) fn grid(slices: &[(&str, &CtImage)]) -> Result<Grid, VolumeError> {
    let [(_, first), .., (_, last)] = slices else {
        return Err(VolumeError::TooFewSlices { slices: slices.len() });
    };
    if slices.len() < 3 {
        return Err(VolumeError::TooFewSlices { slices: slices.len() });
    }
    let normal = normal(first);
    let positions: Vec<f64> = slices.iter().map(|(_, image)| along(normal, image)).collect();
    check_spacing(&positions)?;
    let steps = (slices.len() - 1) as f64;
    let slice_step = [0, 1, 2].map(|axis| (last.position.0[axis] - first.position.0[axis]) / steps);
    check_in_plane(slices, slice_step)?;
    let [row_spacing, column_spacing] = first.pixel_spacing_mm;
    Ok(Grid {
        affine: Affine::new(
            first.row.map(|x| x * column_spacing),
            first.column.map(|x| x * row_spacing),
            slice_step,
            first.position,
        )?,
        tilt: tilt(first, normal, slice_step)?,
    })
}

/// How the step from slice to slice leans away from the normal.
fn tilt(first: &CtImage, normal: [f64; 3], slice_step: [f64; 3]) -> Result<Option<Tilt>, VolumeError> {
    let along = dot(slice_step, normal);
    let length = dot(slice_step, slice_step).sqrt();
    let degrees = (along / length).clamp(-1.0, 1.0).acos().to_degrees();
    if degrees > LARGEST_TILT_DEGREES {
        return Err(VolumeError::GantryTilt { degrees });
    }
    Ok((degrees > LARGEST_SHEAR_DEGREES).then(|| Tilt {
        degrees,
        in_plane_mm: [dot(slice_step, first.row), dot(slice_step, first.column)],
        along_normal: normal.map(|x| x * along),
    }))
}

/// Positions ascend in equal steps.
fn check_spacing(positions: &[f64]) -> Result<(), VolumeError> {
    let gaps: Vec<f64> = positions.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let spacing_mm = median(&gaps);
    let tolerance = OFF_GRID_MM.max(OFF_GRID_FRACTION * spacing_mm);

    // Gaps first: after a missing slice everything else is off the grid as well.
    let multiple = |gap: f64| (gap / spacing_mm).round();
    let is_multiple =
        |gap: f64| multiple(gap) >= 2.0 && (gap - multiple(gap) * spacing_mm).abs() <= 2.0 * tolerance;
    let wide: Vec<usize> = (0..gaps.len()).filter(|&k| is_multiple(gaps[k])).collect();
    // Where more than every third gap is wide, nothing was lost: the series was made with two spacings.
    if let Some(&after_slice) = wide.first()
        && wide.len() * 3 <= gaps.len().max(3)
    {
        return Err(VolumeError::MissingSlice {
            missing: wide.iter().map(|&k| multiple(gaps[k]) as usize - 1).sum(),
            after_slice,
            position_mm: positions[after_slice],
            gap_mm: gaps[after_slice],
            spacing_mm,
        });
    }

    let step = (positions[positions.len() - 1] - positions[0]) / gaps.len() as f64;
    for (slice, position) in positions.iter().enumerate() {
        let off_grid = (position - (positions[0] + step * slice as f64)).abs();
        let off_gap = gaps.get(slice).map_or(0.0, |gap| (gap - spacing_mm).abs());
        // Both ends of a gap may be off, in opposite directions.
        let off_mm = off_grid.max(off_gap / 2.0);
        if off_mm > tolerance + 1e-6 {
            return Err(VolumeError::IrregularSpacing {
                slice,
                position_mm: *position,
                off_mm,
                spacing_mm,
            });
        }
    }
    Ok(())
}

/// No slice is shifted sideways against the line from the first to the last.
fn check_in_plane(slices: &[(&str, &CtImage)], slice_step: [f64; 3]) -> Result<(), VolumeError> {
    let (_, first) = slices[0];
    for (k, (file, image)) in slices.iter().enumerate() {
        let off = [0, 1, 2]
            .map(|axis| image.position.0[axis] - (first.position.0[axis] + slice_step[axis] * k as f64));
        let sideways = [dot(off, image.row), dot(off, image.column)];
        if sideways.iter().any(|mm| mm.abs() > OFF_GRID_MM + 1e-6) {
            return Err(VolumeError::InconsistentSlices {
                file: (*file).to_owned(),
                attribute: "ImagePositionPatient",
            });
        }
    }
    Ok(())
}

/// Lower median: with two spacings in equal numbers the smaller one counts.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[(sorted.len() - 1) / 2]
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}
