//! Volumes to files.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use ndarray_npy::WriteNpyExt as _;
use nifti::{NiftiHeader, writer::WriterOptions};

use crate::{Volume, VolumeError, Voxels};

/// Writes NIfTI-1, gzipped when the name ends in `.gz`: int16 or float32, axes (column, row, slice), sform and
/// qform in RAS mm as NIfTI has it (x and y of LPS change sign), code 1 (scanner anatomical).
pub fn write_nifti(volume: &Volume, path: &Path) -> Result<(), VolumeError> {
    let header = nifti_header(volume);
    let writer = WriterOptions::new(path).reference_header(&header);
    // The library wants axes in NIfTI's own order and transposes them back.
    let written = match volume.voxels() {
        Voxels::I16(array) => writer.write_nifti(&array.view().reversed_axes()),
        Voxels::F32(array) => writer.write_nifti(&array.view().reversed_axes()),
    };
    written.map_err(|why| cannot_write(path, &why))
}

/// Writes npy: int16 or float32, C order, axes `[slice, row, column]`, slices ascending along row x column.
pub fn write_npy(volume: &Volume, path: &Path) -> Result<(), VolumeError> {
    let file = File::create(path).map_err(|why| cannot_write(path, &why))?;
    let mut file = BufWriter::with_capacity(1 << 20, file);
    let written = match volume.voxels() {
        Voxels::I16(array) => array.write_npy(&mut file),
        Voxels::F32(array) => array.write_npy(&mut file),
    };
    written.map_err(|why| cannot_write(path, &why))?;
    file.flush().map_err(|why| cannot_write(path, &why))
}

fn cannot_write(path: &Path, why: &dyn std::fmt::Display) -> VolumeError {
    VolumeError::Write {
        file: path.display().to_string(),
        why: why.to_string(),
    }
}

fn nifti_header(volume: &Volume) -> NiftiHeader {
    let lps = volume.affine().matrix();
    let ras = [lps[0].map(|x| -x), lps[1].map(|x| -x), lps[2]];
    let [di, dj, dk] = volume.spacing_mm();
    let [b, c, d] = quaternion(&[0, 1, 2].map(|r: usize| [ras[r][0] / di, ras[r][1] / dj, ras[r][2] / dk]));
    let [srow_x, srow_y, srow_z] = ras.map(|row| row.map(|x| x as f32));
    NiftiHeader {
        // Column x row = slice, so the grid is right-handed and qfac, the first entry, is 1.
        pixdim: [1.0, di as f32, dj as f32, dk as f32, 0.0, 0.0, 0.0, 0.0],
        xyzt_units: 2, // millimetres
        qform_code: 1,
        sform_code: 1,
        quatern_b: b as f32,
        quatern_c: c as f32,
        quatern_d: d as f32,
        quatern_x: srow_x[3],
        quatern_y: srow_y[3],
        quatern_z: srow_z[3],
        srow_x,
        srow_y,
        srow_z,
        ..NiftiHeader::default()
    }
}

/// b, c, d of the unit quaternion of a rotation, with a >= 0 (`nifti_mat44_to_quatern` of the NIfTI-1 library).
fn quaternion(r: &[[f64; 3]; 3]) -> [f64; 3] {
    let trace = r[0][0] + r[1][1] + r[2][2] + 1.0;
    if trace > 0.5 {
        let a = 0.5 * trace.sqrt();
        return [
            0.25 * (r[2][1] - r[1][2]) / a,
            0.25 * (r[0][2] - r[2][0]) / a,
            0.25 * (r[1][0] - r[0][1]) / a,
        ];
    }
    let xd = 1.0 + r[0][0] - r[1][1] - r[2][2];
    let yd = 1.0 + r[1][1] - r[0][0] - r[2][2];
    let zd = 1.0 + r[2][2] - r[0][0] - r[1][1];
    let (a, q) = if xd > 1.0 {
        let b = 0.5 * xd.sqrt();
        let c = 0.25 * (r[0][1] + r[1][0]) / b;
        let d = 0.25 * (r[0][2] + r[2][0]) / b;
        (0.25 * (r[2][1] - r[1][2]) / b, [b, c, d])
    } else if yd > 1.0 {
        let c = 0.5 * yd.sqrt();
        let b = 0.25 * (r[0][1] + r[1][0]) / c;
        let d = 0.25 * (r[1][2] + r[2][1]) / c;
        (0.25 * (r[0][2] - r[2][0]) / c, [b, c, d])
    } else {
        let d = 0.5 * zd.sqrt();
        let b = 0.25 * (r[0][2] + r[2][0]) / d;
        let c = 0.25 * (r[1][2] + r[2][1]) / d;
        (0.25 * (r[1][0] - r[0][1]) / d, [b, c, d])
    };
    if a < 0.0 { q.map(|x| -x) } else { q }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rebuilds the rotation from b, c, d (NIfTI-1 header, method 2).
    fn rotation([b, c, d]: [f64; 3]) -> [[f64; 3]; 3] {
        let a = (1.0 - (b * b + c * c + d * d)).max(0.0).sqrt();
        [
            [
                a * a + b * b - c * c - d * d,
                2.0 * (b * c - a * d),
                2.0 * (b * d + a * c),
            ],
            [
                2.0 * (b * c + a * d),
                a * a + c * c - b * b - d * d,
                2.0 * (c * d - a * b),
            ],
            [
                2.0 * (b * d - a * c),
                2.0 * (c * d + a * b),
                a * a + d * d - c * c - b * b,
            ],
        ]
    }

    #[test]
    fn quaternions_give_their_rotation_back() {
        let (s, c) = (0.3f64.sin(), 0.3f64.cos());
        let rows = [
            [[-1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, 1.0]],
            [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
            [[1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, -1.0]],
            [[-1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, -1.0]],
            [[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]],
            [[-c, 0.0, s], [0.0, -1.0, 0.0], [s, 0.0, c]],
        ];
        for wanted in rows {
            let got = rotation(quaternion(&wanted));
            for (got, wanted) in got.iter().flatten().zip(wanted.iter().flatten()) {
                // a is the root of a difference: its rounding error is that of a square root.
                assert!((got - wanted).abs() < 1e-7, "{wanted:?}");
            }
        }
    }
}
