//! The parts of a running server, wired together.

use std::{
    net::{SocketAddr, TcpListener},
    sync::{Arc, OnceLock, RwLock},
    time::Duration,
};

use anyhow::Context as _;
use hilum_api::{ApiLimits, ApiState, RegisteredModel, SliceRenderer};
use hilum_domain::{Clock as _, SystemClock, Uid};
use hilum_pipeline::{Engine, Inference, Renderer, Worker, feed, picture};
use hilum_store::{Role, Store};
use tokio::{
    runtime::Handle,
    sync::{Notify, watch},
    task::JoinSet,
};

use crate::{commands, indication, settings::Settings};

/// What a process runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts {
    /// Address of the HTTPS listener, or no listener.
    pub(crate) listen: Option<SocketAddr>,
    /// Whether to take jobs.
    pub(crate) work: bool,
}

/// A server that was started.
pub(crate) struct Service {
    /// The store, for whoever wants to watch.
    pub(crate) store: Store,
    /// `https://ADDRESS:PORT`, when there is a listener.
    pub(crate) base: Option<String>,
    /// The first administrator's token, on the first start of a data folder.
    pub(crate) token: Option<String>,
    /// Rung after an upload.
    pub(crate) bell: Arc<Notify>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<anyhow::Result<()>>,
}

impl Service {
    /// Opens the data folder and starts the parts.
    pub(crate) async fn start(settings: &Settings, parts: Parts) -> anyhow::Result<Self> {
        let clock = Arc::new(SystemClock);
        let data_dir = &settings.data.dir;
        let store = Store::open(data_dir, clock.clone())
            .await
            .with_context(|| format!("data folder {} cannot be opened", data_dir.display()))?;
        let token = first_token(&store).await?;
        let graph = Arc::new(RwLock::new(feed::rebuild(&store).await?));
        let bell = Arc::new(Notify::new());
        let (stop, stopped) = watch::channel(false);
        let loaded_model = Arc::new(OnceLock::new());
        let decoder = commands::decoder()?;
        let mut tasks = JoinSet::new();

        let following = (store.clone(), Arc::clone(&graph), stopped.clone());
        tasks.spawn(async move {
            let (store, graph, mut stopped) = following;
            tokio::select! {
                followed = feed::follow(store, graph) => Ok(followed?),
                _ = stopped.changed() => Ok(()),
            }
        });

        // A small file, read at once: the listener draws outlines with it, the engine makes them.
        let segmenter = hilum_pipeline::load_segmenter()?;
        let base = match parts.listen {
            None => None,
            Some(address) => {
                let listener = TcpListener::bind(address)
                    .with_context(|| format!("http.listen: {address} cannot be bound"))?;
                let base = format!("https://{}", listener.local_addr()?);
                let tls = hilum_api::tls::load_or_create(&data_dir.join("tls"), clock.now())?;
                let state = ApiState {
                    store: store.clone(),
                    graph,
                    notify: Arc::clone(&bell),
                    renderer: Arc::new(Pictures(Renderer::new(
                        store.clone(),
                        Handle::current(),
                        Arc::clone(&segmenter),
                        decoder.clone(),
                    ))),
                    registered_models: registered_models(),
                    loaded_model: Arc::clone(&loaded_model),
                    limits: limits(settings),
                    quiet: Duration::from_millis(settings.work.quiet_period_ms),
                };
                let mut stopped = stopped.clone();
                tasks.spawn(async move {
                    let shutdown = async move { drop(stopped.changed().await) };
                    hilum_api::serve(listener, tls, state, shutdown)
                        .await
                        .context("HTTPS listener")
                });
                Some(base)
            }
        };

        // Models load while the listener already answers; readiness waits for them.
        let threads = settings.work.threads;
        let own = &settings.indication;
        let indication =
            indication::load(own.file.as_deref(), own.public_key.as_deref()).context("indication")?;
        let engine = tokio::task::spawn_blocking(move || Engine::load(threads, segmenter, decoder)).await??;
        let engine = engine.with_indication(indication);
        let model = engine.model().clone();
        if parts.work {
            let worker = Worker {
                store: store.clone(),
                inference: Inference::start(engine)?,
                clock,
                bell: Arc::clone(&bell),
            };
            tasks.spawn(async move {
                worker.run(stopped).await;
                Ok(())
            });
        }
        // Set once, here.
        drop(loaded_model.set(model));
        Ok(Self {
            store,
            base,
            token,
            bell,
            stop,
            tasks,
        })
    }

    /// Runs until a signal comes or a part fails, then stops the rest.
    pub(crate) async fn run(mut self) -> anyhow::Result<()> {
        let failed = tokio::select! {
            () = signal() => Ok(()),
            part = self.tasks.join_next() => part.map_or(Ok(()), |part| part?),
        };
        tracing::info!("stopping");
        let stopped = self.stop().await;
        failed.and(stopped)
    }

    /// Finishes the job in hand and running requests, then closes the store.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        self.stop.send_replace(true);
        let mut outcome = Ok(());
        while let Some(part) = self.tasks.join_next().await {
            outcome = outcome.and(part?);
        }
        self.store.close().await;
        outcome
    }
}

/// A token for the administrator when the data folder has none yet.
async fn first_token(store: &Store) -> anyhow::Result<Option<String>> {
    if !store.tokens().await?.is_empty() {
        return Ok(None);
    }
    Ok(Some(
        store.create_token("first administrator", Role::Admin).await?,
    ))
}

fn limits(settings: &Settings) -> ApiLimits {
    let mut limits = ApiLimits {
        upload_bytes: settings.http.max_upload_bytes,
        ..ApiLimits::default()
    };
    limits.instance.instance_bytes = settings.http.max_instance_bytes;
    limits
}

fn registered_models() -> Arc<[RegisteredModel]> {
    hilum_weights::registry()
        .iter()
        .map(|entry| RegisteredModel {
            name: entry.name.clone(),
            version: entry.version.clone(),
            sha256: entry.sha256.to_string(),
            source: entry.source.clone(),
            licence: entry.licence.clone(),
        })
        .collect()
}

async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = match signal(SignalKind::terminate()) {
        Ok(terminate) => terminate,
        // Without a handler the default action ends the process, which is as durable as SIGKILL.
        Err(error) => {
            tracing::warn!(error = %error, "SIGTERM cannot be handled");
            return std::future::pending().await;
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// The pipeline's pictures in the words of the API.
struct Pictures(Renderer);

impl SliceRenderer for Pictures {
    fn render(
        &self,
        series_uid: &Uid,
        slice: usize,
        window: hilum_api::Window,
        nodule: Option<&str>,
    ) -> Result<Vec<u8>, hilum_api::RenderError> {
        use hilum_api::RenderError as Answer;
        use hilum_pipeline::RenderError as Failure;

        let window = picture::Window {
            center_hu: f64::from(window.center_hu),
            width_hu: f64::from(window.width_hu),
        };
        self.0
            .png(series_uid, slice, window, nodule)
            .map_err(|failure| match failure {
                Failure::NoSuchSeries => Answer::NoSuchSeries,
                Failure::NoSuchSlice(slices) => Answer::NoSuchSlice { slices },
                Failure::NoSuchNodule => Answer::NoSuchNodule,
                Failure::Volume(error) => Answer::NotRenderable(error.to_string()),
                Failure::Outline(error) => Answer::NotRenderable(error.to_string()),
                Failure::Store(error) => Answer::Failed(error.to_string()),
            })
    }
}
