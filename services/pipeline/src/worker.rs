//! Takes analyses from the durable queue and records their results.

use std::{sync::Arc, time::Duration};

use hilum_domain::{Clock, StudyResult};
use hilum_store::{Job, Store, StoreError, StoredPrior};
use tokio::sync::{Notify, watch};

use crate::{EngineError, Inference, InferenceError, Prior, facts};

/// A worker that dies is replaced after this long.
const LEASE: Duration = Duration::from_mins(2);
/// The lease is extended this often while work goes on.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// The queue is looked at this often when nobody rings.
const POLL: Duration = Duration::from_millis(500);

/// One worker. Any number of them, in any number of processes, may share a store.
pub struct Worker {
    /// Where jobs come from and results go.
    pub store: Store,
    /// Who computes.
    pub inference: Inference,
    /// Dates results.
    pub clock: Arc<dyn Clock>,
    /// Rung after an upload.
    pub bell: Arc<Notify>,
}

/// Why a job could not be finished this time.
#[derive(Debug, thiserror::Error)]
enum WorkError {
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("{0}")]
    Inference(#[from] InferenceError),
    #[error("{0}")]
    Engine(#[from] EngineError),
    #[error("series has no instance any more")]
    NoInstances,
}

impl Worker {
    /// Works until `stop` turns true. A job in hand is finished first.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow_and_update() {
            match self.store.claim(LEASE).await {
                Ok(Some(job)) => self.work(job).await,
                Ok(None) => self.wait(&mut stop).await,
                Err(error) => {
                    tracing::error!(error = %error, "the job queue cannot be read");
                    self.wait(&mut stop).await;
                }
            }
        }
    }

    async fn wait(&self, stop: &mut watch::Receiver<bool>) {
        tokio::select! {
            () = self.bell.notified() => {}
            () = tokio::time::sleep(POLL) => {}
            _ = stop.changed() => {}
        }
    }

    async fn work(&self, job: Job) {
        let analysis = self.analyse(&job);
        tokio::pin!(analysis);
        let outcome = loop {
            tokio::select! {
                outcome = &mut analysis => break outcome,
                () = tokio::time::sleep(HEARTBEAT) => {
                    // The lease is held by its token, which a copy of the job carries too.
                    let mut renewed = job.clone();
                    if self.store.heartbeat(&mut renewed, LEASE).await.is_err() {
                        tracing::warn!(job.id = job.id, "the lease of a job was lost, its result will not be recorded");
                    }
                }
            }
        };
        let recorded = match outcome {
            Ok((result, facts)) => self
                .store
                .save_result(&result, &facts, Some(&job))
                .await
                .map(|_| result),
            Err(error) => {
                self.put_back(&job, &error.to_string()).await;
                return;
            }
        };
        match recorded {
            Ok(result) => {
                tracing::info!(
                    job.id = job.id,
                    series.uid = %result.series_instance_uid,
                    result.status = ?result.status,
                    result.nodules = result.nodules.len(),
                    elapsed_ms = result.elapsed_ms.total,
                    "a series was analysed"
                );
                self.compare_again(&result).await;
            }
            Err(error) => self.put_back(&job, &error.to_string()).await,
        }
    }

    async fn analyse(&self, job: &Job) -> Result<(StudyResult, Vec<hilum_domain::NewFact>), WorkError> {
        let instances = self.store.instances_of_series(&job.series_instance_uid).await?;
        let first = instances.first().ok_or(WorkError::NoInstances)?;
        let patient = facts::patient_key(&first.headers.patient);
        let files: Vec<_> = instances
            .iter()
            .map(|instance| self.store.object_path(&instance.sha256))
            .collect();
        let series = job.series_instance_uid.clone();
        let study = first.headers.study_instance_uid.clone();
        let stored = self.store.prior_of_series(&series).await?;
        let prior = stored.as_ref().map(|stored| self.prior(stored));
        let result = self
            .inference
            .run(move |engine| engine.analyse_series(&study, &series, &files, prior.as_ref()))
            .await??;
        let prior = stored.as_ref().map(|stored| &stored.result);
        let facts = facts::of_result(&result, prior, &patient, self.clock.now());
        Ok((result, facts))
    }

    /// A stored CT as one to compare with. Its nodules keep the identities that they have there.
    fn prior(&self, stored: &StoredPrior) -> Prior {
        let result = &stored.result;
        let inherited = result.nodules.iter().filter(|nodule| {
            let change = nodule.change.as_ref();
            change.is_some_and(|change| change.prior_tracking_uids.contains(&nodule.tracking_uid))
        });
        Prior {
            paths: stored
                .instances
                .iter()
                .map(|instance| self.store.object_path(&instance.sha256))
                .collect(),
            series_uid: Some(result.series_instance_uid.clone()),
            identities: inherited
                .map(|nodule| (nodule.id.clone(), nodule.tracking_uid.clone()))
                .collect(),
        }
    }

    /// A CT that came, or was understood, after a later one of the patient: the later one is compared with it.
    async fn compare_again(&self, result: &StudyResult) {
        let asked = async {
            for series in self.store.to_compare_again(result).await? {
                self.store.request_analysis(&series).await?;
                self.bell.notify_one();
            }
            Ok::<(), StoreError>(())
        };
        if let Err(error) = asked.await {
            tracing::error!(error = %error, "a later CT of the patient cannot be compared again");
        }
    }

    async fn put_back(&self, job: &Job, reason: &str) {
        let retry_at = self.clock.now() + job.backoff();
        tracing::warn!(
            job.id = job.id,
            job.attempt = job.attempt,
            reason,
            "an analysis failed and is put back"
        );
        if let Err(error) = self.store.fail(job, reason, Some(retry_at)).await {
            tracing::error!(job.id = job.id, error = %error, "a failed job cannot be put back; its lease will run out");
        }
    }
}
