//! One step.

use tch::{Kind, Reduction, Tensor};

use super::TrainConfig;
use super::batch::{Batch, IGNORED};
use super::optimizer::AdamW;
use crate::DictationError;
use crate::network::Network;

/// Losses of a step.
pub(super) struct Losses {
    pub(super) decoder: f64,
    pub(super) ctc: f64,
}

/// Decoder and classification of the encoder's frames together, `(1 - ctc) decoder + ctc classification`, both per token.
pub(super) fn step(
    network: &Network,
    optimizer: &mut AdamW,
    batch: &Batch,
    config: &TrainConfig,
    at: usize,
) -> Result<Losses, DictationError> {
    let audio = network.encoder.forward(&batch.mel)?;
    let logits = network
        .decoder
        .forward(&batch.rows, &network.decoder.memory(&audio)?)?;
    let rows = logits.size()[2];
    let decoder = logits.f_view([-1, rows])?.f_cross_entropy_loss(
        &batch.targets.f_view([-1])?,
        None::<&Tensor>,
        Reduction::Mean,
        IGNORED,
        0.02,
    )?;
    let log_probs = network.ctc(&audio)?;
    let (phonemes, lengths) = &batch.phonemes;
    let blank = log_probs.size()[2] - 1;
    let heard = vec![batch.positions as i64; lengths.len()];
    let ctc = Tensor::f_ctc_loss(
        &log_probs,
        &Tensor::f_from_slice(phonemes)?,
        &heard[..],
        &lengths[..],
        blank,
        Reduction::Sum,
        true,
    )? / (phonemes.len().max(1) as f64);
    let loss = &decoder * (1.0 - config.ctc) + &ctc * config.ctc;
    optimizer.clear();
    loss.f_backward()?;
    optimizer.step(at, config.rate(at), config.weight_decay, config.clip)?;
    Ok(Losses {
        decoder: decoder.f_to_kind(Kind::Double)?.f_double_value(&[])?,
        ctc: ctc.f_to_kind(Kind::Double)?.f_double_value(&[])?,
    })
}
