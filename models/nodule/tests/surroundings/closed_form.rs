//! Lungs, fissures and neighbours on lungs whose geometry is known in closed form.

use std::sync::LazyLock;

use hilum_domain::{Affine, Lobe, Lps, Sha256, Uid};
use hilum_nodule::{LungMap, LungMask, NeighbourKind, neighbours, segment_lungs};
use hilum_volume::{Volume, Voxels};
use ndarray::Array3;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::ball::ball;

const SPACING_MM: [f64; 3] = [1.2, 1.2, 1.5];
const SHAPE_KJI: [usize; 3] = [180, 170, 240];
/// Centre and half axes of the right lung; the left one mirrors it.
const CENTER: [f64; 3] = [-75.0, 0.0, 0.0];
const HALF: [f64; 3] = [55.0, 85.0, 125.0];

/// A fissure as the plane `z = slope * y + offset`.
#[derive(Clone, Copy)]
struct Sheet {
    slope: f64,
    offset: f64,
}

impl Sheet {
    fn height_mm(self, [_, y, z]: [f64; 3]) -> f64 {
        (z - self.slope * y - self.offset) / (1.0 + self.slope * self.slope).sqrt()
    }
}

const RIGHT_OBLIQUE: Sheet = Sheet {
    slope: 1.15,
    offset: -22.0,
};
const RIGHT_HORIZONTAL: Sheet = Sheet {
    slope: 0.05,
    offset: 12.0,
};
const LEFT_OBLIQUE: Sheet = Sheet {
    slope: 1.0,
    offset: -8.0,
};

struct Chest {
    volume: Volume,
    lungs: LungMask,
}

/// Two ellipsoids of lung in soft tissue, with noise and vessels, with or without sheets between the lobes.
fn chest(with_fissures: bool) -> Chest {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let mut range = |half: f64| rng.random_range(-half..half);
    // Straight vessels from the middle of each lung outwards: end points and radius.
    let vessels: Vec<([f64; 3], [f64; 3], f64)> = (0..90)
        .map(|number| {
            let side = if number % 2 == 0 { 1.0 } else { -1.0 };
            let from = [side * (CENTER[0] + 25.0), range(20.0), range(40.0)];
            let to = [side * (CENTER[0] - range(60.0)), range(85.0), range(125.0)];
            (from, to, 0.8 + 0.5 * range(1.0).abs() * 4.0)
        })
        .collect();
    let affine = affine();
    let mut noise = ChaCha8Rng::seed_from_u64(6);
    let [nk, nj, ni] = SHAPE_KJI;
    let mut hu = Array3::from_shape_fn((nk, nj, ni), |(k, j, i)| {
        let Lps(p) = affine.to_lps([i as f64, j as f64, k as f64]);
        if !in_lung(p) {
            return 40.0;
        }
        let sheets: &[Sheet] = match (with_fissures, p[0] < 0.0) {
            (false, _) => &[],
            (true, false) => &[LEFT_OBLIQUE],
            (true, true) if RIGHT_OBLIQUE.height_mm(p) > 0.0 => &[RIGHT_OBLIQUE, RIGHT_HORIZONTAL],
            (true, true) => &[RIGHT_OBLIQUE],
        };
        // A sheet of 1 mm and soft tissue leaves this in a voxel.
        let shade = |sheet: &Sheet| 250.0 * (1.0 - sheet.height_mm(p).abs() / 1.3).max(0.0);
        -850.0 + sheets.iter().map(shade).fold(0.0, f64::max)
    });
    for (from, to, radius) in vessels {
        draw(&mut hu, &affine, from, to, radius);
    }
    let voxels = hu.mapv(|hu| (hu + noise.random_range(-45.0..45.0)) as i16);
    let volume = volume(voxels, affine);
    let lungs = segment_lungs(&volume).unwrap();
    Chest { volume, lungs }
}

