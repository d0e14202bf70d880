//! What the child does with a recording.

use std::{
    io::{self, Read, Write},
    panic::{AssertUnwindSafe, catch_unwind},
};

use hilum_audio::{AudioError, AudioLimits, decode};

use super::wire::{Message, Request, write_end, write_samples};
use crate::sandbox::Sandbox;

/// Reads one recording, writes its samples, ends.
pub fn run(input: &mut impl Read, output: &mut impl Write, sandbox: &mut Sandbox) -> io::Result<()> {
    let request = Request::read(input)?;
    // Before anything is allocated for it.
    sandbox.allow_recording(request.bytes)?;
    let mut bytes = vec![0; request.bytes];
    input.read_exact(&mut bytes)?;
    let limits = AudioLimits {
        input_bytes: request.bytes,
        seconds: request.seconds,
    };
    // A panic of a parser costs this recording and says so; nothing of it outlives the closure.
    let decoded = catch_unwind(AssertUnwindSafe(|| {
        decode(bytes, &limits, |samples| {
            write_samples(output, samples).map_err(|error| AudioError::Decoder(error.to_string()))
        })
    }));
    match decoded {
        Ok(Ok(summary)) => write_end(output, Message::Summary, &summary),
        Ok(Err(error)) => write_end(output, Message::Refused, &error),
        Err(_) => {
            let panicked = AudioError::Damaged {
                why: "its parser panicked".to_owned(),
            };
            write_end(output, Message::Refused, &panicked)
        }
    }
}
