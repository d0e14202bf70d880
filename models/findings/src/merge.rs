//! Which descriptions are of one nodule.

use crate::mention::Mention;
use crate::nodule::{Conflict, Nodule};
use crate::section::Section;
use crate::size::TOLERANCE_MM;

/// Nodules of a text so far.
#[derive(Default)]
pub(crate) struct Nodules {
    pub(crate) found: Vec<Nodule>,
    /// Whether the last sentence described the last nodule, so that the next may go on about it.
    open: bool,
}

/// Nodules among which a description is looked for: a text of a million nodules is not compared pair by pair.
const LOOK_BACK: usize = 64;

impl Nodules {
    /// A sentence about something else, or a new part of the report: a pronoun no longer means the last nodule.
    pub(crate) fn close(&mut self) {
        self.open = false;
    }

    /// Enters a description.
    pub(crate) fn add(&mut self, mention: Mention) {
        let Mention {
            nodule,
            refers_back,
            headless,
        } = mention;
        let first = self.found.len().saturating_sub(LOOK_BACK);
        let of_impression = nodule.section == Section::Impression;
        let candidates = self.found[first..].iter().rposition(|known| {
            if known.section != nodule.section && of_impression {
                return same_place(known, &nodule) && alike(known, &nodule) && placed(&nodule);
            }
            refers_back
                && !headless
                && same_place(known, &nodule)
                && alike(known, &nodule)
                && (placed(&nodule) || self.open)
        });
        if let Some(at) = candidates {
            absorb(&mut self.found[first + at], nodule);
            self.open = true;
            return;
        }
        if refers_back && headless {
            if self.open
                && let Some(last) = self.found.last_mut()
            {
                absorb(last, nodule);
            }
            return;
        }
        if refers_back
            && self.open
            && let Some(last) = self.found.last_mut()
            && !placed(&nodule)
        {
            absorb(last, nodule);
            return;
        }
        self.found.push(nodule);
        self.open = true;
    }
}

fn placed(nodule: &Nodule) -> bool {
    nodule.lobe.is_some()
}

fn same_place(a: &Nodule, b: &Nodule) -> bool {
    match (a.lobe, b.lobe) {
        (Some(a), Some(b)) => a == b,
        _ => match (a.side(), b.side()) {
            (Some(a), Some(b)) => a == b,
            _ => true,
        },
    }
}

/// Neither size nor type tells them apart.
fn alike(a: &Nodule, b: &Nodule) -> bool {
    let sizes = match (a.long_mm, b.long_mm) {
        (Some(x), Some(y)) => (x - y).abs() <= TOLERANCE_MM || a.long_mm == b.prior_long_mm || unique(a, b),
        _ => true,
    };
    let types = match (a.nodule_type, b.nodule_type) {
        (Some(x), Some(y)) => x == y,
        _ => true,
    };
    sizes && types
}

/// One segment or one image: the same nodule, whatever its size is said to be.
fn unique(a: &Nodule, b: &Nodule) -> bool {
    (a.image.is_some() && a.image == b.image && a.series == b.series)
        || (a.segment.is_some() && a.segment == b.segment)
}

/// Adds to a nodule what another description of it says; what differs becomes a conflict.
fn absorb(known: &mut Nodule, other: Nodule) {
    let place = [other.start, other.end];
    if let (Some(a), Some(b)) = (known.long_mm, other.long_mm)
        && (a - b).abs() > TOLERANCE_MM
        && other.prior_long_mm.is_none()
    {
        known.conflicts.push(Conflict::Size(b, place));
    }
    if let (Some(a), Some(b)) = (known.lobe, other.lobe)
        && a != b
    {
        known.conflicts.push(Conflict::Lobe(b, place));
    }
    if let (Some(a), Some(b)) = (known.change, other.change)
        && a != b
    {
        known.conflicts.push(Conflict::Change(b, place));
    }
    if other.prior_long_mm.is_some() && other.long_mm.is_some() && known.long_mm == other.prior_long_mm {
        known.prior_long_mm = known.prior_long_mm.or(other.prior_long_mm);
        known.long_mm = other.long_mm;
    }
    macro_rules! keep {
        ($($field:ident),*) => {$(if known.$field.is_none() { known.$field = other.$field; })*};
    }
    keep!(
        lobe,
        segment,
        laterality,
        location,
        nodule_type,
        shape,
        long_mm,
        short_mm,
        mean_mm,
        low_mm,
        solid_mm,
        volume_mm3,
        mean_hu,
        series,
        image,
        count,
        change,
        prior_date,
        prior_long_mm,
        interval_months,
        diagnosis,
        certainty
    );
    known.perifissural |= other.perifissural;
    known.largest |= other.largest;
    let lists = [
        (&mut known.margin, other.margin),
        (&mut known.features, other.features),
        (&mut known.negated_features, other.negated_features),
    ];
    for (list, more) in lists {
        for value in more {
            if !list.contains(&value) {
                list.push(value);
            }
        }
    }
    known.mentions.extend(other.mentions);
    known.conflicts.extend(other.conflicts);
}
