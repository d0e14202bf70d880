//! The DMWA gate in the network.

use tch::nn::{Init, Path};
use tch::{TchError, Tensor};

/// `alpha_i = sigmoid(W2 . ReLU(W1 . [q ; m_i]) + b)`, one gate for all modalities and questions.
///
/// Checkpoint keys: `w1 [hidden, 2 width]`, `w2 [1, hidden]`, `b [1]`. `W1` has no bias.
#[derive(Debug)]
pub struct DmwaGate {
    w1: Tensor,
    w2: Tensor,
    b: Tensor,
}

impl DmwaGate {
    /// A gate over questions and features of width `width`.
    pub fn new(vs: &Path, width: i64, hidden: i64) -> Self {
        let random = |inputs: i64| Init::Randn {
            mean: 0.0,
            stdev: (1.0 / inputs as f64).sqrt(),
        };
        Self {
            w1: vs.var("w1", &[hidden, 2 * width], random(2 * width)),
            w2: vs.var("w2", &[1, hidden], random(hidden)),
            b: vs.var("b", &[1], Init::Const(0.0)),
        }
    }

    /// A gate with given weights, shaped as the checkpoint keys say.
    pub const fn from_weights(w1: Tensor, w2: Tensor, b: Tensor) -> Self {
        Self { w1, w2, b }
    }

    /// Alphas `[batch, questions, modalities]` of questions `q [questions, width]` and features
    /// `m [batch, modalities, width]`.
    pub fn alphas(&self, q: &Tensor, m: &Tensor) -> Result<Tensor, TchError> {
        let (batch, modalities, _) = m.size3()?;
        let questions = q.size()[0];
        let q = q
            .f_view([1, questions, 1, -1])?
            .f_expand([batch, questions, modalities, -1], false)?;
        let m = m
            .f_unsqueeze(1)?
            .f_expand([batch, questions, modalities, -1], false)?;
        let hidden = Tensor::f_cat(&[&q, &m], -1)?
            .f_linear(&self.w1, None::<Tensor>)?
            .f_relu()?;
        hidden
            .f_linear(&self.w2, Some(&self.b))?
            .f_sigmoid()?
            .f_squeeze_dim(-1)
    }
}
