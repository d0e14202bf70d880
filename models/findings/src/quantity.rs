//! Numbers with their units: sizes, ranges, durations, doses, concentrations.

use crate::number::{Number, rounded};

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

/// What a quantity is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Millimetre,
    CubicMillimetre,
    Hounsfield,
    Year,
    Month,
    Week,
    Day,
    /// Years of age.
    Age,
    PackYear,
    CigaretteYear,
    Pack,
    Cigarette,
    PacksPerDay,
    CigarettesPerDay,
    Kilogram,
    /// Anything that a laboratory writes, in UCUM.
    Lab(&'static str),
}

impl Quantity {
    /// The one value, or the first side.
    pub(crate) fn value(&self) -> f64 {
        self.values[0]
    }
}

/// Spelling in comparable form, unit, factor to its base.
const UNITS: &[(&str, Unit, f64)] = &[
    ("cubic millimeters", Unit::CubicMillimetre, 1.0),
    ("cubic millimetres", Unit::CubicMillimetre, 1.0),
    ("cubic millimeter", Unit::CubicMillimetre, 1.0),
    ("cubic centimeters", Unit::CubicMillimetre, 1000.0),
    ("cubic centimetres", Unit::CubicMillimetre, 1000.0),
    ("cubic mm", Unit::CubicMillimetre, 1.0),
    ("cu mm", Unit::CubicMillimetre, 1.0),
    ("mm^3", Unit::CubicMillimetre, 1.0),
    ("mm3", Unit::CubicMillimetre, 1.0),
    ("cm^3", Unit::CubicMillimetre, 1000.0),
    ("cm3", Unit::CubicMillimetre, 1000.0),
    ("cc", Unit::CubicMillimetre, 1000.0),
    ("立方毫米", Unit::CubicMillimetre, 1.0),
    ("立方厘米", Unit::CubicMillimetre, 1000.0),
    ("millimeters", Unit::Millimetre, 1.0),
    ("millimetres", Unit::Millimetre, 1.0),
    ("millimeter", Unit::Millimetre, 1.0),
    ("millimetre", Unit::Millimetre, 1.0),
    ("mms", Unit::Millimetre, 1.0),
    ("mm", Unit::Millimetre, 1.0),
    ("毫米", Unit::Millimetre, 1.0),
    ("centimeters", Unit::Millimetre, 10.0),
    ("centimetres", Unit::Millimetre, 10.0),
    ("centimeter", Unit::Millimetre, 10.0),
    ("centimetre", Unit::Millimetre, 10.0),
    ("cm", Unit::Millimetre, 10.0),
    ("厘米", Unit::Millimetre, 10.0),
    ("公分", Unit::Millimetre, 10.0),
    ("hounsfield units", Unit::Hounsfield, 1.0),
    ("hounsfield unit", Unit::Hounsfield, 1.0),
    ("hounsfield", Unit::Hounsfield, 1.0),
    ("hu", Unit::Hounsfield, 1.0),
    ("亨氏单位", Unit::Hounsfield, 1.0),
    ("亨", Unit::Hounsfield, 1.0),
    ("pack years", Unit::PackYear, 1.0),
    ("pack year", Unit::PackYear, 1.0),
    ("packyears", Unit::PackYear, 1.0),
    ("packyear", Unit::PackYear, 1.0),
    ("pack yrs", Unit::PackYear, 1.0),
    ("pack yr", Unit::PackYear, 1.0),
    ("pk yrs", Unit::PackYear, 1.0),
    ("pk yr", Unit::PackYear, 1.0),
    ("pk years", Unit::PackYear, 1.0),
    ("pkyrs", Unit::PackYear, 1.0),
    ("pkyr", Unit::PackYear, 1.0),
    ("pack/years", Unit::PackYear, 1.0),
    ("py", Unit::PackYear, 1.0),
    ("包年", Unit::PackYear, 1.0),
    ("包\u{b7}年", Unit::PackYear, 1.0),
    ("年包", Unit::PackYear, 1.0),
    ("cigarette years", Unit::CigaretteYear, 1.0),
    ("年支", Unit::CigaretteYear, 1.0),
    ("支年", Unit::CigaretteYear, 1.0),
    ("年\u{b7}支", Unit::CigaretteYear, 1.0),
    ("支\u{b7}年", Unit::CigaretteYear, 1.0),
    ("packs per day", Unit::PacksPerDay, 1.0),
    ("pack per day", Unit::PacksPerDay, 1.0),
    ("packs/day", Unit::PacksPerDay, 1.0),
    ("pack/day", Unit::PacksPerDay, 1.0),
    ("packs/d", Unit::PacksPerDay, 1.0),
    ("pack/d", Unit::PacksPerDay, 1.0),
    ("packs a day", Unit::PacksPerDay, 1.0),
    ("pack a day", Unit::PacksPerDay, 1.0),
    ("packs daily", Unit::PacksPerDay, 1.0),
    ("pack daily", Unit::PacksPerDay, 1.0),
    ("packs each day", Unit::PacksPerDay, 1.0),
    ("packs every day", Unit::PacksPerDay, 1.0),
    ("a pack per day", Unit::PacksPerDay, 1.0),
    ("a pack a day", Unit::PacksPerDay, 1.0),
    ("a pack daily", Unit::PacksPerDay, 1.0),
    ("packs of cigarettes per day", Unit::PacksPerDay, 1.0),
    ("pack of cigarettes per day", Unit::PacksPerDay, 1.0),
    ("packs of cigarettes a day", Unit::PacksPerDay, 1.0),
    ("pack of cigarettes a day", Unit::PacksPerDay, 1.0),
    ("pk/day", Unit::PacksPerDay, 1.0),
    ("ppd", Unit::PacksPerDay, 1.0),
    ("包/天", Unit::PacksPerDay, 1.0),
    ("包/日", Unit::PacksPerDay, 1.0),
    ("包每天", Unit::PacksPerDay, 1.0),
    ("包每日", Unit::PacksPerDay, 1.0),
    ("packs", Unit::Pack, 1.0),
    ("pack", Unit::Pack, 1.0),
    ("包", Unit::Pack, 1.0),
    ("盒", Unit::Pack, 1.0),
    ("cigarettes per day", Unit::CigarettesPerDay, 1.0),
    ("cigarettes a day", Unit::CigarettesPerDay, 1.0),
    ("cigarettes daily", Unit::CigarettesPerDay, 1.0),
    ("cigarettes each day", Unit::CigarettesPerDay, 1.0),
    ("cigarettes every day", Unit::CigarettesPerDay, 1.0),
    ("cigarettes/day", Unit::CigarettesPerDay, 1.0),
    ("cigarettes/d", Unit::CigarettesPerDay, 1.0),
    ("cigs per day", Unit::CigarettesPerDay, 1.0),
    ("cigs a day", Unit::CigarettesPerDay, 1.0),
    ("cigs daily", Unit::CigarettesPerDay, 1.0),
    ("cigs/day", Unit::CigarettesPerDay, 1.0),
    ("cigs/d", Unit::CigarettesPerDay, 1.0),
    ("cig/day", Unit::CigarettesPerDay, 1.0),
    ("cpd", Unit::CigarettesPerDay, 1.0),
    ("支/天", Unit::CigarettesPerDay, 1.0),
    ("支/日", Unit::CigarettesPerDay, 1.0),
    ("支/d", Unit::CigarettesPerDay, 1.0),
    ("支每天", Unit::CigarettesPerDay, 1.0),
    ("支每日", Unit::CigarettesPerDay, 1.0),
    ("根/天", Unit::CigarettesPerDay, 1.0),
    ("根/日", Unit::CigarettesPerDay, 1.0),
    ("cigarettes", Unit::Cigarette, 1.0),
    ("cigarette", Unit::Cigarette, 1.0),
    ("cigs", Unit::Cigarette, 1.0),
    ("支", Unit::Cigarette, 1.0),
    ("根", Unit::Cigarette, 1.0),
    ("years of age", Unit::Age, 1.0),
    ("year of age", Unit::Age, 1.0),
    ("years old", Unit::Age, 1.0),
    ("year old", Unit::Age, 1.0),
    ("yrs old", Unit::Age, 1.0),
    ("yr old", Unit::Age, 1.0),
    ("y/o", Unit::Age, 1.0),
    ("yo", Unit::Age, 1.0),
    ("周岁", Unit::Age, 1.0),
    ("岁", Unit::Age, 1.0),
    ("years", Unit::Year, 1.0),
    ("year", Unit::Year, 1.0),
    ("yrs", Unit::Year, 1.0),
    ("yr", Unit::Year, 1.0),
    ("y", Unit::Year, 1.0),
    ("年", Unit::Year, 1.0),
    ("months", Unit::Month, 1.0),
    ("month", Unit::Month, 1.0),
    ("mos", Unit::Month, 1.0),
    ("mo", Unit::Month, 1.0),
    ("个月", Unit::Month, 1.0),
    ("月", Unit::Month, 1.0),
    ("weeks", Unit::Week, 1.0),
    ("week", Unit::Week, 1.0),
    ("wks", Unit::Week, 1.0),
    ("wk", Unit::Week, 1.0),
    ("个星期", Unit::Week, 1.0),
    ("星期", Unit::Week, 1.0),
    ("周", Unit::Week, 1.0),
    ("days", Unit::Day, 1.0),
    ("day", Unit::Day, 1.0),
    ("天", Unit::Day, 1.0),
    ("日", Unit::Day, 1.0),
    ("kilograms", Unit::Kilogram, 1.0),
    ("kilos", Unit::Kilogram, 1.0),
    ("kgs", Unit::Kilogram, 1.0),
    ("kg", Unit::Kilogram, 1.0),
    ("公斤", Unit::Kilogram, 1.0),
    ("千克", Unit::Kilogram, 1.0),
    ("斤", Unit::Kilogram, 0.5),
    ("pounds", Unit::Lab("[lb_av]"), 1.0),
    ("pound", Unit::Lab("[lb_av]"), 1.0),
    ("lbs", Unit::Lab("[lb_av]"), 1.0),
    ("lb", Unit::Lab("[lb_av]"), 1.0),
    ("ng/ml", Unit::Lab("ng/mL"), 1.0),
    ("ng/l", Unit::Lab("ng/L"), 1.0),
    ("\u{3bc}g/l", Unit::Lab("ug/L"), 1.0),
    ("ug/l", Unit::Lab("ug/L"), 1.0),
    ("mcg/l", Unit::Lab("ug/L"), 1.0),
    ("\u{3bc}g/ml", Unit::Lab("ug/mL"), 1.0),
    ("ug/ml", Unit::Lab("ug/mL"), 1.0),
    ("pg/ml", Unit::Lab("pg/mL"), 1.0),
    ("mg/dl", Unit::Lab("mg/dL"), 1.0),
    ("mg/l", Unit::Lab("mg/L"), 1.0),
    ("g/dl", Unit::Lab("g/dL"), 1.0),
    ("g/l", Unit::Lab("g/L"), 1.0),
    ("miu/ml", Unit::Lab("m[IU]/mL"), 1.0),
    ("iu/ml", Unit::Lab("[IU]/mL"), 1.0),
    ("iu/l", Unit::Lab("[IU]/L"), 1.0),
    ("ku/l", Unit::Lab("kU/L"), 1.0),
    ("u/ml", Unit::Lab("U/mL"), 1.0),
    ("u/l", Unit::Lab("U/L"), 1.0),
    ("mmol/l", Unit::Lab("mmol/L"), 1.0),
    ("mm/h", Unit::Lab("mm/h"), 1.0),
    ("ng", Unit::Lab("ng"), 1.0),
    ("%", Unit::Lab("%"), 1.0),
    ("percent", Unit::Lab("%"), 1.0),
    ("liters", Unit::Lab("L"), 1.0),
    ("litres", Unit::Lab("L"), 1.0),
    ("l", Unit::Lab("L"), 1.0),
    ("升", Unit::Lab("L"), 1.0),
];

