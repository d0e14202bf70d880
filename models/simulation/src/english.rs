//! English notes.

use rand::Rng;
use rand::seq::IndexedRandom as _;

use crate::patient::SYMPTOMS;
use crate::words::{filled, one, sections};
use crate::{Cancer, Exposure, LungDisease, SimulatedPatient, Smoking, Symptom};

pub(crate) fn note(patient: &SimulatedPatient, rng: &mut impl Rng) -> String {
    let headed = rng.random_bool(0.4);
    let section = |heading: &str, text: String| {
        if headed && !text.is_empty() {
            format!("{heading}: {text}")
        } else {
            text
        }
    };
    let first = who(patient, rng);
    let rest = vec![
        section("SOCIAL HISTORY", smoking(patient, rng)),
        section("FAMILY HISTORY", family(patient, rng)),
        section("PAST MEDICAL HISTORY", history(patient, rng)),
        section("EXPOSURES", exposures(patient, rng)),
        section("REVIEW OF SYSTEMS", symptoms(patient, rng)),
        section("LABS", labs(patient, rng)),
    ];
    let mut parts = vec![first];
    parts.extend(sections(rest, 0.2, rng));
    parts.join(if headed { "\n" } else { " " })
}

fn who(patient: &SimulatedPatient, rng: &mut impl Rng) -> String {
    let wordings: &[&str] = if patient.female {
        &[
            "{} year old woman with a lung nodule.",
            "{}-year-old female referred for a pulmonary nodule.",
            "{} y/o lady, incidental nodule on CT.",
        ]
    } else {
        &[
            "{} year old man with a lung nodule.",
            "{}-year-old male referred for a pulmonary nodule.",
            "{} y/o gentleman, incidental nodule on CT.",
        ]
    };
    filled(wordings, &[&patient.age], rng)
}

fn smoking(patient: &SimulatedPatient, rng: &mut impl Rng) -> String {
    let packs = patient
        .pack_years()
        .map_or(0.0, |years| (years * 10.0).round() / 10.0);
    match patient.smoking {
        Smoking::Never => one(
            &[
                "Never smoker.",
                "Lifelong non-smoker.",
                "Never smoked.",
                "Denies tobacco use.",
                "No tobacco use.",
            ],
            rng,
        )
        .to_owned(),
        Smoking::Current { per_day, years } => {
            filled(
                &[
                    "Current smoker, {} pack-years.",
                    "Active smoker with a {} pack-year history.",
                    "Currently smoking, about {} pack years.",
                ],
                &[&packs],
                rng,
            ) + &if rng.random_bool(0.4) {
                format!(" Smokes {per_day} cigarettes a day for {years} years.")
            } else {
                String::new()
            }
        }
        Smoking::Former { quit_years, .. } => filled(
            &[
                "{} pack-year smoking history, quit {} years ago.",
                "Former smoker, {} pack years, stopped {} years ago.",
                "Ex-smoker ({} pack-years), smoke-free for {} years.",
            ],
            &[&packs, &quit_years],
            rng,
        ),
    }
}

fn family(patient: &SimulatedPatient, rng: &mut impl Rng) -> String {
    let relative = one(&["father", "mother", "brother", "sister", "son"], rng);
    match patient.family_cancer {
        None => one(
            &[
                "No family history of lung cancer.",
                "Family history is negative for malignancy.",
                "Denies family history of cancer.",
                "",
            ],
            rng,
        )
        .to_owned(),
        Some(cancer) => filled(
            &[
                "Family history of {} in {}.",
                "History of {} in her {}.",
                "FHx {} ({}).",
            ],
            &[&name(cancer), &relative],
            rng,
        ),
    }
}

