//! `hilum transcribe`

use std::{fs::File, io::Read as _, path::Path, thread, time::Duration};

use anyhow::{Context as _, anyhow};
use hilum_audio::{AudioError, AudioLimits, DecodeRecording as _};
use hilum_decoder::RecordingDecoder;
use hilum_domain::Progress as _;
use hilum_pipeline::free_cores;
use hilum_speech::{Options, Prompt, SpeechError, SpeechWorker, Ticket, Transcriber, Transcript, Vad};

use crate::{
    cli::{PromptName, TranscribeArgs},
    commands::answer,
    progress::Console,
    settings::Settings,
    speech_models,
};

/// Between two looks at the worker.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Decodes a recording, transcribes it, prints the draft.
pub(crate) fn run(args: &TranscribeArgs) -> anyhow::Result<()> {
    let settings = Settings::load(&args.settings)?;
    let progress = Console::new();
    let name = args.file.file_name().unwrap_or_default().to_string_lossy();
    progress.stage("reading the recording", None);
    let recording = decode(&args.file).map_err(|error| match error.downcast_ref::<AudioError>() {
        Some(audio) => anyhow!("{name}: {audio} ({})", audio.code().as_str()),
        None => error.context(name.to_string()),
    })?;
    progress.stage("loading the model", None);
    let (model, own) = speech_models::whisper(&settings, args.model.as_deref())?;
    let vad = match &args.vad {
        Some(file) => speech_models::vad_file(file)?,
        None => speech_models::vad(&settings)?,
    };
    let prompt = match args.prompt {
        Some(PromptName::None) => Prompt::None,
        // The model that ships knows these words and no others.
        None if own => Prompt::None,
        Some(PromptName::Vocabulary) | None => Prompt::Vocabulary,
    };
    let options = Options {
        language: args.lang.language(),
        prompt,
    };
    let mut transcript = transcribe(model, vad, recording.samples, options, &progress)?;
    let heard = recording.summary.warnings.iter().map(|warning| warning.reason());
    transcript.warnings.extend(heard);
    progress.finish();
    if args.json {
        answer(&serde_json::to_string(&transcript)?);
    } else {
        describe(&transcript);
    }
    Ok(())
}

fn decode(file: &Path) -> anyhow::Result<hilum_audio::Recording> {
    let limits = AudioLimits::default();
    let mut bytes = Vec::new();
    // One byte more than is taken, so that a file without end is told from one that just fits.
    let most = limits.input_bytes as u64 + 1;
    File::open(file)?.take(most).read_to_end(&mut bytes)?;
    let decoder = RecordingDecoder::beside_this_program().context("folder of this program")?;
    Ok(decoder.decode(bytes, &limits)?)
}

fn transcribe(
    model: hilum_speech::whisper::WhisperModel,
    vad: Vad,
    samples: Vec<f32>,
    options: Options,
    progress: &Console,
) -> anyhow::Result<Transcript> {
    let worker = SpeechWorker::start(Transcriber::new(model, vad)?, free_cores)?;
    progress.stage("listening", Some(100));
    let ticket = worker.submit(samples, options)?;
    Ok(watch(&ticket, progress)?)
}

fn watch(ticket: &Ticket, progress: &Console) -> Result<Transcript, SpeechError> {
    let mut shown = 0;
    loop {
        if let Some(outcome) = ticket.poll() {
            return outcome;
        }
        let percent = u64::from(ticket.percent());
        progress.advance(percent - shown);
        shown = percent;
        thread::sleep(LOOK_EVERY);
    }
}

fn describe(transcript: &Transcript) {
    for segment in &transcript.segments {
        answer(&format!(
            "{:>8.2} {:>8.2} s  {:.2}  {}",
            segment.start_ms as f64 / 1000.0,
            segment.end_ms as f64 / 1000.0,
            segment.probability,
            segment.text
        ));
    }
    if transcript.segments.is_empty() {
        answer("nobody speaks");
    }
    for warning in &transcript.warnings {
        answer(&format!("warning: {} ({})", warning.text, warning.code.as_str()));
    }
    answer(&format!(
        "a draft by {} ({}): nothing of it counts before a person confirms it",
        transcript.model.name,
        &transcript.model.sha256.as_str()[..16]
    ));
}
