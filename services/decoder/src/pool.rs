//! The children and who may use one.

use std::{
    env,
    ffi::OsString,
    io,
    num::NonZero,
    path::PathBuf,
    process::Child,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use hilum_codec::{DecodeFailure, Decoded, FrameDecoder, FrameFormat};

use crate::{
    exchange::{self, Broken, Pipes},
    obituary, sandbox,
    spawner::Spawner,
    wire::{PROGRAM, Request},
};

/// How a pool makes and bounds its children.
#[derive(Debug, Clone)]
pub struct PoolSettings {
    /// Program and arguments of a child.
    pub command: Vec<OsString>,
    /// How many children at most.
    pub children: usize,
    /// Time that a frame may take whatever its size; `None` lets its size decide, see [`sandbox::deadline`].
    pub deadline: Option<Duration>,
}

impl PoolSettings {
    /// `hilum-decode` beside this program, one child for each processor core.
    pub fn beside_this_program() -> io::Result<Self> {
        let program = env::current_exe()?.with_file_name(PROGRAM);
        Ok(Self::with_program(program))
    }

    /// Another place of `hilum-decode`.
    pub fn with_program(program: PathBuf) -> Self {
        Self {
            command: vec![program.into()],
            children: thread::available_parallelism().map_or(1, NonZero::get),
            deadline: None,
        }
    }
}

/// Children that decode frames. They start when first needed, live on for the next frame, and are replaced after a
/// crash or a missed deadline.
#[derive(Debug)]
pub struct DecoderPool {
    settings: PoolSettings,
    spawner: Spawner,
    /// A mutex with a condition: a caller takes a child out, works outside of the lock, and puts it back.
    children: Mutex<Children>,
    returned: Condvar,
}

#[derive(Debug, Default)]
struct Children {
    idle: Vec<Worker>,
    /// Idle ones and those that callers hold.
    alive: usize,
}

/// A child and its pipes.
#[derive(Debug)]
pub(crate) struct Worker {
    process: Child,
    pub(crate) pipes: Pipes,
}

impl DecoderPool {
    /// A pool without children yet.
    pub fn new(settings: PoolSettings) -> io::Result<Self> {
        Ok(Self {
            spawner: Spawner::start(settings.command.clone())?,
            settings,
            children: Mutex::default(),
            returned: Condvar::new(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Children> {
        self.children.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An idle child, or a new one where there may be more, or the next one that comes back.
    fn take(&self) -> io::Result<Held<'_>> {
        let mut children = self.lock();
        loop {
            if let Some(worker) = children.idle.pop() {
                return Ok(Held {
                    pool: self,
                    worker: Some(worker),
                });
            }
            if children.alive < self.settings.children.max(1) {
                children.alive += 1;
                drop(children);
                let mut held = Held {
                    pool: self,
                    worker: None,
                };
                held.worker = Some(Worker::new(self.spawner.child()?)?);
                return Ok(held);
            }
            children = self
                .returned
                .wait(children)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn work(
        &self,
        worker: &mut Worker,
        request: &[u8],
        frame: &[u8],
        format: &FrameFormat,
    ) -> Result<Result<Decoded, String>, (Broken, Duration)> {
        let allowed = self
            .settings
            .deadline
            .unwrap_or_else(|| sandbox::deadline(format.pixels()));
        worker
            .pipes
            .exchange(request, frame, format, Instant::now() + allowed)
            .map_err(|broken| (broken, allowed))
    }
}

impl FrameDecoder for DecoderPool {
    fn decode(
        &self,
        frame: &[u8],
        transfer_syntax: &str,
        format: &FrameFormat,
    ) -> Result<Decoded, DecodeFailure> {
        let request = Request {
            frame_bytes: frame.len(),
            transfer_syntax: transfer_syntax.to_owned(),
            format: *format,
        };
        let request = request
            .to_bytes()
            .ok_or_else(|| DecodeFailure(format!("a frame of {} bytes is too long", frame.len())))?;
        let mut held = self
            .take()
            .map_err(|error| DecodeFailure(format!("the decoder {} {error}", self.settings.name())))?;
        let Some(mut worker) = held.worker.take() else {
            return Err(DecodeFailure("the decoder is gone".to_owned()));
        };
        match self.work(&mut worker, &request, frame, format) {
            Ok(answer) => {
                held.worker = Some(worker);
                answer.map_err(DecodeFailure)
            }
            Err((broken, allowed)) => Err(DecodeFailure(worker.bury(broken, allowed))),
        }
    }
}

impl PoolSettings {
    /// What messages call the child: no folder, since messages go to clients.
    fn name(&self) -> String {
        let program = self.command.first().map(PathBuf::from).unwrap_or_default();
        let name = program.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

/// A place in the pool, given back on drop: with its child where that still lives, empty where not.
struct Held<'a> {
    pool: &'a DecoderPool,
    worker: Option<Worker>,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut children = self.pool.lock();
        match self.worker.take() {
            Some(worker) => children.idle.push(worker),
            None => children.alive -= 1,
        }
        drop(children);
        self.pool.returned.notify_one();
    }
}

impl Worker {
    pub(crate) fn new(mut process: Child) -> io::Result<Self> {
        let (Some(to), Some(from)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(io::Error::other("has no pipes"));
        };
        if let Some(stderr) = &process.stderr {
            exchange::never_block(stderr)?;
        }
        let pipes = Pipes::new(to, from)?;
        Ok(Self { process, pipes })
    }

    /// Ends a child that did its work.
    pub(crate) fn dismiss(self) {
        obituary::of(self.process, None);
    }

    /// Ends a child that is of no use any more and says what happened.
    pub(crate) fn bury(self, broken: Broken, allowed: Duration) -> String {
        let Self { process, pipes } = self;
        // Still open: a child that is computing must not learn of a closed pipe before it is killed.
        let late = matches!(broken, Broken::Late).then_some(allowed);
        match broken {
            Broken::Late | Broken::Gone => {
                let words = obituary::of(process, late);
                drop(pipes);
                words
            }
            Broken::Nonsense => {
                obituary::of(process, None);
                "the decoder answered with nonsense".to_owned()
            }
            Broken::System(error) => {
                obituary::of(process, None);
                format!("the decoder cannot be reached: {error}")
            }
        }
    }
}

impl Drop for DecoderPool {
    fn drop(&mut self) {
        for worker in self.lock().idle.drain(..) {
            // A closed pipe ends the child; it is killed all the same, so that nothing waits for it.
            worker.dismiss();
        }
    }
}