fn history(patient: &SimulatedPatient, rng: &mut impl Rng) -> String {
    let mut sentences = Vec::new();
    match patient.earlier_cancer {
        Some((cancer, year)) => sentences.push(filled(
            &[
                "History of {} in {}, no evidence of recurrence.",
                "Previous {} treated in {}.",
                "{} ({}), in remission.",
            ],
            &[&name(cancer), &year],
            rng,
        )),
        None if rng.random_bool(0.5) => sentences.push("No history of malignancy.".to_owned()),
        None => {}
    }
    for disease in &patient.lung_diseases {
        sentences.push(
            one(
                match disease {
                    LungDisease::Emphysema => &[
                        "Mild centrilobular emphysema in the upper lobes.",
                        "Known emphysema.",
                        "Paraseptal emphysema.",
                    ],
                    LungDisease::Copd => &[
                        "COPD on inhalers.",
                        "Chronic obstructive pulmonary disease.",
                        "Moderate COPD, FEV1 62 percent.",
                    ],
                    LungDisease::Fibrosis => &[
                        "Idiopathic pulmonary fibrosis.",
                        "Pulmonary fibrosis with a UIP pattern.",
                        "Interstitial lung disease.",
                    ],
                    LungDisease::OldTuberculosis => &[
                        "Old tuberculosis, treated.",
                        "Prior TB with calcified granulomas.",
                        "Healed granulomatous disease.",
                    ],
                    LungDisease::Asthma => &[
                        "Asthma.",
                        "Mild asthma, well controlled.",
                        "Asthma since childhood.",
                    ],
                },
                rng,
            )
            .to_owned(),
        );
    }
    if patient.lung_diseases.is_empty() && rng.random_bool(0.3) {
        sentences.push("No emphysema or COPD.".to_owned());
    }
    sentences.join(" ")
}

fn exposures(patient: &SimulatedPatient, rng: &mut impl Rng) -> String {
    if patient.exposures.is_empty() {
        return one(
            &["No asbestos exposure.", "No occupational exposure.", "", ""],
            rng,
        )
        .to_owned();
    }
    let sentences: Vec<String> = patient
        .exposures
        .iter()
        .map(|exposure| {
            one(
                match exposure {
                    Exposure::Asbestos => &[
                        "Asbestos exposure in a shipyard.",
                        "Worked with asbestos insulation.",
                    ],
                    Exposure::Radon => &[
                        "Radon exposure at home.",
                        "Former uranium miner with radon exposure.",
                    ],
                    Exposure::SecondHandSmoke => {
                        &["Second-hand smoke at home.", "Passive smoking for many years."]
                    }
                    Exposure::Silica => &[
                        "Silica dust exposure.",
                        "Worked as a stone cutter, silica exposure.",
                    ],
                },
                rng,
            )
            .to_owned()
        })
        .collect();
    sentences.join(" ")
}

fn symptoms(patient: &SimulatedPatient, rng: &mut impl Rng) -> String {
    if patient.symptoms.is_empty() && rng.random_bool(0.4) {
        return one(
            &[
                "Asymptomatic.",
                "No respiratory symptoms.",
                "Denies any symptoms.",
            ],
            rng,
        )
        .to_owned();
    }
    let present: Vec<&str> = patient.symptoms.iter().map(|symptom| spoken(*symptom)).collect();
    let absent: Vec<&str> = SYMPTOMS
        .iter()
        .filter(|symptom| !patient.symptoms.contains(symptom))
        .filter(|_| rng.random_bool(0.4))
        .map(|symptom| spoken(*symptom))
        .collect();
    let mut sentences = Vec::new();
    if !present.is_empty() {
        sentences.push(filled(
            &["Reports {}.", "Complains of {}.", "Presents with {}."],
            &[&present.join(" and ")],
            rng,
        ));
    }
    if !absent.is_empty() {
        sentences.push(filled(
            &["Denies {}.", "No {}.", "Without {}."],
            &[&absent.join(" or ")],
            rng,
        ));
    }
    sentences.join(" ")
}

fn labs(patient: &SimulatedPatient, rng: &mut impl Rng) -> String {
    let values: Vec<String> = patient
        .labs
        .iter()
        .map(|lab| {
            let range = ["", " (ref < {})", " (0 - {})"]
                .choose(rng)
                .copied()
                .unwrap_or_default();
            let range = range.replace("{}", &lab.upper.to_string());
            format!("{} {} {}{range}", lab.name, lab.value, lab.unit)
        })
        .collect();
    if values.is_empty() {
        return String::new();
    }
    values.join(", ") + "."
}

fn name(cancer: Cancer) -> &'static str {
    match cancer {
        Cancer::Lung => "lung cancer",
        Cancer::Breast => "breast cancer",
        Cancer::Colorectal => "colorectal cancer",
        Cancer::Prostate => "prostate cancer",
        Cancer::Lymphoma => "lymphoma",
    }
}

fn spoken(symptom: Symptom) -> &'static str {
    match symptom {
        Symptom::Cough => "cough",
        Symptom::Haemoptysis => "haemoptysis",
        Symptom::WeightLoss => "weight loss",
        Symptom::ChestPain => "chest pain",
        Symptom::Dyspnoea => "shortness of breath",
        Symptom::Fever => "fever",
    }
}
