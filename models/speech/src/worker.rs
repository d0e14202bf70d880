//! The one thread that listens. Recordings take turns, a window of at most 28 s each, so that a short note does not wait
//! for a long one, and no two of them compute at once.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use crate::{Options, SpeechError, Transcriber, Transcript, session::Session};

/// Recordings that may be waiting or taking turns; half an hour of sound is 115 MB.
const MOST_WAITING: usize = 8;

/// A handle to the thread; it ends when the handle is gone and the last recording is heard or given up.
#[derive(Debug)]
pub struct SpeechWorker {
    jobs: mpsc::Sender<Job>,
    waiting: Arc<AtomicUsize>,
}

/// One recording that was handed in. Dropping it gives it up.
#[derive(Debug)]
pub struct Ticket {
    shared: Arc<Shared>,
    answer: mpsc::Receiver<Answer>,
}

type Answer = Result<Transcript, SpeechError>;

#[derive(Debug, Default)]
struct Shared {
    stop: Arc<AtomicBool>,
    percent: AtomicU8,
}

struct Job {
    session: Session,
    shared: Arc<Shared>,
    answer: mpsc::Sender<Answer>,
    _place: Place,
}

/// A place among the waiting ones, given back on drop.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl SpeechWorker {
    /// Starts the thread. `free_threads` is asked before every window how many threads may compute.
    pub fn start(
        transcriber: Transcriber,
        free_threads: impl Fn() -> usize + Send + 'static,
    ) -> Result<Self, SpeechError> {
        let (jobs, queue) = mpsc::channel();
        thread::Builder::new()
            .name("speech".to_owned())
            .spawn(move || work(transcriber, &queue, &free_threads))
            .map_err(|error| SpeechError::Failed(format!("its thread could not be started: {error}")))?;
        Ok(Self {
            jobs,
            waiting: Arc::default(),
        })
    }

    /// Hands a recording in: mono samples at 16 kHz.
    pub fn submit(&self, samples: Vec<f32>, options: Options) -> Result<Ticket, SpeechError> {
        let waiting = self.waiting.fetch_add(1, Ordering::Relaxed);
        let place = Place(Arc::clone(&self.waiting));
        if waiting >= MOST_WAITING {
            return Err(SpeechError::Busy { waiting });
        }
        let shared = Arc::new(Shared::default());
        let (answer, answered) = mpsc::channel();
        let job = Job {
            session: Session::new(samples, options),
            shared: Arc::clone(&shared),
            answer,
            _place: place,
        };
        self.jobs.send(job).map_err(|_| gone())?;
        Ok(Ticket {
            shared,
            answer: answered,
        })
    }
}

impl Ticket {
    /// Gives the recording up; the answer will be [`SpeechError::Cancelled`] unless it is there already.
    pub fn cancel(&self) {
        self.shared.stop.store(true, Ordering::Relaxed);
    }

    /// How much of the speech was heard, 0 to 100.
    pub fn percent(&self) -> u8 {
        self.shared.percent.load(Ordering::Relaxed)
    }

    /// Waits for the transcript.
    pub fn wait(&self) -> Result<Transcript, SpeechError> {
        self.answer.recv().map_err(|_| gone())?
    }

    /// The transcript where it is there.
    pub fn poll(&self) -> Option<Result<Transcript, SpeechError>> {
        match self.answer.try_recv() {
            Ok(answer) => Some(answer),
            Err(mpsc::TryRecvError::Empty) => None,
            Err(mpsc::TryRecvError::Disconnected) => Some(Err(gone())),
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.cancel();
    }
}

fn gone() -> SpeechError {
    SpeechError::Failed("its thread has ended".to_owned())
}

fn work(mut transcriber: Transcriber, queue: &mpsc::Receiver<Job>, free_threads: &dyn Fn() -> usize) {
    let mut turns: VecDeque<Job> = VecDeque::new();
    loop {
        if turns.is_empty() {
            let Ok(job) = queue.recv() else { return };
            turns.push_back(job);
        }
        turns.extend(queue.try_iter());
        let Some(mut job) = turns.pop_front() else {
            continue;
        };
        let outcome = if job.shared.stop.load(Ordering::Relaxed) {
            Err(SpeechError::Cancelled)
        } else {
            job.session
                .step(&mut transcriber, free_threads(), &job.shared.stop)
        };
        match outcome {
            Ok(None) => {
                job.shared.percent.store(job.session.percent(), Ordering::Relaxed);
                turns.push_back(job);
            }
            // Whoever asked may be gone.
            Ok(Some(transcript)) => drop(job.answer.send(Ok(transcript))),
            Err(error) => drop(job.answer.send(Err(error))),
        }
    }
}
