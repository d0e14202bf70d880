//! A whole run.

use std::collections::BTreeMap;
use std::path::Path;

use hilum_domain::Progress;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::batch::Batches;
use super::checkpoint::{CurvePoint, Header, write_file};
use super::optimizer::AdamW;
use super::{TrainConfig, fit, picture};
use crate::dictation::Dictation;
use crate::grammar::Grammar;
use crate::network::Network;
use crate::score::{Rate, character_errors};
use crate::{Corpus, DictationError, Language, Split, Vocabulary};

/// Sentences that the vocabulary is learned from, per language.
const VOCABULARY_SENTENCES: usize = 30_000;
/// A sound that is heard less often is not learned.
const LEAST_PHONEMES: usize = 100;
/// Steps from one point of the curve to the next.
const CURVE_EVERY: usize = 25;
/// Steps from one look at the test to the next, and recordings that are looked at.
const TEST_EVERY: usize = 500;
const TESTED: usize = 40;

/// What a run leaves behind beside its checkpoint.
#[derive(Debug, Clone, Serialize)]
pub struct RunRecord {
    /// Settings.
    pub config: TrainConfig,
    /// Recordings learned from.
    pub recordings: usize,
    /// Rows of the network's vocabulary.
    pub rows: usize,
    /// Steps done.
    pub steps: usize,
    /// Losses by step.
    pub curve: Vec<CurvePoint>,
}

/// Trains on a corpus, or goes on from the checkpoint in `out`, which is written every so many steps.
///
/// # Errors
/// Settings, a corpus or a checkpoint that cannot be used; errors of libtorch and of the disk.
pub fn train(
    corpus: &Corpus,
    config: &TrainConfig,
    out: &Path,
    resume: bool,
    progress: &dyn Progress,
) -> Result<RunRecord, DictationError> {
    config.check()?;
    tch::set_num_threads(config.threads);
    std::fs::create_dir_all(out).map_err(|source| DictationError::Io {
        path: out.to_owned(),
        source,
    })?;
    let checkpoint = out.join("checkpoint.safetensors");
    let vocabulary = vocabulary(config)?;
    let phonemes = phonemes(corpus);
    let (mut header, network, mut optimizer) = if resume {
        let (header, network, optimizer) = Header::resume(&checkpoint)?;
        if header.shape != config.shape || header.vocabulary.text_tokens() != vocabulary.text_tokens() {
            return Err(DictationError::Checkpoint {
                path: checkpoint,
                what: "it has another shape or vocabulary than the configuration".to_owned(),
            });
        }
        (header, network, optimizer)
    } else {
        tch::manual_seed(config.seed as i64);
        let network = Network::new(&config.shape, vocabulary.rows().len(), phonemes.len())?;
        let optimizer = AdamW::new(&network.store);
        (
            Header::new(config.shape.clone(), vocabulary.clone(), phonemes),
            network,
            optimizer,
        )
    };
    let batches = Batches::new(corpus, &vocabulary, &header.phonemes, config)?;
    progress.stage("dictation model", Some(config.steps as u64));
    progress.advance(header.step as u64);
    let mut sums = (0.0, 0.0, 0);
    while header.step < config.steps {
        let batch = batches.of(header.step)?;
        let losses = fit::step(&network, &mut optimizer, &batch, config, header.step)?;
        sums = (sums.0 + losses.decoder, sums.1 + losses.ctc, sums.2 + 1);
        header.step += 1;
        progress.advance(1);
        let tested = header.step.is_multiple_of(TEST_EVERY);
        if sums.2 == CURVE_EVERY || tested {
            let count = f64::from(sums.2 as u32);
            let point = CurvePoint {
                step: header.step,
                decoder: sums.0 / count,
                ctc: sums.1 / count,
                errors: tested
                    .then(|| glance(corpus, &network, &vocabulary))
                    .transpose()?,
            };
            progress.note(&format!(
                "step {}: decoder {:.3}, ctc {:.3}{}",
                point.step,
                point.decoder,
                point.ctc,
                point
                    .errors
                    .map_or_else(String::new, |errors| format!(", character errors {errors:.3}"))
            ));
            header.curve.push(point);
            sums = (0.0, 0.0, 0);
        }
        if header.step.is_multiple_of(config.checkpoint_every) || header.step == config.steps {
            header.write(&checkpoint, &network, &optimizer)?;
            write_file(
                &out.join("loss.svg"),
                picture::loss_curve(&header.curve)?.as_bytes(),
            )?;
        }
    }
    let record = RunRecord {
        config: config.clone(),
        recordings: corpus
            .recordings
            .iter()
            .filter(|r| r.split == Split::Train)
            .count(),
        rows: vocabulary.rows().len(),
        steps: header.step,
        curve: header.curve,
    };
    write_file(&out.join("run.json"), &serde_json::to_vec_pretty(&record)?)?;
    Ok(record)
}

/// The vocabulary of the grammar's sentences; it does not depend on which of them were spoken.
fn vocabulary(config: &TrainConfig) -> Result<Vocabulary, DictationError> {
    let mut rng = ChaCha8Rng::seed_from_u64(config.corpus.seed);
    let mut texts = Vec::new();
    for language in [Language::English, Language::Mandarin] {
        let grammar = Grammar::dictations(language)?;
        texts.extend((0..VOCABULARY_SENTENCES).map(|_| grammar.sentence(&mut rng).written));
    }
    Ok(Vocabulary::learn(texts.iter().map(String::as_str), config.pieces))
}

/// Sounds that are frequent enough to learn, in order.
fn phonemes(corpus: &Corpus) -> Vec<char> {
    let mut counts = BTreeMap::<char, usize>::new();
    let learned = corpus.recordings.iter().filter(|r| r.split == Split::Train);
    learned
        .flat_map(|r| r.phonemes.chars())
        .for_each(|c| *counts.entry(c).or_default() += 1);
    counts.retain(|_, count| *count >= LEAST_PHONEMES);
    counts.into_keys().collect()
}

/// Share of wrong characters on the first dictations of the test.
fn glance(corpus: &Corpus, network: &Network, vocabulary: &Vocabulary) -> Result<f64, DictationError> {
    let mut rate = Rate::default();
    let tested = corpus
        .recordings
        .iter()
        .filter(|r| r.split == Split::Test && !r.text.is_empty());
    for recording in tested.take(TESTED) {
        let samples = corpus.samples(recording)?;
        let heard = Dictation::decode(network, vocabulary, &samples, Some(recording.language))?;
        rate.add(character_errors(&recording.text, &heard.text));
    }
    Ok(rate.share())
}
