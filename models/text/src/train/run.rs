//! The run: vocabulary, steps, looks at held-out notes, a folder in Hugging Face layout.

use std::fs;
use std::path::Path;

use hilum_domain::Progress;
use hilum_layers::{LayerNorm, Linear};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use tch::nn::{self, AdamW, OptimizerConfig as _, VarStore};
use tch::{Device, Kind, Reduction, Tensor, no_grad};

use super::masking::mask;
use super::{TrainConfig, vocabulary};
use crate::checkpoint::{self, load};
use crate::tokenizer::read;
use crate::{Bert, BertConfig, Input, TextError, Tokenizer, pack};

/// Notes with a number from here on are held out.
const HELD_OUT: u64 = 1 << 40;

/// A look at the held-out notes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Steps done.
    pub step: u64,
    /// Mean loss of the steps since the last look, nats per hidden token.
    pub loss: f64,
    /// Loss on held-out notes.
    pub held_out_loss: f64,
    /// Share of hidden tokens of held-out notes that are guessed right.
    pub held_out_accuracy: f64,
}

/// What a run leaves behind as `run.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LanguageRecord {
    /// Settings.
    pub config: TrainConfig,
    /// The network.
    pub network: BertConfig,
    /// Looks.
    pub looks: Vec<StepRecord>,
}

/// Trains into the folder `out`: `config.json`, `vocab.txt`, `model.safetensors`, `run.json`, and all of the model that ships in
/// `text.safetensors`. `note` gives the note of a
/// number, the same for the same number. With `resume`, goes on from the weights in `out` at the step that `run.json`
/// names; the optimizer's moments start anew.
pub fn train(
    config: &TrainConfig,
    note: &(dyn Fn(u64) -> String + Sync),
    out: &Path,
    resume: bool,
    progress: &dyn Progress,
) -> Result<LanguageRecord, TextError> {
    tch::manual_seed(config.seed as i64);
    let mut course = if resume {
        Course::resume(config, out)?
    } else {
        Course::start(config, note, out)?
    };
    let mut optimizer = AdamW {
        wd: config.weight_decay,
        ..AdamW::default()
    }
    .build(&course.store, config.learning_rate)?;
    progress.stage("language model", Some(config.steps));
    let mut losses = Vec::new();
    for step in course.step()..config.steps {
        optimizer.set_lr(config.rate(step));
        let numbers = step * config.batch as u64..(step + 1) * config.batch as u64;
        let mut rng = ChaCha8Rng::seed_from_u64(config.seed ^ (step << 20));
        let guess = course.guess(config, numbers.map(note), config.dropout, &mut rng)?;
        let loss =
            guess
                .logits
                .f_cross_entropy_loss(&guess.truth, None::<&Tensor>, Reduction::Mean, -100, 0.0)?;
        let value = loss.f_double_value(&[])?;
        if !value.is_finite() {
            return Err(TextError::NonFinite);
        }
        losses.push(value);
        optimizer.backward_step_clip_norm(&loss, 1.0);
        progress.advance(1);
        if (step + 1) % config.look_every == 0 || step + 1 == config.steps {
            let mean = losses.iter().sum::<f64>() / losses.len() as f64;
            losses.clear();
            let look = course.look(config, note, step + 1, mean)?;
            course.record.looks.push(look);
            course.save(out)?;
        }
    }
    Ok(course.record)
}

/// The network of a language model: BERT and the head that guesses hidden tokens, tied to the word embeddings.
struct Course {
    store: VarStore,
    bert: Bert,
    transform: Linear,
    norm: LayerNorm,
    bias: Tensor,
    tokenizer: Tokenizer,
    mask: i64,
    record: LanguageRecord,
}

struct Guess {
    /// `[hidden tokens, vocabulary]`.
    logits: Tensor,
    /// `[hidden tokens]`.
    truth: Tensor,
}

impl Course {
    fn start(
        config: &TrainConfig,
        note: &(dyn Fn(u64) -> String + Sync),
        out: &Path,
    ) -> Result<Self, TextError> {
        let words = vocabulary::learn((0..config.vocab_notes).map(note), config.vocab_size)?;
        fs::create_dir_all(out).map_err(|source| io(out, source))?;
        write(&out.join("vocab.txt"), words.as_bytes())?;
        let tokenizer = Tokenizer::from_vocabulary(words.as_bytes(), b"{}")?;
        let network = config.bert(tokenizer.vocabulary());
        let store = VarStore::new(Device::Cpu);
        let bert = Bert::new(&store.root(), &network);
        let record = LanguageRecord {
            config: config.clone(),
            network,
            looks: Vec::new(),
        };
        Self::with(store, bert, tokenizer, record)
    }

    fn resume(config: &TrainConfig, out: &Path) -> Result<Self, TextError> {
        let tokenizer = Tokenizer::open(out)?;
        let network = BertConfig::parse(&read(&out.join("config.json"))?)?;
        let weights = read(&out.join("model.safetensors"))?;
        let (store, bert) = load(&network, &weights, Device::Cpu)?;
        let earlier: LanguageRecord = serde_json::from_slice(&read(&out.join("run.json"))?)
            .map_err(|error| TextError::Config(format!("run.json of the earlier run: {error}")))?;
        let record = LanguageRecord {
            config: config.clone(),
            network,
            looks: earlier.looks,
        };
        let course = Self::with(store, bert, tokenizer, record)?;
        checkpoint::fill(&course.store, &weights)?;
        Ok(course)
    }

