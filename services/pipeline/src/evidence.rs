//! What a score rests on, in words and codes.

use hilum_domain::{Characteristics, Code, Evidence, EvidenceKind, Lobe, NoduleType, Uid};
use hilum_nodule::Measurement;

use crate::surroundings::Place;

/// A mean diameter from which size speaks for suspicion (the solid-nodule limit of Lung-RADS v2022 category 4A).
const SUSPICIOUS_DIAMETER_MM: f64 = 8.0;
/// A solid component from which a part-solid nodule is suspicious (Lung-RADS v2022 category 4A).
const SUSPICIOUS_SOLID_MM: f64 = 6.0;
/// Readings at or above this level of a 1-to-5 scale count as the characteristic being there.
const CLEARLY_PRESENT: f64 = 3.5;
/// Readings at or below this level count as its being absent.
const CLEARLY_ABSENT: f64 = 2.0;

/// Evidence from measurement and from the characteristics that the model reads.
///
/// `supports` is the clinical direction (size, an upper lobe, spiculation, lobulation and an ill-defined margin speak
/// for suspicion; benign calcification and a sharp round shape against), not a gradient of the model.
pub(crate) fn of_nodule(
    series: &Uid,
    measured: &Measurement,
    place: &Place,
    read: &Characteristics,
) -> Vec<Evidence> {
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
    if let (NoduleType::PartSolid, Some(solid)) = (measured.nodule_type, measured.solid) {
        evidence.push(statement(
            format!("solid component {:.1} mm", solid.mean_diameter_mm),
            None,
            solid.mean_diameter_mm >= SUSPICIOUS_SOLID_MM,
        ));
    }
    if let Some(lobe) = place.location.lobe {
        let (words, upper) = lobe_in_words(lobe);
        evidence.push(statement(words.to_owned(), Some(lobe.code()), upper));
    }

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

/// Whether it is an upper lobe, where cancer is more frequent (`McWilliams` et al., N Engl J Med 369, 2013).
const fn lobe_in_words(lobe: Lobe) -> (&'static str, bool) {
    match lobe {
        Lobe::RightUpper => ("in the right upper lobe", true),
        Lobe::RightMiddle => ("in the right middle lobe", false),
        Lobe::RightLower => ("in the right lower lobe", false),
        Lobe::LeftUpper => ("in the left upper lobe", true),
        Lobe::LeftLower => ("in the left lower lobe", false),
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
    use hilum_domain::{Lps, VoxelIndex};
    use hilum_nodule::{Location, Shape, SolidPart};

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

    fn measured(nodule_type: NoduleType, mean_diameter_mm: f64, solid_diameter_mm: f64) -> Measurement {
        let center = Lps([0.0; 3]);
        Measurement {
            center_lps: center,
            center_voxel: VoxelIndex([0; 3]),
            long_axis_mm: mean_diameter_mm,
            short_axis_mm: mean_diameter_mm,
            mean_diameter_mm,
            volume_mm3: 268.0,
            equivalent_diameter_mm: mean_diameter_mm,
            mean_hu: 0.0,
            mass_mg: 268.0,
            nodule_type,
            solid_fraction: 1.0,
            solid: Some(SolidPart {
                mean_diameter_mm: solid_diameter_mm,
                ..SolidPart::default()
            }),
            shape: Shape {
                sphericity: 1.0,
                spiculation_index: 0.0,
                lobulation_index: 0.0,
            },
            slices: [3, 5],
            axis_slice: 4,
            long_axis_ends: [center; 2],
            short_axis_ends: [center; 2],
        }
    }

    fn check(measured: &Measurement, lobe: Option<Lobe>, read: Characteristics, want: &[(&str, bool)]) {
        let place = Place {
            location: Location {
                lobe,
                lobe_confidence: Some(0.9),
                distance_to_pleura_mm: None,
                distance_to_fissure_mm: None,
            },
            neighbours: Vec::new(),
        };
        let series = Uid::parse("1.2.3").unwrap();
        let got = of_nodule(&series, measured, &place, &read);
        for (part, supports) in want {
            let found = got.iter().find(|e| e.statement.contains(part));
            assert_eq!(found.map(|e| e.supports), Some(*supports), "{part} in {got:?}");
        }
        assert_eq!(got.len(), want.len(), "{got:?}");
        assert!(got.iter().all(|e| e.span == Some([3, 5])));
    }

    #[test]
    fn directions() {
        check(
            &measured(NoduleType::Solid, 8.0, 8.0),
            Some(Lobe::LeftUpper),
            PLAIN,
            &[
                ("8.0 mm", true),
                ("268 mm3", true),
                ("solid", true),
                ("left upper lobe", true),
            ],
        );
        let benign = Characteristics {
            margin: 5.0,
            sphericity: 5.0,
            spiculation: 1.0,
            lobulation: 1.0,
            ..PLAIN
        };
        check(
            &measured(NoduleType::Calcified, 7.9, 7.9),
            Some(Lobe::RightMiddle),
            benign,
            &[
                ("7.9 mm", false),
                ("mm3", false),
                ("calcified", false),
                ("right middle lobe", false),
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
            &measured(NoduleType::PartSolid, 9.0, 5.9),
            None,
            spiky,
            &[
                ("9.0", true),
                ("mm3", true),
                ("part-solid", true),
                ("solid component 5.9 mm", false),
                ("spiculation 4.5", true),
                ("margin", true),
            ],
        );
    }
}
