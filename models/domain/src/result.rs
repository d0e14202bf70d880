//! The answer to one CT: what was found, how it was scored, on what evidence.
//!
//! Field names and order are the wire form of `hilum score --json` and of the viewer API.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Change, Code, Lobe, Lps, NodeId, PriorComparison, Reason, Sha256, Uid, VoxelIndex};

/// Everything that Hilum says about one CT series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StudyResult {
    /// Study of the series.
    pub study_instance_uid: Uid,
    /// The series that was read.
    pub series_instance_uid: Uid,
    /// Whether the series was analysed.
    pub status: Status,
    /// Why not, when it was not.
    pub reason: Option<Reason>,
    /// Nodules, most suspicious first. Empty means: analysed, none found.
    pub nodules: Vec<Nodule>,
    /// The model set that answered.
    pub model: ModelIdentity,
    /// Statements about the whole examination.
    pub exam: Exam,
    /// The prior CT that the nodules were compared with; `None` when there is none, or when it was refused, which a
    /// warning says.
    #[serde(default)]
    pub prior: Option<PriorComparison>,
    /// Digest of the pixel-bearing input, independent of file order; of both CTs and the identities taken over from
    /// the prior one, when there is one.
    pub inputs_sha256: Sha256,
    /// Where the time went.
    pub elapsed_ms: ElapsedMs,
    /// What a reader of this result should know.
    pub warnings: Vec<Reason>,
}

/// Whether a series was analysed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Analysed; the nodule list is the answer.
    Scored,
    /// Not analysed; the reason says why.
    NotAnalysed,
}

/// One nodule with its measurements, score and evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Nodule {
    /// Stable identifier within Hilum of the nodule as this series shows it.
    pub id: String,
    /// Node of this score in the knowledge graph; the same nodule, input and model give the same score.
    pub score_id: NodeId,
    /// DICOM tracking UID: the identity of the nodule over time. That of the prior CT's nodule when it is the same
    /// one, else made from series and seed.
    pub tracking_uid: Uid,
    /// Centre of mass, LPS mm.
    pub center_lps_mm: Lps,
    /// Voxel nearest to the centre (column, row, slice).
    pub center_voxel_ijk: VoxelIndex,
    /// The point from which the nodule was outlined, LPS mm: outlining from it again gives the same voxels.
    pub seed_lps_mm: Lps,
    /// Lobe of the centre; `None` when unsure.
    pub lobe: Option<Lobe>,
    /// Probability of the likeliest lobe, named or not, 0 to 1; `None` outside the lungs.
    pub lobe_confidence: Option<f64>,
    /// Longest line within the outline on the best axial slice.
    pub long_axis_mm: f64,
    /// Longest line within the outline perpendicular to the long axis in the same plane.
    pub short_axis_mm: f64,
    /// Mean of both.
    pub mean_diameter_mm: f64,
    /// Sum of the shares of voxels that are nodule.
    pub volume_mm3: f64,
    /// What three quarters of readers would include, and what one quarter would: how far the boundary is a matter of
    /// opinion. `None` where the outline was not learned from readers.
    #[serde(default)]
    pub volume_interval_mm3: Option<[f64; 2]>,
    /// Attenuation type.
    #[serde(rename = "type")]
    pub nodule_type: NoduleType,
    /// Mean attenuation of all voxels.
    pub mean_hu: f64,
    /// Volume times density, 1 g/cm³ at 0 HU.
    pub mass_mg: f64,
    /// Volume of the solid component: all of a solid nodule, 0 of ground glass; `None` for fat.
    pub solid_volume_mm3: Option<f64>,
    /// Mean diameter of the solid component.
    pub solid_diameter_mm: Option<f64>,
    /// Long axis of the solid component over that of the nodule, 0 to 1.
    pub consolidation_tumour_ratio: Option<f64>,
    /// 1 for a ball, less for anything else.
    pub sphericity: f64,
    /// 0 without spikes, larger for more, longer and sharper ones.
    pub spiculation_index: f64,
    /// 0 for a convex nodule, larger for deeper lobes; below 1.
    pub lobulation_index: f64,
    /// From surface to surface, 0 when it touches; `None` when the lungs have no surface in the scan.
    pub distance_to_pleura_mm: Option<f64>,
    /// To the nearest fissure that was seen; `None` when none was.
    pub distance_to_fissure_mm: Option<f64>,
    /// Nodules and the nearest vessel within 20 mm, nearest first.
    pub neighbours: Vec<Neighbour>,
    /// Probability that this candidate is a nodule; `None` when a person placed the seed, and when it was outlined
    /// only because the prior CT shows a nodule there.
    pub detection_probability: Option<f64>,
    /// What became of it since the prior CT; `None` without one.
    #[serde(default)]
    pub change: Option<Change>,
    /// The score.
    pub malignancy: Malignancy,
    /// Share of each modality in the score.
    pub modalities: Modalities,
    /// The LIDC characteristics as the model reads them.
    pub characteristics: Characteristics,
    /// Guideline statements by name; empty until a guideline engine has spoken.
    pub guidelines: BTreeMap<String, serde_json::Value>,
    /// What the statements above rest on.
    pub evidence: Vec<Evidence>,
}

