//! A simulated patient of a lung nodule clinic.

use rand::Rng;

/// Smoking history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Smoking {
    /// Never.
    Never,
    /// Still smoking.
    Current {
        /// Cigarettes a day.
        per_day: u32,
        /// Years.
        years: u32,
    },
    /// Gave it up.
    Former {
        /// Cigarettes a day.
        per_day: u32,
        /// Years.
        years: u32,
        /// Years since.
        quit_years: u32,
    },
}

/// Cancers of the patient or a relative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Cancer {
    Lung,
    Breast,
    Colorectal,
    Prostate,
    Lymphoma,
}

/// Diseases of the lung.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum LungDisease {
    Emphysema,
    Copd,
    Fibrosis,
    OldTuberculosis,
    Asthma,
}

/// Exposures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Exposure {
    Asbestos,
    Radon,
    SecondHandSmoke,
    Silica,
}

/// Symptoms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Symptom {
    Cough,
    Haemoptysis,
    WeightLoss,
    ChestPain,
    Dyspnoea,
    Fever,
}

/// A tumour marker.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lab {
    /// Its short name.
    pub name: &'static str,
    /// Its Chinese name.
    pub chinese: &'static str,
    /// Value.
    pub value: f64,
    /// Unit.
    pub unit: &'static str,
    /// Upper end of the reference range.
    pub upper: f64,
}

/// The facts of a patient. What is not in a list is absent, not unknown.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedPatient {
    /// Years.
    pub age: u32,
    /// Whether female.
    pub female: bool,
    /// Smoking history.
    pub smoking: Smoking,
    /// Own earlier cancer, with its year.
    pub earlier_cancer: Option<(Cancer, u32)>,
    /// Cancer of a first-degree relative.
    pub family_cancer: Option<Cancer>,
    /// Diseases of the lung.
    pub lung_diseases: Vec<LungDisease>,
    /// Exposures.
    pub exposures: Vec<Exposure>,
    /// Symptoms.
    pub symptoms: Vec<Symptom>,
    /// Tumour markers.
    pub labs: Vec<Lab>,
}

/// Markers with their reference and the spread of drawn values.
const MARKERS: [(&str, &str, &str, f64); 5] = [
    ("CEA", "癌胚抗原", "ng/mL", 5.0),
    ("CYFRA 21-1", "细胞角蛋白19片段", "ng/mL", 3.3),
    ("NSE", "神经元特异性烯醇化酶", "ng/mL", 16.3),
    ("SCC", "鳞状细胞癌抗原", "ng/mL", 1.5),
    ("ProGRP", "胃泌素释放肽前体", "pg/mL", 63.0),
];

impl SimulatedPatient {
    /// A patient whose facts are drawn one by one. Frequencies are those of a lung nodule clinic by order of magnitude, not
    /// a cohort's: no effect on malignancy is in them.
    pub fn draw(rng: &mut impl Rng) -> Self {
        let age = rng.random_range(38..88);
        let per_day = rng.random_range(1..9) * 5;
        let years = rng.random_range(5..age - 15);
        let smoking = match rng.random_range(0..10) {
            0..4 => Smoking::Never,
            4..7 => Smoking::Current { per_day, years },
            _ => Smoking::Former {
                per_day,
                years,
                quit_years: rng.random_range(1..=(age - 15 - years).max(1)),
            },
        };
        let mut labs = Vec::new();
        for (name, chinese, unit, upper) in MARKERS {
            if rng.random_bool(0.3) {
                labs.push(Lab {
                    name,
                    chinese,
                    value: (upper * rng.random_range(0.1..2.2) * 10.0_f64).round() / 10.0,
                    unit,
                    upper,
                });
            }
        }
        Self {
            age,
            female: rng.random(),
            smoking,
            earlier_cancer: rng
                .random_bool(0.2)
                .then(|| (cancer(rng), rng.random_range(1995..2025))),
            family_cancer: rng.random_bool(0.25).then(|| cancer(rng)),
            lung_diseases: some_of(
                &[
                    LungDisease::Emphysema,
                    LungDisease::Copd,
                    LungDisease::Fibrosis,
                    LungDisease::OldTuberculosis,
                    LungDisease::Asthma,
                ],
                0.18,
                rng,
            ),
            exposures: some_of(
                &[
                    Exposure::Asbestos,
                    Exposure::Radon,
                    Exposure::SecondHandSmoke,
                    Exposure::Silica,
                ],
                0.12,
                rng,
            ),
            symptoms: some_of(&SYMPTOMS, 0.2, rng),
            labs,
        }
    }

    /// Packs a day times years; `None` for who never smoked.
    pub fn pack_years(&self) -> Option<f64> {
        match self.smoking {
            Smoking::Never => None,
            Smoking::Current { per_day, years } | Smoking::Former { per_day, years, .. } => {
                Some(f64::from(per_day * years) / 20.0)
            }
        }
    }
}

/// All symptoms: notes also name those that are absent.
pub(crate) const SYMPTOMS: [Symptom; 6] = [
    Symptom::Cough,
    Symptom::Haemoptysis,
    Symptom::WeightLoss,
    Symptom::ChestPain,
    Symptom::Dyspnoea,
    Symptom::Fever,
];

fn cancer(rng: &mut impl Rng) -> Cancer {
    match rng.random_range(0..6) {
        0 | 1 => Cancer::Lung,
        2 => Cancer::Breast,
        3 => Cancer::Colorectal,
        4 => Cancer::Prostate,
        _ => Cancer::Lymphoma,
    }
}

fn some_of<T: Copy>(all: &[T], share: f64, rng: &mut impl Rng) -> Vec<T> {
    all.iter().copied().filter(|_| rng.random_bool(share)).collect()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn nobody_smoked_before_birth_or_longer_than_life() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for _ in 0..5000 {
            let patient = SimulatedPatient::draw(&mut rng);
            let (years, quit) = match patient.smoking {
                Smoking::Never => continue,
                Smoking::Current { years, .. } => (years, 0),
                Smoking::Former {
                    years, quit_years, ..
                } => (years, quit_years),
            };
            assert!(years + quit <= patient.age - 14, "{patient:?}");
            assert!(patient.pack_years().unwrap() > 0.0);
        }
    }
}
