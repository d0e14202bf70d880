//! Numbers with their units: sizes, ranges, durations, doses, concentrations.

use crate::number::{Number, rounded};
use crate::unit::{Unit, unit_at};

/// A number, a range or the sides of something, with a unit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Quantity {
    /// First byte of its first number.
    pub(crate) start: usize,
    /// Byte after its unit.
    pub(crate) end: usize,
    /// One value, or as many as sides were given (`14 x 11 mm`). Millimetres, mm³, kg and months where the unit
    /// is a length, a volume, a weight or a duration below a year.
    pub(crate) values: Vec<f64>,
    /// Lower end, when it is a range; the value is the upper one.
    pub(crate) low: Option<f64>,
    /// What it is counted in.
    pub(crate) unit: Unit,
}

impl Quantity {
    /// The one value, or the first side.
    pub(crate) fn value(&self) -> f64 {
        self.values[0]
    }
}

/// The quantities of a text. Numbers that `taken` covers (dates, names with digits) are left out.
pub(crate) fn quantities(text: &str, numbers: &[Number], taken: impl Fn(&Number) -> bool) -> Vec<Quantity> {
    let mut quantities = Vec::new();
    let mut at = 0;
    while at < numbers.len() {
        if taken(&numbers[at]) {
            at += 1;
            continue;
        }
        match quantity(text, numbers, at, &taken) {
            Some((quantity, after)) => {
                quantities.push(quantity);
                at = after;
            }
            None => at += 1,
        }
    }
    quantities
}

/// How two numbers are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joint {
    Times,
    Range,
}

fn quantity(
    text: &str,
    numbers: &[Number],
    at: usize,
    taken: &impl Fn(&Number) -> bool,
) -> Option<(Quantity, usize)> {
    let first = numbers[at];
    let mut unit = unit_at(text, first.end);
    let mut end = unit.map_or(first.end, |(.., end)| end);
    let mut parts = vec![(first.value, unit)];
    let mut joint = None;
    let mut after = at + 1;
    while let Some(next) = numbers.get(after).filter(|next| !taken(next) && parts.len() < 3) {
        let found = joint_of(&text[end..next.start.max(end)]);
        let Some(found) =
            found.filter(|found| joint.is_none_or(|joint| joint == *found && joint == Joint::Times))
        else {
            break;
        };
        let own = unit_at(text, next.end);
        let length =
            |unit: Option<(Unit, f64, f64, usize)>| unit.is_none_or(|(unit, ..)| unit == Unit::Millimetre);
        let fits = match (unit, own) {
            (Some((a, ..)), Some((b, ..))) => a == b,
            (Some(_), None) => found == Joint::Times,
            (None, _) => true,
        };
        if !fits || (found == Joint::Times && !(length(unit) && length(own))) {
            break;
        }
        joint = Some(found);
        parts.push((next.value, own));
        end = own.map_or(next.end, |(.., end)| end);
        unit = own.or(unit);
        after += 1;
    }
    let (kind, factor, more, _) = unit?;
    let scaled = |(value, own): &(f64, Option<(Unit, f64, f64, usize)>)| {
        let factor = own.map_or(factor, |(_, factor, ..)| factor);
        rounded(value * factor)
    };
    let mut values: Vec<f64> = parts.iter().map(scaled).collect();
    let mut low = None;
    if joint == Some(Joint::Range) {
        low = Some(values[0].min(values[1]));
        values = vec![values[0].max(values[1])];
    }
    values[0] += more;
    let quantity = Quantity {
        start: first.start,
        end,
        values,
        low,
        unit: kind,
    };
    Some((quantity, after))
}

fn joint_of(between: &str) -> Option<Joint> {
    match between.trim_matches(' ') {
        "x" | "\u{d7}" | "*" | "by" | "乘" | "乘以" | "cm x" => Some(Joint::Times),
        "-" | "~" | "--" | "to" | "or" | "至" | "到" | "或" => Some(Joint::Range),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use hilum_concepts::fold;

    use super::*;
    use crate::{number::numbers, token::tokens};

    #[track_caller]
    fn check(original: &str, values: &[f64], low: Option<f64>, unit: Unit) {
        let text = fold(original).text;
        let found = quantities(&text, &numbers(&text, &tokens(&text)), |_| false);
        assert_eq!(found.len(), 1, "{original:?}: {found:?}");
        assert_eq!(
            (found[0].values.as_slice(), found[0].low, found[0].unit),
            (values, low, unit),
            "{original:?}"
        );
    }

    #[test]
    fn sizes_ranges_and_units() {
        check("14 x 11 mm", &[14.0, 11.0], None, Unit::Millimetre);
        check("14mm×11mm", &[14.0, 11.0], None, Unit::Millimetre);
        check("1.4 by 1.1 centimeters", &[14.0, 11.0], None, Unit::Millimetre);
        check("14*11*9毫米", &[14.0, 11.0, 9.0], None, Unit::Millimetre);
        check("8-mm", &[8.0], None, Unit::Millimetre);
        check("3-4 mm", &[4.0], Some(3.0), Unit::Millimetre);
        check("3 mm to 4 mm", &[4.0], Some(3.0), Unit::Millimetre);
        check("三至四毫米", &[4.0], Some(3.0), Unit::Millimetre);
        check("fourteen millimetres", &[14.0], None, Unit::Millimetre);
        check("twelve point five mm", &[12.5], None, Unit::Millimetre);
        check("一点二厘米", &[12.0], None, Unit::Millimetre);
        check("负六百五十HU", &[-650.0], None, Unit::Hounsfield);
        check("113 mm³", &[113.0], None, Unit::CubicMillimetre);
        check("30-pack-year", &[30.0], None, Unit::PackYear);
        check("800年支", &[800.0], None, Unit::CigaretteYear);
        check("20余支/天", &[20.0], None, Unit::CigarettesPerDay);
        check("两年半", &[2.5], None, Unit::Year);
        check("半年", &[0.5], None, Unit::Year);
        check("6.8 μg/L", &[6.8], None, Unit::Lab("ug/L"));
    }
}
