//! Several acquisitions in one series: phases of a contrast study, a repeated scan, a breathing cycle.

use std::collections::BTreeMap;

use hilum_domain::{Reason, ReasonCode};

use crate::load::SetAside;
use crate::slice::{CtImage, CtSlice};
use crate::{VolumeError, geometry};

/// What tells the acquisitions of a series apart, as written; empty where absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Acquisition {
    /// Acquisition Number (0020,0012).
    pub(crate) number: String,
    /// Temporal Position Identifier (0020,0100).
    pub(crate) temporal_position: String,
    /// Acquisition Time (0008,0032).
    pub(crate) time: String,
}

/// The attributes that may tell them apart, tried in this order.
type Key = (&'static str, fn(&Acquisition) -> &String);
const KEYS: [Key; 3] = [
    ("AcquisitionNumber", |acquisition| &acquisition.number),
    ("TemporalPositionIdentifier", |acquisition| {
        &acquisition.temporal_position
    }),
    ("AcquisitionTime", |acquisition| &acquisition.time),
];

/// The slices of one acquisition, from slices that are in order.
///
/// A series where no position repeats is one acquisition, whatever its slices say: step-and-shoot scanners number
/// every rotation. Where positions repeat, the series is split by the first attribute that yields an acquisition
/// which is a regular grid over the whole extent of the series. The largest of these is used and the rest set aside;
/// two of the same size are refused. Where nothing splits it, all slices are given back, for the check of duplicates.
pub(crate) fn one(
    ordered: Vec<(CtSlice, CtImage)>,
    normal: [f64; 3],
    set_aside: &mut Vec<SetAside>,
    warnings: &mut Vec<Reason>,
) -> Result<Vec<(CtSlice, CtImage)>, VolumeError> {
    let positions_mm: Vec<f64> = ordered
        .iter()
        .map(|(_, image)| geometry::along(normal, image))
        .collect();
    if !positions_mm.windows(2).any(geometry::is_same_position) {
        return Ok(ordered);
    }
    for (attribute, value_of) in KEYS {
        let mut groups: BTreeMap<&String, Vec<usize>> = BTreeMap::new();
        for (index, (_, image)) in ordered.iter().enumerate() {
            groups
                .entry(value_of(&image.acquisition))
                .or_default()
                .push(index);
        }
        let acquisitions = groups.len();
        let mut complete: Vec<Vec<usize>> = groups
            .into_values()
            .filter(|group| group.len() < ordered.len() && is_complete(group, &ordered, &positions_mm))
            .collect();
        complete.sort_by_key(Vec::len);
        let Some(largest) = complete.pop() else { continue };
        if complete.last().is_some_and(|next| next.len() == largest.len()) {
            return Err(VolumeError::SeveralAcquisitions {
                acquisitions,
                slices: largest.len(),
                attribute,
            });
        }
        warnings.push(Reason::new(
            ReasonCode::SeveralAcquisitions,
            format!(
                "the series holds {acquisitions} acquisitions (by {attribute}); the largest, of {} slices, was used",
                largest.len()
            ),
        ));
        return Ok(take(ordered, &largest, attribute, set_aside));
    }
    Ok(ordered)
}

/// Whether these slices are a regular grid that covers what the whole series covers.
fn is_complete(group: &[usize], ordered: &[(CtSlice, CtImage)], positions_mm: &[f64]) -> bool {
    let slices: Vec<(&str, &CtImage)> = group
        .iter()
        .map(|&index| (ordered[index].0.name.as_str(), &ordered[index].1))
        .collect();
    let own: Vec<f64> = group.iter().map(|&index| positions_mm[index]).collect();
    let ([first, .., last], [start, .., end]) = (own.as_slice(), positions_mm) else {
        return false;
    };
    let spacing_mm = (last - first) / (own.len() - 1) as f64;
    !own.windows(2).any(geometry::is_same_position)
        && geometry::grid(&slices).is_ok()
        && first - start < 1.5 * spacing_mm
        && end - last < 1.5 * spacing_mm
}

fn take(
    ordered: Vec<(CtSlice, CtImage)>,
    chosen: &[usize],
    attribute: &str,
    set_aside: &mut Vec<SetAside>,
) -> Vec<(CtSlice, CtImage)> {
    let mut taken = Vec::with_capacity(chosen.len());
    for (index, pair) in ordered.into_iter().enumerate() {
        if chosen.binary_search(&index).is_ok() {
            taken.push(pair);
        } else {
            set_aside.push(SetAside {
                file: pair.0.name,
                code: ReasonCode::SeveralAcquisitions,
                text: format!("another acquisition of the same series (by {attribute})"),
            });
        }
    }
    taken
}
