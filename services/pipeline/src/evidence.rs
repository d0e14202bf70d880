//! What a score rests on, in words and codes.

use hilum_domain::{Characteristics, Code, Evidence, EvidenceKind, NoduleType, Uid};

/// The measured side of one nodule, as evidence is drawn from it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    pub(crate) mean_diameter_mm: f64,
    pub(crate) volume_mm3: f64,
    pub(crate) nodule_type: NoduleType,
    /// First and last slice index of the outline.
    pub(crate) slices: [usize; 2],
}

/// A mean diameter from which size speaks for suspicion (the solid-nodule limit of Lung-RADS v2022 category 4A).
const SUSPICIOUS_DIAMETER_MM: f64 = 8.0;
/// Readings at or above this level of a 1-to-5 scale count as the characteristic being there.
const CLEARLY_PRESENT: f64 = 3.5;
/// Readings at or below this level count as its being absent.
const CLEARLY_ABSENT: f64 = 2.0;

/// Evidence from measurement and from the characteristics that the model reads.
///
/// `supports` is the clinical direction (size, spiculation, lobulation and an ill-defined margin speak for
/// suspicion; benign calcification and a sharp round shape against), not a gradient of the model.
pub(crate) fn of_nodule(series: &Uid, measured: Measured, read: &Characteristics) -> Vec<Evidence> {
    let statement = |text: String, concept: Option<Code>, supports: bool| Evidence {
        kind: EvidenceKind::Voxels,
        source: series.to_string(),
        span: Some(measured.slices),
        start_ms: None,
        end_ms: None,
        statement: text,
        concept,
        supports,
    };
    let mut evidence = vec![
        statement(
            format!("mean diameter {:.1} mm", measured.mean_diameter_mm),
            Some(Code::new("SCT", "81827009", "Diameter")),
            measured.mean_diameter_mm >= SUSPICIOUS_DIAMETER_MM,
        ),
        statement(
            format!("volume {:.0} mm3", measured.volume_mm3),
            Some(Code::new("SCT", "118565006", "Volume")),
            measured.mean_diameter_mm >= SUSPICIOUS_DIAMETER_MM,
        ),
    ];
    let (words, concept, supports) = attenuation(measured.nodule_type);
    evidence.push(statement(words.to_owned(), concept, supports));

    let reading = |name: &str, level: f64| format!("the model reads {name} {level:.1} of 5");
    if let Some(present) = clearly(read.spiculation) {
        let concept = present.then(|| Code::new("DCM", "112136", "Spiculated"));
        evidence.push(statement(
            reading("spiculation", read.spiculation),
            concept,
            present,
        ));
    }
    if let Some(present) = clearly(read.lobulation) {
        let concept = present.then(|| Code::new("DCM", "112135", "Lobulated"));
        evidence.push(statement(
            reading("lobulation", read.lobulation),
            concept,
            present,
        ));
    }
    if let Some(sharp) = clearly(read.margin) {
        evidence.push(statement(reading("margin sharpness", read.margin), None, !sharp));
    }
    if let Some(round) = clearly(read.sphericity) {
        evidence.push(statement(reading("sphericity", read.sphericity), None, !round));
    }
    evidence
}

fn clearly(level: f64) -> Option<bool> {
    match level {
        _ if level >= CLEARLY_PRESENT => Some(true),
        _ if level <= CLEARLY_ABSENT => Some(false),
        _ => None,
    }
}

fn attenuation(nodule_type: NoduleType) -> (&'static str, Option<Code>, bool) {
    match nodule_type {
        NoduleType::Solid => (
            "solid by attenuation",
            Some(Code::new("RADLEX", "RID5741", "solid")),
            true,
        ),
        NoduleType::PartSolid => ("part-solid by attenuation", None, true),
        NoduleType::GroundGlass => (
            "ground glass by attenuation",
            Some(Code::new("DCM", "112120", "Ground glass opacity")),
            false,
        ),
        NoduleType::Calcified => ("calcified by attenuation", None, false),
        NoduleType::Fat => ("contains fat by attenuation", None, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Characteristics = Characteristics {
        texture: 5.0,
        margin: 3.0,
        spiculation: 3.0,
        lobulation: 3.0,
        sphericity: 3.0,
        calcification: 6.0,
        internal_structure: 1.0,
        subtlety: 4.0,
    };

    fn check(measured: Measured, read: Characteristics, want: &[(&str, bool)]) {
        let series = Uid::parse("1.2.3").unwrap();
        let got = of_nodule(&series, measured, &read);
        for (part, supports) in want {
            let found = got.iter().find(|e| e.statement.contains(part));
            assert_eq!(found.map(|e| e.supports), Some(*supports), "{part} in {got:?}");
        }
        assert_eq!(got.len(), want.len(), "{got:?}");
    }

    #[test]
    fn directions() {
        let measured = Measured {
            mean_diameter_mm: 8.0,
            volume_mm3: 268.0,
            nodule_type: NoduleType::Solid,
            slices: [3, 5],
        };
        check(
            measured,
            PLAIN,
            &[("8.0 mm", true), ("268 mm3", true), ("solid", true)],
        );
        let small = Measured {
            mean_diameter_mm: 7.9,
            nodule_type: NoduleType::Calcified,
            ..measured
        };
        let benign = Characteristics {
            margin: 5.0,
            sphericity: 5.0,
            spiculation: 1.0,
            lobulation: 1.0,
            ..PLAIN
        };
        check(
            small,
            benign,
            &[
                ("7.9 mm", false),
                ("mm3", false),
                ("calcified", false),
                ("spiculation 1.0", false),
                ("lobulation 1.0", false),
                ("margin", false),
                ("sphericity", false),
            ],
        );
        let spiky = Characteristics {
            margin: 1.5,
            spiculation: 4.5,
            ..PLAIN
        };
        check(
            measured,
            spiky,
            &[
                ("8.0", true),
                ("mm3", true),
                ("solid", true),
                ("spiculation 4.5", true),
                ("margin", true),
            ],
        );
    }
}
