//! How much of each voxel a nodule fills.

use hilum_domain::{Lps, VoxelIndex};
use ndarray::Array3;

use crate::ChestPhantom;
use crate::vector::along;

/// Points along each side of a voxel.
const POINTS: usize = 4;

impl ChestPhantom {
    /// Share of each voxel, `[slice][row][column]` from `origin` on, that a nodule of the truth fills, 0 to 1: counted
    /// over points spread evenly over the pixel and the thickness of its slice. As in the truth, spikes are no part of it
    /// and it ends where pleura or fissure cut it off. `None` without a nodule at this place of the truth.
    pub fn nodule_shares(
        &self,
        nodule: usize,
        VoxelIndex([i0, j0, k0]): VoxelIndex,
        shape: [usize; 3],
    ) -> Option<Array3<f32>> {
        let body = self.bodies.get(nodule)?;
        let centre = Lps(body.centre());
        let pixel_mm = self.options.pixel_spacing_mm();
        let thickness_mm = self.options.thickness_mm();
        let reach = body.reach_mm() + pixel_mm + thickness_mm;
        let [slices, rows, columns] = shape;
        let mut shares = Array3::zeros((slices, rows, columns));
        for k in 0..slices {
            let slice = self.slice(k0 + k);
            for ((j, i), share) in shares.index_axis_mut(ndarray::Axis(0), k).indexed_iter_mut() {
                let middle = slice.point(j0 + j, i0 + i);
                if Lps(middle).distance_mm(centre) > reach {
                    continue;
                }
                let mut inside = 0;
                for at in 0..POINTS.pow(3) {
                    let [x, y, z] = [at % POINTS, at / POINTS % POINTS, at / POINTS.pow(2)]
                        .map(|at| (at as f64 + 0.5) / POINTS as f64 - 0.5);
                    let point = along(middle, slice.row_step, y);
                    let point = along(point, slice.normal, z * thickness_mm);
                    let point = along(point, [1.0, 0.0, 0.0], x * pixel_mm);
                    inside += usize::from(body.holds(&self.space, point));
                }
                *share = inside as f32 / POINTS.pow(3) as f32;
            }
        }
        Some(shares)
    }
}

#[cfg(test)]
mod tests {
    use hilum_domain::NoduleType;

    use super::*;
    use crate::{Attachment, PhantomOptions, WantedNodule};

    /// The shares sum to the volume of the truth, cut off or not, and there are none for a nodule that is not there.
    #[test]
    fn shares_sum_to_the_volume() {
        let wanted = [
            Attachment::Free,
            Attachment::Juxtapleural,
            Attachment::Perifissural,
        ]
        .map(|attachment| WantedNodule {
            attachment,
            lobulation: 0.3,
            ..WantedNodule::ball(12.0, NoduleType::Solid)
        })
        .to_vec();
        let options = PhantomOptions {
            size: 256,
            wanted,
            ..PhantomOptions::default()
        };
        let phantom = ChestPhantom::new(11, &options).unwrap();
        let shape = [14, 24, 24];
        for (at, nodule) in phantom.truth().nodules.iter().enumerate() {
            let centre = phantom.affine().to_voxel(nodule.center_lps_mm);
            let origin = [0, 1, 2].map(|axis: usize| centre[axis].round() as usize - shape[2 - axis] / 2);
            let shares = phantom.nodule_shares(at, VoxelIndex(origin), shape).unwrap();
            let sum: f64 = shares.iter().map(|&share| f64::from(share)).sum();
            let ratio = sum * phantom.affine().voxel_mm3() / nodule.volume_mm3;
            assert!((ratio - 1.0).abs() < 0.02, "{:?}: {ratio}", nodule.attachment);
        }
        assert!(phantom.nodule_shares(3, VoxelIndex([0; 3]), shape).is_none());
    }
}