    fn with(
        store: VarStore,
        bert: Bert,
        tokenizer: Tokenizer,
        record: LanguageRecord,
    ) -> Result<Self, TextError> {
        let head = store.root() / "cls" / "predictions";
        let transform = &head / "transform";
        let width = record.network.hidden_size;
        let mask = tokenizer.id("[MASK]").ok_or(TextError::Vocabulary {
            file: "vocab.txt",
            why: "has no token [MASK]".to_owned(),
        })?;
        Ok(Self {
            transform: Linear::new(&(&transform / "dense"), width, width),
            norm: LayerNorm::with_epsilon(&(&transform / "LayerNorm"), width, record.network.layer_norm_eps),
            bias: head.var("bias", &[record.network.vocab_size], nn::Init::Const(0.0)),
            store,
            bert,
            tokenizer,
            mask,
            record,
        })
    }

    fn step(&self) -> u64 {
        self.record.looks.last().map_or(0, |look| look.step)
    }

    /// Guesses of the hidden tokens of some notes.
    fn guess(
        &self,
        config: &TrainConfig,
        notes: impl Iterator<Item = String>,
        dropout: f64,
        rng: &mut ChaCha8Rng,
    ) -> Result<Guess, TextError> {
        let (mut windows, mut places, mut truth) = (Vec::new(), Vec::new(), Vec::new());
        for note in notes {
            let mut window = vec![self.tokenizer.cls];
            let tokens = self.tokenizer.tokens(&note)?;
            window.extend(tokens.iter().take(config.tokens - 2).map(|token| token.id));
            window.push(self.tokenizer.sep);
            let vocabulary = self.record.network.vocab_size;
            let masked = mask(&window, config.masked, self.mask, vocabulary, rng);
            for place in masked.places {
                places.push((windows.len(), place));
                truth.push(window[place]);
            }
            windows.push(masked.shown);
        }
        let input = Input::new(&windows, self.tokenizer.pad)?;
        let states = self.bert.forward(&input, dropout)?;
        let (_, tokens, width) = states.size3()?;
        let rows: Vec<i64> = places
            .iter()
            .map(|(window, place)| *window as i64 * tokens + *place as i64)
            .collect();
        let hidden = states
            .f_reshape([-1, width])?
            .f_index_select(0, &Tensor::f_from_slice(&rows)?)?;
        let hidden = self
            .norm
            .forward(&self.transform.forward(&hidden)?.f_gelu("none")?)?;
        Ok(Guess {
            logits: hidden.f_linear(self.bert.words(), Some(&self.bias))?,
            truth: Tensor::f_from_slice(&truth)?,
        })
    }

    fn look(
        &self,
        config: &TrainConfig,
        note: &dyn Fn(u64) -> String,
        step: u64,
        loss: f64,
    ) -> Result<StepRecord, TextError> {
        // The same masks at every look.
        let mut rng = ChaCha8Rng::seed_from_u64(config.seed);
        let (mut sum, mut right, mut count) = (0.0, 0.0, 0.0);
        for first in (0..config.held_out).step_by(config.batch) {
            let numbers = first..(first + config.batch as u64).min(config.held_out);
            let notes = numbers.map(|at| note(HELD_OUT + at));
            let guess = no_grad(|| self.guess(config, notes, 0.0, &mut rng))?;
            let each = guess.truth.size1()? as f64;
            let nats = guess.logits.f_cross_entropy_loss(
                &guess.truth,
                None::<&Tensor>,
                Reduction::Sum,
                -100,
                0.0,
            )?;
            sum += nats.f_double_value(&[])?;
            let same = guess.logits.f_argmax(-1, false)?.f_eq_tensor(&guess.truth)?;
            right += same.f_sum(Kind::Double)?.f_double_value(&[])?;
            count += each;
        }
        Ok(StepRecord {
            step,
            loss,
            held_out_loss: sum / count,
            held_out_accuracy: right / count,
        })
    }

    fn save(&self, out: &Path) -> Result<(), TextError> {
        write(&out.join("config.json"), &json(&self.record.network)?)?;
        write(&out.join("run.json"), &json(&self.record)?)?;
        write(&out.join("model.safetensors"), &checkpoint::write(&self.store)?)?;
        write(&out.join("text.safetensors"), &pack(out)?)
    }
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, TextError> {
    serde_json::to_vec_pretty(value).map_err(|error| TextError::Config(error.to_string()))
}

/// Writes a file whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> Result<(), TextError> {
    let partial = path.with_extension("partial");
    fs::write(&partial, bytes).map_err(|source| io(&partial, source))?;
    fs::rename(&partial, path).map_err(|source| io(path, source))
}

fn io(path: &Path, source: std::io::Error) -> TextError {
    TextError::Io {
        path: path.to_owned(),
        source,
    }
}