/// The unit that stands right behind `at`: itself, its factor, what its words add (`年半`), the byte after it.
pub(crate) fn unit_at(text: &str, at: usize) -> Option<(Unit, f64, f64, usize)> {
    let mut rest = text[at..].trim_start_matches(' ');
    for filler in ["-", "余", "多", "来", "+"] {
        if let Some(after) = rest.strip_prefix(filler) {
            rest = after.trim_start_matches(' ');
            break;
        }
    }
    let first = *rest.as_bytes().first()?;
    let mut best: Option<&(&str, Unit, f64)> = None;
    for entry in UNITS {
        let (spelling, ..) = entry;
        if spelling.as_bytes()[0] != first || !rest.starts_with(spelling) {
            continue;
        }
        let next = rest.as_bytes().get(spelling.len()).copied().unwrap_or(b' ');
        let goes_on = spelling.ends_with(|c: char| c.is_ascii_alphabetic()) && next.is_ascii_alphabetic();
        if !goes_on && best.is_none_or(|(other, ..)| spelling.len() > other.len()) {
            best = Some(entry);
        }
    }
    let end = |length: usize| text.len() - rest.len() + length;
    if let Some(after) = rest.strip_prefix("个半月") {
        return Some((Unit::Month, 1.0, 0.5, text.len() - after.len()));
    }
    let (spelling, unit, factor) = best?;
    if *unit == Unit::Year && rest[spelling.len()..].starts_with('半') && *spelling == "年" {
        return Some((*unit, *factor, 0.5, end(spelling.len() + '半'.len_utf8())));
    }
    Some((*unit, *factor, 0.0, end(spelling.len())))
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
