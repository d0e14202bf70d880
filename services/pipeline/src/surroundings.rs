//! Where the nodules of one CT are, and what lies beside them.

use hilum_domain::{Neighbour, NeighbourKind};
use hilum_nodule::{Location, LungMap, LungMask, Segmentation, neighbours};
use hilum_volume::Volume;

/// The place of one nodule.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) location: Location,
    /// Nearest first.
    pub(crate) neighbours: Vec<Neighbour>,
}

/// The places of nodules, each given with its identifier; in the same order.
pub(crate) fn places(volume: &Volume, lungs: &LungMask, nodules: &[(String, &Segmentation)]) -> Vec<Place> {
    if nodules.is_empty() {
        return Vec::new();
    }
    let map = LungMap::new(volume, lungs);
    let outlines: Vec<&Segmentation> = nodules.iter().map(|(_, outline)| *outline).collect();
    let beside = |of: usize| {
        let found = neighbours(volume, lungs, &outlines, of);
        found
            .into_iter()
            .map(|neighbour| named(neighbour, nodules))
            .collect()
    };
    outlines
        .iter()
        .enumerate()
        .map(|(of, outline)| Place {
            location: map.locate(outline),
            neighbours: beside(of),
        })
        .collect()
}

fn named(neighbour: hilum_nodule::Neighbour, nodules: &[(String, &Segmentation)]) -> Neighbour {
    let (kind, id) = match neighbour.kind {
        hilum_nodule::NeighbourKind::Nodule(at) => (NeighbourKind::Nodule, Some(nodules[at].0.clone())),
        hilum_nodule::NeighbourKind::Vessel => (NeighbourKind::Vessel, None),
    };
    Neighbour {
        kind,
        id,
        distance_mm: neighbour.distance_mm,
        nearest_lps_mm: neighbour.nearest_lps,
    }
}
