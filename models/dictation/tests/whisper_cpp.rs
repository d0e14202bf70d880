//! The file that is written, read by whisper.cpp itself, says the same as the network in tch.

use hilum_dictation::{Dictation, Language, Precision, Shape, Vocabulary};
use whisper_rs::{WhisperContext, WhisperContextParameters};

const END: i32 = 50_257;
const START: i32 = 50_258;
const ENGLISH: i32 = 50_259;
const TRANSCRIBE: i32 = 50_359;
const NO_TIMES: i32 = 50_363;

/// A network that was never trained, and a second of a sliding tone.
fn untrained() -> (Dictation, Vec<f32>) {
    let texts = ["solid nodule in the right upper lobe", "右肺上叶结节"].repeat(20);
    let vocabulary = Vocabulary::learn(texts.into_iter(), 40);
    let shape = Shape {
        width: 64,
        encoder_layers: 2,
        decoder_layers: 1,
        text_context: 64,
    };
    let model = Dictation::untrained(&shape, vocabulary, 7).expect("the shape is allowed");
    let tone = (0..16_000)
        .map(|i| (i as f32 * (0.05 + i as f32 * 1e-5)).sin() * 0.3)
        .collect();
    (model, tone)
}

/// What whisper.cpp makes of the tokens, its logits after the last.
fn logits(file: &[u8], samples: &[f32], tokens: &[i32]) -> Vec<f32> {
    let mut parameters = WhisperContextParameters::default();
    parameters.use_gpu(false);
    let context =
        WhisperContext::new_from_buffer_with_params(file, parameters).expect("whisper.cpp reads the file");
    let mut state = context.create_state().expect("memory");
    state.pcm_to_mel(samples, 1).expect("samples");
    state.encode(0, 1).expect("audio");
    for (past, &token) in tokens.iter().enumerate() {
        state.decode(&[token], past, 1).expect("tokens");
    }
    state.get_logits().expect("tokens were decoded").to_vec()
}

#[test]
fn whisper_cpp_computes_what_tch_computes() {
    let (model, tone) = untrained();
    let file = model.ggml(Precision::Half).expect("a file");
    let tokens = [START, ENGLISH, TRANSCRIBE, NO_TIMES, 100, 42];
    let there = logits(&file, &tone, &tokens);
    let rows: Vec<u32> = tokens.iter().map(|&token| token as u32).collect();
    // whisper.cpp hears 30 s whatever the samples, unless it is told an audio context.
    let here = model.logits(&tone, 1_500, &rows).expect("logits");
    let spread = here.iter().map(|(_, logit)| logit.abs()).fold(0.0, f32::max);
    for &(token, logit) in &here {
        let other = there[token as usize];
        assert!(
            (logit - other).abs() < 0.01 * spread.max(1.0),
            "token {token}: {logit} here, {other} there"
        );
    }
    let possible = here.iter().map(|(_, logit)| *logit).fold(f32::INFINITY, f32::min);
    let known: std::collections::HashSet<u32> = here.iter().map(|&(token, _)| token).collect();
    let no_speech = 50_362;
    let highest = (0..51_865_u32)
        .filter(|token| !known.contains(token) && *token != no_speech)
        .map(|token| there[token as usize])
        .fold(f32::NEG_INFINITY, f32::max);
    assert!(
        highest < possible - 20.0,
        "untrained rows reach {highest}, trained ones begin at {possible}"
    );
}

#[test]
fn eight_bits_say_nearly_the_same_in_half_the_bytes() {
    let (model, tone) = untrained();
    let (half, eight) = (
        model.ggml(Precision::Half).expect("a file"),
        model.ggml(Precision::Eight).expect("a file"),
    );
    assert!(
        (eight.len() as f64) < half.len() as f64 * 0.65,
        "{} and {}",
        eight.len(),
        half.len()
    );
    let tokens = [START, ENGLISH, TRANSCRIBE, NO_TIMES];
    let (a, b) = (logits(&half, &tone, &tokens), logits(&eight, &tone, &tokens));
    let worst = (0..=END as usize)
        .map(|at| (a[at] - b[at]).abs())
        .fold(0.0, f32::max);
    assert!(worst < 0.25, "{worst}");
}

#[test]
fn a_transcript_of_an_untrained_model_is_no_crash() {
    let (model, tone) = untrained();
    let heard = model
        .transcribe(&tone, Some(Language::Mandarin))
        .expect("a transcript");
    assert_eq!(heard.language, Language::Mandarin);
    assert!(model.transcribe(&[], None).is_ok());
    assert!(model.transcribe(&vec![0.1; 16_000 * 31], None).is_ok());
}