/// Something beside a nodule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Neighbour {
    /// What it is.
    pub kind: NeighbourKind,
    /// Identifier of the other nodule in this result; `None` for a vessel.
    pub id: Option<String>,
    /// Between the surfaces, 0 when they touch.
    pub distance_mm: f64,
    /// The point of the neighbour that is nearest to the nodule, LPS mm.
    pub nearest_lps_mm: Lps,
}

/// Kinds of neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NeighbourKind {
    /// Another nodule.
    Nodule,
    /// A vessel of the lung.
    Vessel,
}

/// Attenuation type of a nodule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoduleType {
    /// Obscures vessels throughout.
    Solid,
    /// Ground glass with a solid core.
    PartSolid,
    /// Ground glass only.
    GroundGlass,
    /// Calcified.
    Calcified,
    /// Contains fat.
    Fat,
}

/// The malignancy score of one nodule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Malignancy {
    /// Calibrated probability of `target`, 0 to 1.
    pub probability: f64,
    /// What was learned.
    pub target: Target,
    /// Share of positives in the training data.
    pub training_prevalence: f64,
    /// Lowest and highest ensemble member, after calibration.
    pub interval: [f64; 2],
    /// Band by the limits of the model card.
    pub band: Band,
    /// Set when the model does not commit itself.
    pub abstained: Option<Abstention>,
}

/// What a score was trained to predict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Median malignancy rating of the readers above 3: an opinion, not a diagnosis.
    ReaderConsensus,
    /// Histology or follow-up.
    Pathology,
}

/// Score band.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// Below the lower limit.
    Low,
    /// Between the limits.
    Intermediate,
    /// Above the upper limit.
    High,
}

/// Why a model withheld its judgement.
pub type Abstention = Reason;

/// Share of each modality, by its name.
pub type Modalities = BTreeMap<String, ModalityShare>;

/// What one modality contributed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModalityShare {
    /// Whether the modality was given.
    pub present: bool,
    /// DMWA alpha (sigmoid gate, 0 to 1, not normalised); absent when the modality is.
    pub weight: Option<f64>,
    /// Probability with this modality left out; `None` when nothing would be left to score.
    pub score_without: Option<f64>,
}

impl ModalityShare {
    /// The share of a modality that was not given.
    pub const fn absent() -> Self {
        Self {
            present: false,
            weight: None,
            score_without: None,
        }
    }
}

/// The eight LIDC characteristics on their own scales (1 to 5; calcification 1 to 6, internal structure 1 to 4).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Characteristics {
    /// 1 non-solid, 5 solid.
    pub texture: f64,
    /// 1 poorly defined, 5 sharp.
    pub margin: f64,
    /// 1 none, 5 marked.
    pub spiculation: f64,
    /// 1 none, 5 marked.
    pub lobulation: f64,
    /// 1 linear, 5 round.
    pub sphericity: f64,
    /// 1 popcorn ... 6 absent.
    pub calcification: f64,
    /// 1 soft tissue, 2 fluid, 3 fat, 4 air.
    pub internal_structure: f64,
    /// 1 extremely subtle, 5 obvious.
    pub subtlety: f64,
}

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// What kind of thing is pointed at.
    pub kind: EvidenceKind,
    /// Where it is: a series UID, a document, a rule.
    pub source: String,
    /// Character offsets in text, or first and last slice index of voxels.
    pub span: Option<[usize; 2]>,
    /// First millisecond in a recording.
    pub start_ms: Option<u64>,
    /// Last millisecond in a recording.
    pub end_ms: Option<u64>,
    /// The statement in words.
    pub statement: String,
    /// The statement as a code.
    pub concept: Option<Code>,
    /// Whether it speaks for a higher score.
    pub supports: bool,
}

/// Kinds of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// Voxels of a series.
    Voxels,
    /// A sentence of a text.
    Sentence,
    /// A stretch of a recording.
    Recording,
    /// A structured field.
    Field,
    /// A rule.
    Rule,
}

/// The model that answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelIdentity {
    /// Name in the registry.
    pub name: String,
    /// Version in the registry.
    pub version: String,
    /// Digest over all weight files used.
    pub sha256: Sha256,
}

/// Statements about the whole examination, by guideline name; empty until a guideline engine has spoken.
pub type Exam = BTreeMap<String, serde_json::Value>;

/// Milliseconds spent by stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ElapsedMs {
    /// Files to volume.
    pub read: u64,
    /// Lungs, candidates, segmentation, measurement.
    pub detect: u64,
    /// Reading, searching and registering the prior CT.
    #[serde(default)]
    pub prior: u64,
    /// Encoders.
    pub encode: u64,
    /// Attention, gate, heads.
    pub fuse: u64,
    /// Everything.
    pub total: u64,
}