fn affine() -> Affine {
    let [x, y, z] = SPACING_MM;
    let [nk, nj, ni] = SHAPE_KJI;
    let half = [ni as f64 * x, nj as f64 * y, nk as f64 * z].map(|side| -side / 2.0);
    Affine::new([x, 0.0, 0.0], [0.0, y, 0.0], [0.0, 0.0, z], Lps(half)).unwrap()
}

fn volume(hu: Array3<i16>, affine: Affine) -> Volume {
    let uid = || Uid::parse("1.2.3").unwrap();
    Volume::new(Voxels::I16(hu), affine, uid(), uid(), Sha256::of(b"lungs")).unwrap()
}

/// Below 1 inside.
fn depth([x, y, z]: [f64; 3]) -> f64 {
    let off = [x.abs() + CENTER[0], y - CENTER[1], z - CENTER[2]];
    (0..3).map(|axis| (off[axis] / HALF[axis]).powi(2)).sum()
}

fn in_lung(p: [f64; 3]) -> bool {
    depth(p) < 1.0
}

fn draw(hu: &mut Array3<f64>, affine: &Affine, from: [f64; 3], to: [f64; 3], radius: f64) {
    let steps = 400;
    for step in 0..=steps {
        let share = f64::from(step) / f64::from(steps);
        let at = [0, 1, 2].map(|axis: usize| from[axis] + share * (to[axis] - from[axis]));
        if !in_lung(at) {
            continue;
        }
        let [i, j, k] = affine.to_voxel(Lps(at)).map(|at| at.round() as usize);
        for (dk, dj, di) in (0..27).map(|n| (n / 9, n / 3 % 3, n % 3)) {
            let voxel = [k + dk - 1, j + dj - 1, i + di - 1];
            let point = affine.to_lps([voxel[2] as f64, voxel[1] as f64, voxel[0] as f64]);
            if point.distance_mm(Lps(at)) <= radius {
                hu[voxel] = 30.0;
            }
        }
    }
}

static WITH: LazyLock<Chest> = LazyLock::new(|| chest(true));
static WITHOUT: LazyLock<Chest> = LazyLock::new(|| chest(false));

#[test]
fn fissures_are_found_where_they_are() {
    let map = LungMap::new(&WITH.volume, &WITH.lungs);
    let seen = map.fissures();
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|fissure| fissure.found), "{seen:?}");
    for (sheet, x, front) in [
        (LEFT_OBLIQUE, 75.0, -40.0),
        (LEFT_OBLIQUE, 60.0, 30.0),
        (RIGHT_OBLIQUE, -75.0, -30.0),
        (RIGHT_OBLIQUE, -90.0, 40.0),
        (RIGHT_HORIZONTAL, -80.0, -45.0),
    ] {
        for off_mm in [8.0, 14.0] {
            let center = Lps([
                x,
                front,
                sheet.slope * front + sheet.offset + off_mm * (1.0 + sheet.slope * sheet.slope).sqrt(),
            ]);
            let place = map.locate(&ball(&WITH.volume, center, 4.0));
            let distance = place.distance_to_fissure_mm.unwrap();
            assert!(
                (distance - (off_mm - 4.0)).abs() < 2.0,
                "{center:?}: {distance} not {}",
                off_mm - 4.0
            );
        }
    }
}

#[test]
fn lobes_of_places_beyond_doubt() {
    let map = LungMap::new(&WITH.volume, &WITH.lungs);
    for (center, want) in [
        ([-75.0, -10.0, 70.0], Lobe::RightUpper),
        ([-75.0, -50.0, -20.0], Lobe::RightMiddle),
        ([-75.0, 40.0, -40.0], Lobe::RightLower),
        ([75.0, -20.0, 40.0], Lobe::LeftUpper),
        ([75.0, 40.0, -30.0], Lobe::LeftLower),
    ] {
        let place = map.locate(&ball(&WITH.volume, Lps(center), 5.0));
        assert_eq!(place.lobe, Some(want), "{center:?}: {place:?}");
        assert!(place.lobe_confidence > Some(0.9), "{center:?}: {place:?}");
    }
    let outside = map.locate(&ball(&WITH.volume, Lps([0.0, 0.0, 0.0]), 5.0));
    assert_eq!((outside.lobe, outside.lobe_confidence), (None, None));
}

