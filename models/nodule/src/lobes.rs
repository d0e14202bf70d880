//! Which lobe a place is in, how far from pleura and fissures.

use hilum_domain::{Lobe, Lps};
use hilum_volume::Volume;
use ndarray::Array3;

use crate::distance::squared_distance;
use crate::fissure::{Fissure, Frame};
use crate::plates::{Plate, depth_at, plates};
use crate::sides::{Side, Sides};
use crate::{LungMask, Segmentation};

/// A lobe is named from this probability on.
const LEAST_CONFIDENCE: f64 = 0.7;
/// Standard deviation of a fissure's place where it was found, and where only anatomy tells it. Engineering values:
/// no reference of lobes was at hand to fit them.
const FOUND_SIGMA_MM: f64 = 4.0;
const EXPECTED_SIGMA_MM: f64 = 18.0;
/// A place this far outside the closed lungs is in no lobe.
const OUTSIDE_MM: f64 = 10.0;

/// The lungs of one CT: sides, fissures, depth below the pleura. Made once, asked for each nodule.
#[derive(Debug)]
pub struct LungMap<'a> {
    volume: &'a Volume,
    lungs: &'a LungMask,
    sides: Option<Sides>,
    /// Distance to the nearest lung voxel outside, on the lung grid.
    depth_mm: Array3<f32>,
    right_oblique: Option<Fissure>,
    right_horizontal: Option<Fissure>,
    left_oblique: Option<Fissure>,
}

/// Where a nodule is.
#[derive(Debug, Clone, PartialEq)]
pub struct Location {
    /// The lobe of its centre; `None` when that is unsure.
    pub lobe: Option<Lobe>,
    /// Probability of the likeliest lobe, named or not, 0 to 1; `None` outside the lungs.
    pub lobe_confidence: Option<f64>,
    /// From the nodule's surface to the surface of the closed lungs, 0 when it touches. The lung grid of about 2 mm
    /// bounds its precision.
    pub distance_to_pleura_mm: Option<f64>,
    /// From the nodule's surface to the nearest fissure that was seen; `None` when none was.
    pub distance_to_fissure_mm: Option<f64>,
}

/// How much a CT shows of one fissure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FissureEvidence {
    /// `right oblique`, `right horizontal`, `left oblique`.
    pub name: &'static str,
    /// Whether it was found, rather than only expected.
    pub found: bool,
    /// Share of its surface on which a thin sheet is seen, 0 to 1.
    pub coverage: f64,
    /// The same for a surface at a tilt that no fissure has: what vessels and noise cover by chance.
    pub by_chance: f64,
}

impl<'a> LungMap<'a> {
    /// Tells the lungs apart and looks for fissures.
    pub fn new(volume: &'a Volume, lungs: &'a LungMask) -> Self {
        let [sx, sy, sz] = lungs.spacing_mm();
        let outside = lungs.closed().mapv(|inside| !inside);
        let depth_mm = squared_distance(&outside, [sz, sy, sx]).mapv(f32::sqrt);
        let mut map = Self {
            volume,
            lungs,
            sides: Sides::of(volume, lungs),
            depth_mm,
            right_oblique: None,
            right_horizontal: None,
            left_oblique: None,
        };
        let plates = plates(volume, lungs, &map.depth_mm);
        map.left_oblique = map.oblique(Side::Left, &plates);
        map.right_oblique = map.oblique(Side::Right, &plates);
        map.right_horizontal = map.horizontal(&plates);
        map
    }

    /// Lobe and distances of a nodule.
    pub fn locate(&self, segmentation: &Segmentation) -> Location {
        let lobe = self.lobe(segmentation.center(self.volume));
        Location {
            lobe: lobe
                .filter(|(_, sure)| *sure >= LEAST_CONFIDENCE)
                .map(|(lobe, _)| lobe),
            lobe_confidence: lobe.map(|(_, sure)| sure),
            distance_to_pleura_mm: self.distance_to_pleura_mm(segmentation),
            distance_to_fissure_mm: self.distance_to_fissure_mm(segmentation),
        }
    }

    /// What was seen of the three fissures.
    pub fn fissures(&self) -> Vec<FissureEvidence> {
        [
            ("right oblique", &self.right_oblique),
            ("right horizontal", &self.right_horizontal),
            ("left oblique", &self.left_oblique),
        ]
        .into_iter()
        .filter_map(|(name, fissure)| {
            let fissure = fissure.as_ref()?;
            Some(FissureEvidence {
                name,
                found: fissure.is_found(),
                coverage: fissure.coverage,
                by_chance: fissure.by_chance,
            })
        })
        .collect()
    }

    /// The likeliest lobe at a point, and its probability; `None` outside the lungs.
    pub fn lobe(&self, point: Lps) -> Option<(Lobe, f64)> {
        self.is_near(point).then_some(())?;
        let lobes = match self.sides.as_ref()?.side(point) {
            Side::Left => {
                let above = probability_above(self.left_oblique.as_ref()?, point);
                vec![(Lobe::LeftUpper, above), (Lobe::LeftLower, 1.0 - above)]
            }
            Side::Right => {
                let front = probability_above(self.right_oblique.as_ref()?, point);
                let above = probability_above(self.right_horizontal.as_ref()?, point);
                vec![
                    (Lobe::RightUpper, front * above),
                    (Lobe::RightMiddle, front * (1.0 - above)),
                    (Lobe::RightLower, 1.0 - front),
                ]
            }
        };
        lobes.into_iter().max_by(|(_, a), (_, b)| a.total_cmp(b))
    }

