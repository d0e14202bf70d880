//! A server with its own folder, stopped when dropped.

use std::io;
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, OnceLock, RwLock};
use std::time::Duration;

use hilum_api::{ApiLimits, ApiState, RegisteredModel, RenderError, SliceRenderer, Window, serve, tls};
use hilum_domain::{Clock as _, ModelIdentity, NewFact, Sha256, SystemClock, Uid};
use hilum_graph::Graph;
use hilum_store::{Role, Store};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::runtime::Runtime;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use crate::client::Client;

pub(crate) struct Server {
    pub(crate) client: Client,
    pub(crate) state: ApiState,
    pub(crate) runtime: Runtime,
    pub(crate) pacs: String,
    pub(crate) radiologist: String,
    pub(crate) auditor: String,
    pub(crate) folder: tempfile::TempDir,
    stop: Option<oneshot::Sender<()>>,
    served: Option<JoinHandle<io::Result<()>>>,
}

/// Ten slices; slice 7 is beyond the renderer, and it says back what it was asked.
struct EchoRenderer;

impl SliceRenderer for EchoRenderer {
    fn render(
        &self,
        series_uid: &Uid,
        slice: usize,
        window: Window,
        nodule: Option<&str>,
    ) -> Result<Vec<u8>, RenderError> {
        assert_ne!(slice, 7, "Doe^Jane broke the renderer");
        match (series_uid.as_str(), slice) {
            ("1.2.9", _) => Err(RenderError::NotRenderable("missing_slice".into())),
            (_, 10..) => Err(RenderError::NoSuchSlice { slices: 10 }),
            _ => Ok(format!(
                "{series_uid} {slice} {} {} {nodule:?}",
                window.center_hu, window.width_hu
            )
            .into()),
        }
    }
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with_limits(ApiLimits::default())
    }

    pub(crate) fn with_limits(limits: ApiLimits) -> Self {
        let runtime = Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let tls_folder = folder.path().join("tls");
        let config = tls::load_or_create(&tls_folder, SystemClock.now()).unwrap();
        let certificate = CertificateDer::from_pem_file(tls_folder.join(tls::CERTIFICATE_FILE)).unwrap();
        let store = runtime
            .block_on(Store::open(folder.path(), Arc::new(SystemClock)))
            .unwrap();
        let token = |role| runtime.block_on(store.create_token("test", role)).unwrap();
        let (pacs, radiologist, auditor) =
            (token(Role::Pacs), token(Role::Radiologist), token(Role::Auditor));
        let state = ApiState {
            store,
            graph: Arc::new(RwLock::new(Graph::default())),
            notify: Arc::new(Notify::new()),
            renderer: Arc::new(EchoRenderer),
            registered_models: Arc::new([RegisteredModel {
                name: "m".into(),
                version: "1".into(),
                sha256: "0".repeat(64),
                source: "here".into(),
                licence: "MIT".into(),
            }]),
            loaded_model: Arc::new(OnceLock::new()),
            limits,
            quiet: Duration::ZERO,
        };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = Client::new(listener.local_addr().unwrap(), certificate);
        let (stop, stopped) = oneshot::channel::<()>();
        let served = runtime.spawn(serve(listener, config, state.clone(), async {
            drop(stopped.await);
        }));
        Self {
            client,
            state,
            runtime,
            pacs,
            radiologist,
            auditor,
            folder,
            stop: Some(stop),
            served: Some(served),
        }
    }

    pub(crate) fn load_model(&self) -> ModelIdentity {
        let sha256 = Sha256::of(b"model");
        let model = ModelIdentity {
            name: "ct".into(),
            version: "1".into(),
            sha256,
        };
        self.state.loaded_model.get_or_init(|| model).clone()
    }

    /// Files that were staged and neither kept nor removed.
    pub(crate) fn staged(&self) -> usize {
        std::fs::read_dir(self.folder.path().join("objects/incoming"))
            .unwrap()
            .count()
    }

    /// Appends facts to the feed and applies what the graph does not know yet.
    pub(crate) fn append_facts(&self, facts: &[NewFact]) {
        self.runtime
            .block_on(self.state.store.append_facts(facts))
            .unwrap();
        self.catch_up();
    }

    pub(crate) fn catch_up(&self) {
        let mut graph = self.state.graph.write().unwrap();
        let facts = self
            .runtime
            .block_on(self.state.store.facts_after(graph.last_seq(), 10_000))
            .unwrap();
        for fact in &facts {
            graph.apply(fact).unwrap();
        }
    }

    /// Asks the server to stop.
    pub(crate) fn stop(&mut self) {
        drop(self.stop.take());
    }

    /// Waits until it has stopped.
    pub(crate) fn served(&mut self) -> io::Result<()> {
        self.runtime.block_on(self.served.take().unwrap()).unwrap()
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
    }
}
