//! Coded reasons and warnings.

use serde::{Deserialize, Serialize};

/// Why something was not analysed, was set aside, or deserves a warning. One enumeration for the whole
/// program; the wire form is the name in snake case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    /// Modality or SOP class is not CT.
    NotCt,
    /// A localizer (scout) image, not part of the volume.
    Localizer,
    /// The file is not DICOM Part 10.
    NotDicom,
    /// More than one series was given and none was chosen.
    MixedSeries,
    /// The series holds no image of this kind; another series was larger.
    OtherSeries,
    /// Fewer slices than a volume needs.
    TooFewSlices,
    /// The gap between two slices is a multiple of the spacing.
    MissingSlice,
    /// Two slices at one position.
    DuplicateSlice,
    /// Gaps between slices differ.
    IrregularSpacing,
    /// Slices are sheared against their normal.
    GantryTilt,
    /// A series holds several acquisitions of the same region.
    SeveralAcquisitions,
    /// Slices differ in size, orientation or pixel spacing.
    InconsistentSlices,
    /// A required attribute is absent or unreadable.
    MissingAttribute,
    /// Pixel data is shorter or longer than rows, columns and bits say.
    PixelLengthMismatch,
    /// Sequences nested deeper than the gate allows.
    NestingTooDeep,
    /// A declared length reaches beyond the input.
    LengthBeyondInput,
    /// More elements, items, fragments or bytes than the gate allows.
    LimitExceeded,
    /// A transfer syntax that this version does not read.
    UnsupportedTransferSyntax,
    /// Compressed pixel data could not be decoded.
    DecodeFailed,
    /// A codestream says of pixels that they are signed, the header that they are not, or the other way round.
    PixelSignMismatch,
    /// Pixels are colours or entries of a palette, not one grey value each.
    ColourImage,
    /// Pixel values are said to be in another unit than HU, in a modified one, or in none.
    RescaleType,
    /// No lungs were found.
    NoLungs,
    /// The patient is under 18 years.
    Paediatric,
    /// The header names another part of the body than the chest.
    WrongBodyPart,
    /// Slices are thicker, or further apart, than the indication allows.
    ThicknessOverLimit,
    /// A contrast agent was given.
    ContrastNotIndicated,
    /// The scan does not reach beyond the apex of the lungs.
    LungApexMissing,
    /// The scan does not reach beyond the base of the lungs.
    LungBaseMissing,
    /// The scan is noisier than the indication allows.
    NoiseOverLimit,
    /// More metal in the body than the indication allows.
    Metal,
    /// The patient moved or breathed during the scan.
    Motion,
    /// A limit of the indication could not be checked.
    LimitUnchecked,
    /// The seed lies outside the volume, or on nothing that could be outlined.
    SeedNotOnNodule,
    /// A nodule was outlined by region growing, not by the learned outline.
    OutlineFallback,
    /// What was handed in beside the CT belongs to another patient, or does not say whose it is.
    PatientMismatch,
    /// The prior is the series itself.
    PriorSameSeries,
    /// The prior is not earlier than the CT: a later study, or the same one.
    PriorNotEarlier,
    /// The prior does not become a volume.
    PriorUnreadable,
    /// The prior is outside the indication, or shows no lungs.
    PriorNotAnalysed,
    /// Too little of the lungs was recognised in the prior.
    PriorNotRegistered,
    /// A recording in a format that is not read.
    UnsupportedAudio,
    /// A recording ends in the middle of something.
    AudioTruncated,
    /// Parts of a recording could not be decoded.
    AudioGaps,
    /// Nobody speaks in a recording.
    NoSpeech,
    /// Speech was told from silence by loudness alone.
    VadFallback,
    /// A model file is absent.
    ModelUnavailable,
    /// A model file is not the registered one.
    ModelDigestMismatch,
    /// A network answered with NaN or infinity.
    NonFiniteOutput,
    /// The input is unlike what the model was trained on.
    OutOfDistribution,
    /// The model does not commit itself.
    Uncertain,
    /// A model member that saw this series in training was left out.
    TrainingMemberLeftOut,
    /// The input is synthetic.
    Synthetic,
    /// Two statements, or text and CT, name different sides.
    LateralityConflict,
    /// Two statements, or text and CT, name different lobes of one side.
    LobeConflict,
    /// Two statements, or text and CT, differ in size by more than 2 mm.
    SizeConflict,
    /// What is called stable, growing or smaller is not.
    StabilityConflict,
    /// A nodule is described and said not to be there.
    PresenceConflict,
    /// A nodule of the CT is not mentioned in the text.
    NoduleNotMentioned,
    /// A nodule that the text mentions was not found in the CT.
    NoduleNotFound,
    /// A text holds bytes that are no UTF-8.
    IllFormedText,
}