#[test]
fn without_fissures_there_are_none_and_near_them_no_lobe_is_named() {
    let map = LungMap::new(&WITHOUT.volume, &WITHOUT.lungs);
    let seen = map.fissures();
    assert!(seen.iter().all(|fissure| !fissure.found), "{seen:?}");
    let near = map.locate(&ball(&WITHOUT.volume, Lps([75.0, 0.0, -22.0]), 5.0));
    assert_eq!((near.lobe, near.distance_to_fissure_mm), (None, None), "{near:?}");
    assert!(near.lobe_confidence < Some(0.7));
    // Anatomy alone is enough at the apex.
    let apex = map.locate(&ball(&WITHOUT.volume, Lps([75.0, -20.0, 90.0]), 5.0));
    assert_eq!(apex.lobe, Some(Lobe::LeftUpper), "{apex:?}");
}

#[test]
fn distance_to_the_pleura() {
    let map = LungMap::new(&WITH.volume, &WITH.lungs);
    // Towards the side wall, where the surface of the lung is perpendicular to x.
    for gap_mm in [0.0, 3.0, 8.0, 15.0] {
        let center = Lps([-(75.0 + 55.0 - 5.0 - gap_mm), 0.0, 0.0]);
        let distance = map
            .locate(&ball(&WITH.volume, center, 5.0))
            .distance_to_pleura_mm
            .unwrap();
        assert!((distance - gap_mm).abs() < 1.6, "{gap_mm}: {distance}");
    }
}

#[test]
fn neighbours_by_the_distance_of_surfaces() {
    // No vessel but one: along z, 10 mm beside the nodule, radius 2.
    let affine = affine();
    let [nk, nj, ni] = SHAPE_KJI;
    let center = [-75.0, 10.0, 20.0];
    let hu = Array3::from_shape_fn((nk, nj, ni), |(k, j, i)| {
        let Lps(p) = affine.to_lps([i as f64, j as f64, k as f64]);
        let vessel = (p[0] - center[0] - 10.0).hypot(p[1] - center[1]) <= 2.0;
        let nodule = Lps(p).distance_mm(Lps(center)) <= 5.0;
        match in_lung(p) {
            false => 40,
            true if vessel || nodule => 30,
            true => -850,
        }
    });
    let volume = volume(hu, affine);
    let lungs = segment_lungs(&volume).unwrap();
    let nodule = ball(&volume, Lps(center), 5.0);
    let other = ball(&volume, Lps([-75.0, 10.0, 34.0]), 3.0);
    let far = ball(&volume, Lps([-75.0, 10.0, -60.0]), 3.0);
    let found = neighbours(&volume, &lungs, &[&nodule, &other, &far], 0);
    let kinds: Vec<NeighbourKind> = found.iter().map(|neighbour| neighbour.kind).collect();
    assert_eq!(
        kinds,
        [NeighbourKind::Vessel, NeighbourKind::Nodule(1)],
        "{found:?}"
    );
    for (neighbour, want) in found.iter().zip([10.0 - 2.0 - 5.0, 14.0 - 3.0 - 5.0]) {
        assert!(
            (neighbour.distance_mm - want).abs() < 1.3,
            "{neighbour:?}: not {want}"
        );
    }
    let Lps([x, y, _]) = found[0].nearest_lps;
    assert!(
        (x - (center[0] + 8.0)).abs() < 1.5 && (y - center[1]).abs() < 2.5,
        "{:?}",
        found[0]
    );
    // A vessel that touches is at no distance.
    let touching = ball(&volume, Lps([center[0] + 4.0, center[1], center[2] + 40.0]), 4.2);
    let found = neighbours(&volume, &lungs, &[&touching], 0);
    assert_eq!(found[0].kind, NeighbourKind::Vessel);
    assert!(found[0].distance_mm < 0.8, "{found:?}");
}
