//! What the child does: read a frame, decode it, answer, until its input ends.

use std::{
    io::{self, Read, Write},
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::{
    sandbox::Sandbox,
    wire::{self, Request},
};

/// Serves requests until the parent closes the pipe.
pub fn run(input: &mut impl Read, output: &mut impl Write, sandbox: &mut Sandbox) -> io::Result<()> {
    while let Some(request) = Request::read(input)? {
        // Before anything is allocated for the frame.
        sandbox.allow(request.format.pixels(), request.frame_bytes)?;
        let mut frame = vec![0; request.frame_bytes];
        input.read_exact(&mut frame)?;
        wire::write_answer(output, &decode(&request, &frame))?;
    }
    Ok(())
}

fn decode(request: &Request, frame: &[u8]) -> Result<hilum_codec::Decoded, String> {
    // A panic of the Rust parts costs this frame, not the process: nothing of it outlives the closure.
    let decoded = catch_unwind(AssertUnwindSafe(|| {
        hilum_codec::decode(frame, &request.transfer_syntax, &request.format)
    }));
    match decoded {
        Ok(decoded) => decoded.map_err(|error| error.to_string()),
        Err(_) => Err("the codec panicked".to_owned()),
    }
}
