//! Simulated health records: a patient who never was, and the note that a clinician might have written.
//!
//! Whatever is trained or shown with them is SYNTHETIC and has to say so. The facts are drawn first and the words
//! second, so that what a note says is known without reading it.

mod english;
mod mandarin;
mod patient;
mod words;

pub use patient::{Cancer, Exposure, Lab, LungDisease, SimulatedPatient, Smoking, Symptom};

/// Language of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Mandarin, simplified characters.
    Mandarin,
}

/// A note about a patient. Its order of sections and its wording are drawn; every fact of the patient is in it or left
/// out as clinicians leave out, and nothing else is.
pub fn note(patient: &SimulatedPatient, language: Language, rng: &mut impl rand::Rng) -> String {
    match language {
        Language::English => english::note(patient, rng),
        Language::Mandarin => mandarin::note(patient, rng),
    }
}
