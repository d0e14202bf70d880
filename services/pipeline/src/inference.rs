//! The one thread that owns the models.
//!
//! libtorch keeps memory per thread that ran inference, so work comes to a fixed thread through a channel
//! instead of going to a pool. This is also where blocking work leaves the async threads.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

use tokio::sync::{mpsc, oneshot};

use crate::Engine;

/// Requests that may wait before a caller is held back.
const QUEUE: usize = 8;

type Task = Box<dyn FnOnce(&Engine) + Send>;

/// A handle to the inference thread; clones share it. The thread ends when the last handle is gone.
#[derive(Clone)]
pub struct Inference {
    tasks: mpsc::Sender<Task>,
}

/// Why a task brought no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InferenceError {
    /// The task panicked; the thread goes on with the next one.
    #[error("inference panicked, see the log")]
    Panicked,
    /// The thread could not be started.
    #[error("inference thread could not be started: {0}")]
    NotStarted(String),
}

impl Inference {
    /// Starts the thread.
    pub fn start(engine: Engine) -> Result<Self, InferenceError> {
        let (tasks, mut queue) = mpsc::channel::<Task>(QUEUE);
        thread::Builder::new()
            .name("inference".to_owned())
            .spawn(move || {
                while let Some(task) = queue.blocking_recv() {
                    // Models are only read, so nothing half-written can be left behind by a panic. The task's
                    // answer channel is dropped, which tells the caller.
                    drop(catch_unwind(AssertUnwindSafe(|| task(&engine))));
                }
            })
            .map_err(|error| InferenceError::NotStarted(error.to_string()))?;
        Ok(Self { tasks })
    }

    /// Runs a task with the models and waits for its answer.
    pub async fn run<T: Send + 'static>(
        &self,
        task: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<T, InferenceError> {
        let (answer, answered) = oneshot::channel();
        let task: Task = Box::new(move |engine| drop(answer.send(task(engine))));
        self.tasks
            .send(task)
            .await
            .map_err(|_| InferenceError::Panicked)?;
        answered.await.map_err(|_| InferenceError::Panicked)
    }
}
