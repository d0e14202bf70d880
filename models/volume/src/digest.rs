//! The digest of a series: over series, geometry and HU in slice order, independent of names, order and encoding of
//! the files.

use hilum_domain::{Affine, Sha256, Uid};
use ndarray::Array3;
use rayon::prelude::*;

use crate::Voxels;

pub(crate) fn of_series(series: &Uid, affine: &Affine, shape_kji: [usize; 3], voxels: &Voxels) -> Sha256 {
    let planes: Vec<Sha256> = match voxels {
        Voxels::I16(array) => of_planes(array, i16::to_le_bytes),
        Voxels::F32(array) => of_planes(array, f32::to_le_bytes),
    };
    let affine: Vec<u8> = affine
        .matrix()
        .iter()
        .flatten()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    let shape: Vec<u8> = shape_kji.iter().flat_map(|&n| (n as u64).to_le_bytes()).collect();
    let head = [series.as_str().as_bytes(), &affine, &shape];
    Sha256::of_parts(
        head.into_iter()
            .chain(planes.iter().map(|plane| plane.as_str().as_bytes())),
    )
}

fn of_planes<T, const N: usize>(array: &Array3<T>, to_bytes: impl Fn(T) -> [u8; N] + Sync) -> Vec<Sha256>
where
    T: Copy + Sync,
{
    let (_, rows, columns) = array.dim();
    let pixels = rows * columns;
    array
        .as_slice()
        .unwrap_or_default()
        .par_chunks(pixels)
        .map_init(
            || vec![0; pixels * N],
            |bytes, plane| {
                for (bytes, value) in bytes.chunks_exact_mut(N).zip(plane) {
                    bytes.copy_from_slice(&to_bytes(*value));
                }
                Sha256::of(bytes)
            },
        )
        .collect()
}
