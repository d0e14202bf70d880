//! The model as a file for whisper.cpp.
//!
//! whisper.cpp knows its control tokens by the size of the vocabulary, so that the file has all 51 865 rows of the
//! multilingual Whisper. Those that were never trained are made impossible: the last layer norm holds the free dimension
//! at a constant, the rows in use have zero there and all others a large negative number.

mod file;
mod quantise;

use tch::{Kind, Tensor};

use crate::audio::mel;
use crate::network::{AUDIO_CONTEXT, FREE_DIMENSION, Network, Shape, sinusoids};
use crate::vocabulary::control;
use crate::{DictationError, Vocabulary};
use file::File;
pub use quantise::Precision;

/// What the free dimension is held at before the output.
const HELD_AT: f32 = 8.0;
/// What a row has there that must never be written: a logit of -64.
const IMPOSSIBLE: f32 = -8.0;
/// What the row of "no speech" has there, a copy of that of "nothing to write": whisper.cpp never writes it but reads
/// its probability, which so is above 0.6 whenever nothing is about to be written.
const LIKELIER: f32 = 0.25;

/// The bytes of the file.
pub(crate) fn write(
    network: &Network,
    shape: &Shape,
    vocabulary: &Vocabulary,
    precision: Precision,
) -> Result<Vec<u8>, DictationError> {
    let mut file = File::new(precision);
    let (width, heads) = (shape.width as i32, shape.heads() as i32);
    file.hyperparameters(&[
        control::COUNT as i32,
        AUDIO_CONTEXT as i32,
        width,
        heads,
        shape.encoder_layers as i32,
        shape.text_context as i32,
        width,
        heads,
        shape.decoder_layers as i32,
        mel::BANDS as i32,
    ]);
    file.filters(mel::BANDS as i32, mel::BINS as i32, &mel::filters());
    // Up to the token without text; the names of control tokens whisper.cpp knows itself.
    let texts = vocabulary.text_tokens();
    file.vocabulary(
        control::NOTHING as usize + 1,
        texts.iter().map(Vec::as_slice).chain(std::iter::repeat(&[][..])),
    );
    file.vector_or_table(
        "encoder.positional_embedding",
        &[AUDIO_CONTEXT, shape.width],
        &sinusoids(shape.width),
    );
    let mut variables: Vec<(String, Tensor)> = network.store.variables().into_iter().collect();
    variables.sort_by(|a, b| a.0.cmp(&b.0));
    for (name, variable) in variables {
        let size = variable.size();
        let mut values = Vec::<f32>::try_from(variable.f_detach()?.f_reshape([-1])?.f_to_kind(Kind::Float)?)?;
        match name.as_str() {
            // Helps in training alone.
            name if name.starts_with("ctc.") => {}
            "decoder.token_embedding.weight" => {
                let rows = all_rows(&values, shape.width as usize, &vocabulary.rows());
                file.matrix(&name, &[i64::from(control::COUNT), shape.width], &rows);
            }
            "decoder.ln.weight" | "decoder.ln.bias" => {
                values[FREE_DIMENSION as usize] = if name.ends_with("bias") { HELD_AT } else { 0.0 };
                file.vector_or_table(&name, &size, &values);
            }
            "encoder.conv1.weight" | "encoder.conv2.weight" => file.convolution(&name, &size, &values),
            "encoder.conv1.bias" | "encoder.conv2.bias" => {
                file.vector_or_table(&name, &[size[0], 1], &values);
            }
            name if size.len() == 2 && name != "decoder.positional_embedding" => {
                file.matrix(name, &size, &values);
            }
            name => file.vector_or_table(name, &size, &values),
        }
    }
    Ok(file.bytes())
}

/// The trained rows where their tokens are, `[51865][width]`.
fn all_rows(trained: &[f32], width: usize, tokens: &[u32]) -> Vec<f32> {
    let free = FREE_DIMENSION as usize;
    let mut rows = vec![0.0; control::COUNT as usize * width];
    rows.iter_mut()
        .skip(free)
        .step_by(width)
        .for_each(|x| *x = IMPOSSIBLE);
    let mut place = |token: u32, row: &[f32], free_value: f32| {
        let at = token as usize * width;
        rows[at..at + width].copy_from_slice(row);
        rows[at + free] = free_value;
    };
    for (&token, row) in tokens.iter().zip(trained.chunks_exact(width)) {
        place(token, row, 0.0);
        if token == control::NOTHING {
            place(control::NO_SPEECH, row, LIKELIER);
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_were_never_trained_are_impossible() {
        let trained: Vec<f32> = (0..12).map(|i| i as f32).collect();
        let rows = all_rows(&trained, 4, &[0, 5, control::NOTHING]);
        let row = |token: u32| &rows[token as usize * 4..token as usize * 4 + 4];
        assert_eq!(row(0), [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(row(5), [0.0, 5.0, 6.0, 7.0]);
        assert_eq!(row(1), [IMPOSSIBLE, 0.0, 0.0, 0.0]);
        assert_eq!(row(control::NO_SPEECH), [LIKELIER, 9.0, 10.0, 11.0]);
    }
}
