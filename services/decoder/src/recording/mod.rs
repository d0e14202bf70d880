//! Recordings of sound, each decoded in a child of its own.
//!
//! A recording comes now and then and takes a second, so no child waits for the next one.

pub mod child;
pub mod wire;

use std::{
    env,
    ffi::OsString,
    io,
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use hilum_audio::{AudioError, AudioLimits, DecodeRecording, Recording, Summary};

use crate::{exchange::Broken, pool::Worker, sandbox, wire::PROGRAM};
use wire::{MESSAGE_HEADER, Message, Request};

/// The word that tells the program what it is to decode.
pub const RECORDING: &str = "recording";

/// Starts a child for each recording.
#[derive(Debug, Clone)]
pub struct RecordingDecoder {
    command: Vec<OsString>,
    deadline: Option<Duration>,
}

impl RecordingDecoder {
    /// `hilum-decode` beside this program.
    pub fn beside_this_program() -> io::Result<Self> {
        Ok(Self::with_program(env::current_exe()?.with_file_name(PROGRAM)))
    }

    /// Another place of `hilum-decode`.
    pub fn with_program(program: PathBuf) -> Self {
        Self::with_command(vec![program.into(), RECORDING.into()], None)
    }

    /// Another program with its arguments, and the time that it has; `None` lets the size of the recording decide.
    pub const fn with_command(command: Vec<OsString>, deadline: Option<Duration>) -> Self {
        Self { command, deadline }
    }

    fn start(&self) -> io::Result<Worker> {
        let (program, arguments) = self
            .command
            .split_first()
            .ok_or_else(|| io::Error::other("has no program"))?;
        // The child dies with the thread that starts it, which is this one, and it waits.
        let child = Command::new(program)
            .args(arguments)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        Worker::new(child)
    }
}

impl DecodeRecording for RecordingDecoder {
    fn decode(&self, bytes: Vec<u8>, limits: &AudioLimits) -> Result<Recording, AudioError> {
        let request = Request::new(bytes.len(), limits)?;
        let mut worker = self
            .start()
            .map_err(|error| AudioError::Decoder(format!("the decoder cannot be started: {error}")))?;
        let allowed = self
            .deadline
            .unwrap_or_else(|| sandbox::recording_deadline(bytes.len()));
        let answer = exchange(&mut worker, &request, &bytes, Instant::now() + allowed);
        match answer {
            Ok(answer) => {
                worker.dismiss();
                answer
            }
            Err(broken) => Err(AudioError::Decoder(worker.bury(broken, allowed))),
        }
    }
}

/// Sends the recording, then takes samples until the child says what it was or why not.
fn exchange(
    worker: &mut Worker,
    request: &Request,
    bytes: &[u8],
    deadline: Instant,
) -> Result<Result<Recording, AudioError>, Broken> {
    let pipes = &mut worker.pipes;
    pipes.write(&request.to_bytes(), deadline)?;
    pipes.write(bytes, deadline)?;
    let mut samples = Vec::new();
    loop {
        let mut header = [0; MESSAGE_HEADER];
        pipes.read(&mut header, deadline)?;
        let (message, length) = Message::from_header(header).ok_or(Broken::Nonsense)?;
        let mut body = vec![0; length];
        pipes.read(&mut body, deadline)?;
        match message {
            Message::Samples => {
                let (sound, rest) = body.as_chunks();
                if !rest.is_empty() || samples.len() + sound.len() > request.most_samples() {
                    return Err(Broken::Nonsense);
                }
                samples.extend(sound.iter().copied().map(f32::from_le_bytes));
            }
            Message::Summary => {
                let summary: Summary = serde_json::from_slice(&body).map_err(|_| Broken::Nonsense)?;
                return Ok(Ok(Recording { samples, summary }));
            }
            Message::Refused => {
                return Ok(Err(serde_json::from_slice(&body).map_err(|_| Broken::Nonsense)?));
            }
        }
    }
}