impl ReasonCode {
    /// The wire form, for example `missing_slice`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotCt => "not_ct",
            Self::Localizer => "localizer",
            Self::NotDicom => "not_dicom",
            Self::MixedSeries => "mixed_series",
            Self::OtherSeries => "other_series",
            Self::TooFewSlices => "too_few_slices",
            Self::MissingSlice => "missing_slice",
            Self::DuplicateSlice => "duplicate_slice",
            Self::IrregularSpacing => "irregular_spacing",
            Self::GantryTilt => "gantry_tilt",
            Self::SeveralAcquisitions => "several_acquisitions",
            Self::InconsistentSlices => "inconsistent_slices",
            Self::MissingAttribute => "missing_attribute",
            Self::PixelLengthMismatch => "pixel_length_mismatch",
            Self::NestingTooDeep => "nesting_too_deep",
            Self::LengthBeyondInput => "length_beyond_input",
            Self::LimitExceeded => "limit_exceeded",
            Self::UnsupportedTransferSyntax => "unsupported_transfer_syntax",
            Self::DecodeFailed => "decode_failed",
            Self::PixelSignMismatch => "pixel_sign_mismatch",
            Self::ColourImage => "colour_image",
            Self::RescaleType => "rescale_type",
            Self::NoLungs => "no_lungs",
            Self::Paediatric => "paediatric",
            Self::WrongBodyPart => "wrong_body_part",
            Self::ThicknessOverLimit => "thickness_over_limit",
            Self::ContrastNotIndicated => "contrast_not_indicated",
            Self::LungApexMissing => "lung_apex_missing",
            Self::LungBaseMissing => "lung_base_missing",
            Self::NoiseOverLimit => "noise_over_limit",
            Self::Metal => "metal",
            Self::Motion => "motion",
            Self::LimitUnchecked => "limit_unchecked",
            Self::SeedNotOnNodule => "seed_not_on_nodule",
            Self::OutlineFallback => "outline_fallback",
            Self::PatientMismatch => "patient_mismatch",
            Self::PriorSameSeries => "prior_same_series",
            Self::PriorNotEarlier => "prior_not_earlier",
            Self::PriorUnreadable => "prior_unreadable",
            Self::PriorNotAnalysed => "prior_not_analysed",
            Self::PriorNotRegistered => "prior_not_registered",
            Self::UnsupportedAudio => "unsupported_audio",
            Self::AudioTruncated => "audio_truncated",
            Self::AudioGaps => "audio_gaps",
            Self::NoSpeech => "no_speech",
            Self::VadFallback => "vad_fallback",
            Self::ModelUnavailable => "model_unavailable",
            Self::ModelDigestMismatch => "model_digest_mismatch",
            Self::NonFiniteOutput => "non_finite_output",
            Self::OutOfDistribution => "out_of_distribution",
            Self::Uncertain => "uncertain",
            Self::TrainingMemberLeftOut => "training_member_left_out",
            Self::Synthetic => "synthetic",
            Self::LateralityConflict => "laterality_conflict",
            Self::LobeConflict => "lobe_conflict",
            Self::SizeConflict => "size_conflict",
            Self::StabilityConflict => "stability_conflict",
            Self::PresenceConflict => "presence_conflict",
            Self::NoduleNotMentioned => "nodule_not_mentioned",
            Self::NoduleNotFound => "nodule_not_found",
            Self::IllFormedText => "ill_formed_text",
        }
    }
}

/// A code with a sentence for people. The sentence never holds patient data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What a program branches on.
    pub code: ReasonCode,
    /// What a person reads.
    pub text: String,
}

impl Reason {
    /// A reason from its code and sentence.
    pub fn new(code: ReasonCode, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_form_and_as_str_agree() {
        for code in [
            ReasonCode::NotCt,
            ReasonCode::MissingSlice,
            ReasonCode::ColourImage,
            ReasonCode::RescaleType,
            ReasonCode::TrainingMemberLeftOut,
            ReasonCode::Paediatric,
            ReasonCode::WrongBodyPart,
            ReasonCode::ThicknessOverLimit,
            ReasonCode::ContrastNotIndicated,
            ReasonCode::LungApexMissing,
            ReasonCode::LungBaseMissing,
            ReasonCode::NoiseOverLimit,
            ReasonCode::Metal,
            ReasonCode::Motion,
            ReasonCode::LimitUnchecked,
            ReasonCode::PatientMismatch,
            ReasonCode::PriorSameSeries,
            ReasonCode::PriorNotEarlier,
            ReasonCode::PriorUnreadable,
            ReasonCode::PriorNotAnalysed,
            ReasonCode::PriorNotRegistered,
            ReasonCode::LateralityConflict,
            ReasonCode::LobeConflict,
            ReasonCode::SizeConflict,
            ReasonCode::StabilityConflict,
            ReasonCode::PresenceConflict,
            ReasonCode::NoduleNotMentioned,
            ReasonCode::NoduleNotFound,
            ReasonCode::IllFormedText,
            ReasonCode::UnsupportedAudio,
            ReasonCode::AudioTruncated,
            ReasonCode::AudioGaps,
            ReasonCode::NoSpeech,
            ReasonCode::VadFallback,
        ] {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }
}