    fn is_near(&self, point: Lps) -> bool {
        let voxel = self.volume.affine().to_voxel(point);
        let spacing = self.volume.spacing_mm();
        // Looked for along the axes of the volume only: nodules of the wall lie straight beside the lung.
        let steps = [0.0, 0.5, 1.0].map(|share| share * OUTSIDE_MM);
        (0..3).any(|axis| {
            steps.iter().any(|step| {
                [-1.0, 1.0].iter().any(|sign| {
                    let mut near = voxel;
                    near[axis] += sign * step / spacing[axis];
                    self.lungs.holds(near)
                })
            })
        })
    }

    fn depth_mm(&self, voxel: [f64; 3]) -> f64 {
        f64::from(depth_at(self.depth_mm.view(), self.lungs, voxel))
    }

    /// The surface runs half way between the last lung voxel inside and the first outside.
    fn distance_to_pleura_mm(&self, segmentation: &Segmentation) -> Option<f64> {
        let nearest = segmentation
            .indices()
            .map(|at| self.depth_mm(at.0.map(|at| at as f64)))
            .min_by(f64::total_cmp)?;
        // Lungs that reach no side of their grid have no outside: a mask of everything.
        let half = self.lungs.spacing_mm().iter().sum::<f64>() / 6.0;
        nearest.is_finite().then_some((nearest - half).max(0.0))
    }

    fn distance_to_fissure_mm(&self, segmentation: &Segmentation) -> Option<f64> {
        let center = segmentation.center(self.volume);
        let in_front = |oblique: &Fissure| oblique.height_mm(center.0) > 0.0;
        let fissures = match self.sides.as_ref()?.side(center) {
            Side::Left => [self.left_oblique.as_ref(), None],
            Side::Right => {
                let oblique = self.right_oblique.as_ref()?;
                // The horizontal fissure ends at the oblique one.
                [
                    Some(oblique),
                    self.right_horizontal.as_ref().filter(|_| in_front(oblique)),
                ]
            }
        };
        fissures
            .into_iter()
            .flatten()
            .filter(|fissure| fissure.is_found())
            .map(|fissure| self.gap_mm(fissure, segmentation))
            .min_by(f64::total_cmp)
    }

    /// 0 when the nodule has voxels on both sides.
    fn gap_mm(&self, fissure: &Fissure, segmentation: &Segmentation) -> f64 {
        let affine = self.volume.affine();
        let heights = segmentation
            .indices()
            .map(|at| fissure.height_mm(affine.to_lps(at.0.map(|at| at as f64)).0));
        let [low, high] = heights.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], height| {
            [low.min(height), high.max(height)]
        });
        low.max(-high).max(0.0)
    }

    /// Lungs are 0 to 1 from the front to the back and from the apex to the base.
    fn frame(
        &self,
        side: Side,
        front_to_back: f64,
        apex_to_base: f64,
        normal: [f64; 3],
    ) -> Option<(Frame, f64)> {
        let [low, high] = self.sides.as_ref()?.bounds(side)?;
        let size = [0, 1, 2].map(|axis| high[axis] - low[axis]);
        let origin = [
            f64::midpoint(low[0], high[0]),
            low[1] + front_to_back * size[1],
            high[2] - apex_to_base * size[2],
        ];
        // A normal across a box that is longer than deep.
        let normal = [
            normal[0],
            normal[1] / size[1].max(1.0),
            normal[2] / size[2].max(1.0),
        ];
        Some((Frame::new(origin, normal), 0.6 * size[2].max(size[1])))
    }

    /// From about a quarter of the height below the apex at the back to the diaphragm near the front wall: the head
    /// of the fissure lies at the level of the fourth or fifth thoracic vertebra (Gray's Anatomy).
    fn oblique(&self, side: Side, plates: &[Plate]) -> Option<Fissure> {
        const BACK: [f64; 2] = [1.0, 0.23];
        const FRONT: [f64; 2] = [0.15, 0.85];
        let middle = [0, 1].map(|axis: usize| f64::midpoint(BACK[axis], FRONT[axis]));
        let normal = [0.0, -(FRONT[1] - BACK[1]), BACK[0] - FRONT[0]];
        let (frame, extent_mm) = self.frame(side, middle[0], middle[1], normal)?;
        Some(Fissure::search(
            frame,
            plates,
            &|point| self.is_inside(side, point),
            extent_mm,
        ))
    }

    /// At the level of the fourth rib cartilage, in front of the oblique fissure.
    fn horizontal(&self, plates: &[Plate]) -> Option<Fissure> {
        let oblique = self.right_oblique.as_ref()?;
        let (frame, extent_mm) = self.frame(Side::Right, 0.35, 0.48, [0.0, 0.0, 1.0])?;
        let in_front = |point: [f64; 3]| oblique.height_mm(point) > 4.0;
        let in_front_plates: Vec<Plate> = plates
            .iter()
            .copied()
            .filter(|plate| in_front(plate.at))
            .collect();
        let inside = |point: [f64; 3]| in_front(point) && self.is_inside(Side::Right, point);
        Some(Fissure::search(frame, &in_front_plates, &inside, extent_mm))
    }

    fn is_inside(&self, side: Side, point: [f64; 3]) -> bool {
        const DEPTH_MM: f64 = 6.0;
        let point = Lps(point);
        let on_side = self.sides.as_ref().is_some_and(|sides| sides.side(point) == side);
        on_side && self.depth_mm(self.volume.affine().to_voxel(point)) >= DEPTH_MM
    }
}

/// Logistic in the distance from the fissure, as uncertain as its place.
fn probability_above(fissure: &Fissure, point: Lps) -> f64 {
    let sigma = if fissure.is_found() {
        FOUND_SIGMA_MM
    } else {
        EXPECTED_SIGMA_MM
    };
    // 1.7: the logistic curve then runs within 0.01 of the normal distribution's.
    1.0 / (1.0 + (-1.7 * fissure.height_mm(point.0) / sigma).exp())
}
