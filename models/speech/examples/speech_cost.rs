//! Cost of transcription with a network of random weights, which says as much as there is room for, and so costs the most
//! that its size can: `speech_cost [NOTES]`.
//!
//! Prints the time of 10 s of speech, the time until a cancelled note is given up, the times of two notes at once against
//! one, and the memory of this process before and after so many notes (200).

#[path = "../tests/speech/sound.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod sound;
#[path = "../tests/speech/tiny.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod tiny;

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use hilum_speech::{Options, Prompt, SpeechWorker, Transcriber, Vad, whisper::WhisperModel};

/// Whisper tiny, by its sizes.
const WHISPER_TINY: tiny::Size = tiny::Size {
    width: 384,
    heads: 6,
    layers: 4,
    text_positions: 448,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let notes = std::env::args()
        .nth(1)
        .map_or(Ok(200), |text| text.parse::<usize>())?;
    for (name, size) in [("small", tiny::TINY), ("as Whisper tiny", WHISPER_TINY)] {
        let worker = worker(size)?;
        let one = seconds(&worker, 1)?;
        let two = seconds(&worker, 2)?;
        say(&format!(
            "{name}: 10 s of speech in {one:.2} s; two such notes at once in {two:.2} s"
        ));
        let ticket = worker.submit(sound::babble(300), Options::default())?;
        thread::sleep(Duration::from_millis(700));
        let start = Instant::now();
        ticket.cancel();
        drop(ticket.wait());
        say(&format!(
            "{name}: cancelled after {:.3} s",
            start.elapsed().as_secs_f64()
        ));
    }
    let worker = worker(tiny::TINY)?;
    let mut memory = Vec::new();
    for note in 0..=notes {
        if note.is_multiple_of((notes / 10).max(1)) {
            memory.push(resident_kib()?);
        }
        let options = Options {
            prompt: Prompt::Vocabulary,
            ..Options::default()
        };
        worker.submit(sound::babble(2 + note % 9), options)?.wait()?;
    }
    say(&format!("resident KiB over {notes} notes: {memory:?}"));
    Ok(())
}

fn worker(size: tiny::Size) -> Result<SpeechWorker, Box<dyn std::error::Error>> {
    let model = WhisperModel::load("random", &tiny::model(size), None)?;
    Ok(SpeechWorker::start(Transcriber::new(model, Vad::Energy)?, || 1)?)
}

/// Time until so many notes of 10 s are all heard.
fn seconds(worker: &SpeechWorker, notes: usize) -> Result<f64, Box<dyn std::error::Error>> {
    let start = Instant::now();
    let submit = |_| worker.submit(sound::babble(10), Options::default());
    let tickets: Vec<_> = (0..notes).map(submit).collect::<Result<_, _>>()?;
    for ticket in tickets {
        ticket.wait()?;
    }
    Ok(start.elapsed().as_secs_f64())
}

/// Second number of statm, in pages of 4 KiB (proc(5)).
fn resident_kib() -> Result<u64, Box<dyn std::error::Error>> {
    let statm = fs::read_to_string("/proc/self/statm")?;
    let pages: u64 = statm.split(' ').nth(1).ok_or("statm has two numbers")?.parse()?;
    Ok(pages * 4)
}

#[expect(clippy::print_stdout, reason = "an example prints")]
fn say(line: &str) {
    println!("{line}");
}
