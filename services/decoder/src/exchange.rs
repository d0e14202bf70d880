//! One request and its answer over a child's pipes, up to a deadline.

use std::{
    io::{self, ErrorKind, Read, Write},
    os::fd::AsFd,
    process::{ChildStdin, ChildStdout},
    time::Instant,
};

use hilum_codec::{Decoded, FrameFormat};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{OFlags, fcntl_getfl, fcntl_setfl},
};

use crate::wire::{ANSWER_HEADER, AnswerHeader};

/// Bytes that a pipe may hold, so that a frame goes through in few turns. The default of the system is 64 KiB.
const PIPE_BYTES: usize = 1 << 20;

/// The ends of a child's pipes that are here, not blocking.
#[derive(Debug)]
pub(crate) struct Pipes {
    to: ChildStdin,
    from: ChildStdout,
}

/// Why an exchange failed. The child is of no use any more.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The deadline passed.
    Late,
    /// The child closed a pipe: it is dead or dying.
    Gone,
    /// The child said what no child says.
    Nonsense,
    /// The system failed.
    System(io::Error),
}

/// What a child answered: pixels, or why it refused.
pub(crate) type Answer = Result<Decoded, String>;

impl Pipes {
    pub(crate) fn new(to: ChildStdin, from: ChildStdout) -> io::Result<Self> {
        for pipe in [to.as_fd(), from.as_fd()] {
            never_block(&pipe)?;
            // A small pipe is slower, nothing more.
            let _as_large_as_may_be = rustix::pipe::fcntl_setpipe_size(pipe, PIPE_BYTES);
        }
        Ok(Self { to, from })
    }

    /// Sends a frame and waits for what comes of it.
    pub(crate) fn exchange(
        &mut self,
        request: &[u8],
        frame: &[u8],
        format: &FrameFormat,
        deadline: Instant,
    ) -> Result<Answer, Broken> {
        self.write(request, deadline)?;
        self.write(frame, deadline)?;
        let mut header = [0; ANSWER_HEADER];
        self.read(&mut header, deadline)?;
        match AnswerHeader::from_bytes(header, format).ok_or(Broken::Nonsense)? {
            AnswerHeader::Decoded { bytes, sign_mismatch } => {
                let mut pixels = vec![0; bytes];
                self.read(&mut pixels, deadline)?;
                Ok(Ok(Decoded {
                    pixels,
                    sign_mismatch,
                }))
            }
            AnswerHeader::Refused { bytes } => {
                let mut sentence = vec![0; bytes];
                self.read(&mut sentence, deadline)?;
                String::from_utf8(sentence).map(Err).map_err(|_| Broken::Nonsense)
            }
        }
    }

    pub(crate) fn write(&mut self, mut bytes: &[u8], deadline: Instant) -> Result<(), Broken> {
        while !bytes.is_empty() {
            match self.to.write(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    wait(&self.to, PollFlags::OUT, deadline)?;
                }
                Err(error) => broken(error)?,
            }
        }
        Ok(())
    }

    pub(crate) fn read(&mut self, mut place: &mut [u8], deadline: Instant) -> Result<(), Broken> {
        while !place.is_empty() {
            match self.from.read(place) {
                Ok(0) => return Err(Broken::Gone),
                Ok(read) => place = &mut place[read..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    wait(&self.from, PollFlags::IN, deadline)?;
                }
                Err(error) => broken(error)?,
            }
        }
        Ok(())
    }
}

/// Makes reads and writes of a pipe return at once.
pub(crate) fn never_block(pipe: &impl AsFd) -> io::Result<()> {
    Ok(fcntl_setfl(pipe, fcntl_getfl(pipe)? | OFlags::NONBLOCK)?)
}

/// An interrupted call is repeated; a broken pipe is a child that is gone.
fn broken(error: io::Error) -> Result<(), Broken> {
    match error.kind() {
        ErrorKind::Interrupted => Ok(()),
        ErrorKind::BrokenPipe => Err(Broken::Gone),
        _ => Err(Broken::System(error)),
    }
}

fn wait(pipe: &impl AsFd, what: PollFlags, deadline: Instant) -> Result<(), Broken> {
    let left = deadline
        .checked_duration_since(Instant::now())
        .ok_or(Broken::Late)?;
    let left = Timespec::try_from(left).map_err(|_| Broken::Late)?;
    match poll(&mut [PollFd::new(pipe, what)], Some(&left)) {
        Ok(0) => Err(Broken::Late),
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(Broken::System(error.into())),
    }
}
