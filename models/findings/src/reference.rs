//! Series and image numbers.

use hilum_concepts::Slot;

use crate::nodule::Nodule;
use crate::view::View;

/// `series 3, image 87`, `(se 3/87)`, `image 87 of series 3`, `第3序列第87层`, `on slice 87`.
pub(crate) fn numbers(view: &View, nodule: &mut Nodule, part: (usize, usize)) {
    for hit in view
        .of(Slot::Reference)
        .filter(|hit| hit.start >= part.0 && hit.end <= part.1)
    {
        let Some((value, end)) = number_of(view, hit.start, hit.end) else {
            continue;
        };
        let place = if hit.value == "series" {
            &mut nodule.series
        } else {
            &mut nodule.image
        };
        if place.is_none() {
            *place = Some(value);
        }
        // `series 3/87`, `3:87`
        if hit.value == "series"
            && nodule.image.is_none()
            && matches!(view.text().as_bytes().get(end), Some(b'/' | b':'))
        {
            nodule.image = number_from(view, end + 1).map(|(value, _)| value);
        }
    }
}

/// The number beside the word: behind it, or between 第 and it.
fn number_of(view: &View, start: usize, end: usize) -> Option<(u32, usize)> {
    let before = view
        .numbers
        .iter()
        .find(|number| number.end == start && view.text()[..number.start].ends_with('第'));
    if let Some(number) = before {
        return whole(number.value).map(|value| (value, number.end));
    }
    let gap = |to: usize| {
        let between = view.text()[end..to].trim_matches([' ', '#', ':', '=', '(', '.']);
        matches!(between, "" | "number" | "no" | "号" | "第")
    };
    let number = view.numbers.iter().find(|number| number.start >= end)?;
    if !gap(number.start) {
        return None;
    }
    whole(number.value).map(|value| (value, number.end))
}

fn number_from(view: &View, at: usize) -> Option<(u32, usize)> {
    let number = view.numbers.iter().find(|number| number.start == at)?;
    whole(number.value).map(|value| (value, number.end))
}

fn whole(value: f64) -> Option<u32> {
    let fits = (0.0..1e6).contains(&value) && value.fract() == 0.0;
    fits.then_some(value as u32)
}
