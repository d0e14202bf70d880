//! Dynamic modality weight allocation as a formula: `alpha_i = sigmoid(W2 . ReLU(W1 . [q ; m_i]) + b)`.
//!
//! This is the reference in f64; [`crate::DmwaGate`] is the same in the network and is tested against it.

use serde::Deserialize;

/// Weights of one gate, shared by all modalities.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct DmwaWeights {
    /// `[hidden][len(q) + len(m)]`, without a bias of its own.
    #[serde(rename = "W1")]
    pub w1: Vec<Vec<f64>>,
    /// `[hidden]`.
    #[serde(rename = "W2")]
    pub w2: Vec<f64>,
    /// Added once, after `W2`.
    pub b: f64,
}

/// Why no weight can be computed.
#[derive(Debug, thiserror::Error)]
pub enum DmwaError {
    /// The cases are not in the expected form.
    #[error("dmwa cases are not in the expected form")]
    Form(#[from] serde_json::Error),
    /// `W1` and `W2` disagree.
    #[error("{case}: W1 has {rows} rows, W2 has {columns} columns")]
    Hidden {
        /// Which case.
        case: String,
        /// Rows of `W1`.
        rows: usize,
        /// Entries of `W2`.
        columns: usize,
    },
    /// A row of `W1` does not fit `[q ; m_i]`.
    #[error("{case}: row {row} of W1 has {found} columns, [q ; m_i] has {expected}")]
    Columns {
        /// Which case.
        case: String,
        /// Which row, from 0.
        row: usize,
        /// Its columns.
        found: usize,
        /// Length of the concatenation.
        expected: usize,
    },
}

/// The alpha of one modality: `q` is the question, `m` the modality's feature.
///
/// A modality that is absent has no `m`: do not call this for it.
///
/// ```
/// use hilum_fusion::{DmwaWeights, dmwa};
/// let weights = DmwaWeights { w1: vec![vec![1.0, -1.0]], w2: vec![2.0], b: 0.5 };
/// // ReLU(3 - 1) = 2; sigmoid(2 * 2 + 0.5) = 0.989013
/// assert!((dmwa(&weights, &[3.0], &[1.0])? - 0.989013).abs() < 1e-6);
/// # Ok::<(), hilum_fusion::DmwaError>(())
/// ```
pub fn dmwa(weights: &DmwaWeights, q: &[f64], m: &[f64]) -> Result<f64, DmwaError> {
    let DmwaWeights { w1, w2, b } = weights;
    if w1.len() != w2.len() {
        return Err(DmwaError::Hidden {
            case: "dmwa".to_owned(),
            rows: w1.len(),
            columns: w2.len(),
        });
    }
    let mut logit = *b;
    for (row, (weights, out)) in w1.iter().zip(w2).enumerate() {
        if weights.len() != q.len() + m.len() {
            return Err(DmwaError::Columns {
                case: "dmwa".to_owned(),
                row,
                found: weights.len(),
                expected: q.len() + m.len(),
            });
        }
        let hidden: f64 = weights.iter().zip(q.iter().chain(m)).map(|(w, x)| w * x).sum();
        logit += out * hidden.max(0.0);
    }
    Ok(1.0 / (1.0 + (-logit).exp()))
}

/// The alphas of one case.
#[derive(Debug, Clone, PartialEq)]
pub struct DmwaResult {
    /// Id of the case.
    pub id: String,
    /// Alpha by modality name, in the order of the case; `None` for a modality that is absent (`m` is null).
    pub alphas: Vec<(String, Option<f64>)>,
}

/// Computes the cases of a table in the form of `dmwa.json`; members with results are not looked at.
pub fn dmwa_cases(json: &str) -> Result<Vec<DmwaResult>, DmwaError> {
    let table: Table = serde_json::from_str(json)?;
    table.cases.into_iter().map(Case::compute).collect()
}

#[derive(Deserialize)]
struct Table {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    q: Vec<f64>,
    #[serde(flatten)]
    weights: DmwaWeights,
    modalities: Vec<CaseModality>,
}

#[derive(Deserialize)]
struct CaseModality {
    name: String,
    #[serde(default)]
    m: Option<Vec<f64>>,
}

impl Case {
    fn compute(self) -> Result<DmwaResult, DmwaError> {
        let mut alphas = Vec::with_capacity(self.modalities.len());
        for modality in self.modalities {
            let alpha = match modality.m {
                Some(m) => Some(dmwa(&self.weights, &self.q, &m).map_err(|error| error.of_case(&self.id))?),
                None => None,
            };
            alphas.push((modality.name, alpha));
        }
        Ok(DmwaResult { id: self.id, alphas })
    }
}

impl DmwaError {
    fn of_case(mut self, id: &str) -> Self {
        if let Self::Hidden { case, .. } | Self::Columns { case, .. } = &mut self {
            id.clone_into(case);
        }
        self
    }
}
