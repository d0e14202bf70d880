//! The one thread that starts children.
//!
//! A child asks to be killed when its parent dies, and the system takes the thread that started it for the parent. A
//! thread of a pool may end while the program goes on, so children are started by a thread that lives as long as
//! their pool.

use std::{
    ffi::OsString,
    io,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
};

type Started = io::Result<Child>;

/// A handle to the thread; it ends with the handle, and its children with it.
#[derive(Debug)]
pub(crate) struct Spawner {
    wishes: mpsc::Sender<mpsc::Sender<Started>>,
}

impl Spawner {
    /// Starts the thread that will run `command`: program and arguments.
    pub(crate) fn start(command: Vec<OsString>) -> io::Result<Self> {
        let (wishes, wished) = mpsc::channel::<mpsc::Sender<Started>>();
        thread::Builder::new()
            .name("decoders".to_owned())
            .spawn(move || {
                for wish in wished {
                    // Whoever wished may be gone; the child then ends with its pipes.
                    drop(wish.send(spawn(&command)));
                }
            })?;
        Ok(Self { wishes })
    }

    /// A new child with its three pipes.
    pub(crate) fn child(&self) -> Started {
        let (started, child) = mpsc::channel();
        let ended = || io::Error::other("cannot be started: its thread has ended");
        self.wishes.send(started).map_err(|_| ended())?;
        child.recv().map_err(|_| ended())?
    }
}

fn spawn(command: &[OsString]) -> Started {
    let (program, arguments) = command
        .split_first()
        .ok_or_else(|| io::Error::other("has no program"))?;
    Command::new(program)
        .args(arguments)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| io::Error::new(error.kind(), format!("cannot be started: {error}")))
}
