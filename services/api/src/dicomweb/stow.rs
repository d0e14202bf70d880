//! STOW-RS (PS3.18 section 10.5): parts to disk, through the gate, into the store.

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use hilum_domain::{Redacted, Uid};
use hilum_gate::MediaType;
use hilum_gate::multipart::{Event, SplitError, Splitter};
use hilum_store::{
    ConflictReason, InstanceHeaders, NewInstance, Outcome, PatientKey, StagedObject, StoreError,
};
use hilum_volume::{InstanceHeader, Limits, VolumeError, read_header};
use time::Date;
use time::macros::format_description;

use super::answer::{FailureReason, Identity, PartResult, answer, base_url};
use crate::ApiState;
use crate::body::LimitedBody;
use crate::problem::Problem;

const DICOM: &str = "application/dicom";

/// Stores the instances of a body and answers for each; with `study`, only instances of this study.
///
/// All or nothing as far as the transfer goes: when the body breaks off, is malformed or too long, nothing of
/// it is kept. When it was read to its end, each instance is judged on its own.
pub(crate) async fn store_instances(
    state: &ApiState,
    study: Option<&Uid>,
    authority: Option<&str>,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    check_accept(headers)?;
    let form = Form::of(headers)?;
    let body = LimitedBody::new(body, headers, state.limits.upload_bytes, state.limits.body_idle)?;
    let reception = Reception {
        state,
        study,
        parts: Vec::new(),
    };
    let parts = match form {
        Form::Single => reception.single(body).await?,
        Form::Multipart { boundary } => reception.multipart(body, &boundary).await?,
    };
    let results = commit(state, parts).await?;
    for result in &results {
        if let PartResult::Failed { reason, text, .. } = result {
            let code = format!("{:04X}", *reason as u16);
            tracing::info!(stow.failure = code, stow.reason = text, "an instance was refused");
        }
    }
    Ok(answer(&results, &base_url(headers, authority)))
}

/// 406 unless the client takes DICOM JSON.
fn check_accept(headers: &HeaderMap) -> Result<(), Problem> {
    let mut ranges = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .peekable();
    let takes_json = |range: &str| {
        let essence = range
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        matches!(
            essence.as_str(),
            "" | "*/*" | "application/*" | "application/dicom+json" | "application/json"
        )
    };
    if ranges.peek().is_none() || ranges.any(takes_json) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::NOT_ACCEPTABLE,
        "the answer is application/dicom+json",
    ))
}

/// How the body is laid out.
enum Form {
    Single,
    Multipart { boundary: String },
}

impl Form {
    fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let unsupported = |detail| Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail);
        let text = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let media = text
            .and_then(MediaType::parse)
            .ok_or_else(|| unsupported("no readable Content-Type"))?;
        match media.essence.as_str() {
            DICOM => Ok(Self::Single),
            "multipart/related" => {
                if media
                    .parameter("type")
                    .is_some_and(|kind| !kind.eq_ignore_ascii_case(DICOM))
                {
                    return Err(unsupported(
                        "of multipart/related, only type=\"application/dicom\" is stored",
                    ));
                }
                let boundary = media.parameter("boundary");
                let boundary =
                    boundary.ok_or_else(|| Problem::bad_request("multipart/related without a boundary"))?;
                Ok(Self::Multipart {
                    boundary: boundary.to_owned(),
                })
            }
            _ => Err(unsupported(
                "stored are application/dicom and multipart/related; type=\"application/dicom\"",
            )),
        }
    }
}

/// A part on disk: ready for the store, or refused.
enum Part {
    Ready(Box<NewInstance>),
    Refused(PartResult),
}

/// Receives the parts of one request. Dropping it removes what was staged.
struct Reception<'a> {
    state: &'a ApiState,
    study: Option<&'a Uid>,
    parts: Vec<Part>,
}

/// Where the bytes of the current part go.
enum Sink {
    Staging(Box<hilum_store::IncomingObject>),
    /// Read past; the part was judged already.
    Nowhere,
}

impl Reception<'_> {
    async fn single(mut self, mut body: LimitedBody) -> Result<Vec<Part>, Problem> {
        let mut sink = self.open().await?;
        while let Some(bytes) = body.chunk().await? {
            self.write(&mut sink, &bytes).await?;
        }
        self.close(sink).await?;
        Ok(self.parts)
    }

    async fn multipart(mut self, mut body: LimitedBody, boundary: &str) -> Result<Vec<Part>, Problem> {
        let malformed = |error: SplitError| {
            Problem::bad_request(format!("malformed multipart body: {error}"))
                .with(header::CONNECTION, "close")
        };
        let mut splitter = Splitter::new(boundary).map_err(malformed)?;
        let mut sink = Sink::Nowhere;
        while let Some(bytes) = body.chunk().await? {
            splitter.feed(&bytes);
            loop {
                match splitter.next_event().map_err(malformed)? {
                    Event::NeedMore | Event::End => break,
                    Event::Part(content_type) => sink = self.begin(content_type.as_deref()).await?,
                    Event::Data(bytes) => self.write(&mut sink, &bytes).await?,
                    Event::PartEnd => self.close(std::mem::replace(&mut sink, Sink::Nowhere)).await?,
                }
            }
        }
        splitter.finish().map_err(malformed)?;
        if self.parts.is_empty() {
            return Err(Problem::bad_request("the multipart body holds no part"));
        }
        Ok(self.parts)
    }

    async fn begin(&mut self, content_type: Option<&str>) -> Result<Sink, Problem> {
        if self.parts.len() >= self.state.limits.upload_parts {
            let detail = format!("more than {} parts", self.state.limits.upload_parts);
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail).with(header::CONNECTION, "close"));
        }
        // A part without a type has the one of the whole.
        let is_dicom =
            content_type.is_none_or(|text| MediaType::parse(text).is_some_and(|m| m.essence == DICOM));
        if is_dicom {
            return self.open().await;
        }
        self.refuse(
            None,
            FailureReason::CannotUnderstand,
            "the part is not application/dicom".into(),
        );
        Ok(Sink::Nowhere)
    }

    async fn open(&self) -> Result<Sink, Problem> {
        let staging = self
            .state
            .store
            .stage(self.state.limits.instance.instance_bytes)
            .await?;
        Ok(Sink::Staging(Box::new(staging)))
    }

    async fn write(&mut self, sink: &mut Sink, bytes: &Bytes) -> Result<(), Problem> {
        let Sink::Staging(object) = sink else {
            return Ok(());
        };
        match object.write(bytes).await {
            Ok(()) => {}
            Err(error @ StoreError::TooLarge { .. }) => {
                *sink = Sink::Nowhere;
                self.refuse(None, FailureReason::TooLarge, error.to_string());
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// The part is complete: reads its header.
    async fn close(&mut self, sink: Sink) -> Result<(), Problem> {
        let Sink::Staging(object) = sink else {
            return Ok(());
        };
        let object = object.finish().await?;
        let limits = self.state.limits.instance;
        let name = format!("part {}", self.parts.len() + 1);
        let read = tokio::task::spawn_blocking(move || {
            let header = read_staged(&object, &name, &limits);
            (object, header)
        });
        let (object, header) = read
            .await
            .map_err(|_| Problem::internal("reading a header failed"))?;
        match header {
            Err(VolumeError::Unreadable { source, .. }) => {
                tracing::error!(error = %source, "a staged instance cannot be read back");
                self.refuse(
                    None,
                    FailureReason::Processing,
                    "the instance could not be read back from disk".into(),
                );
            }
            Err(error) => self.refuse(None, FailureReason::CannotUnderstand, error.to_string()),
            Ok(header) => {
                let headers = store_headers(header);
                if self
                    .study
                    .is_some_and(|study| *study != headers.study_instance_uid)
                {
                    let text = "the instance belongs to another study than the path names".to_owned();
                    self.refuse(Some(identity(&headers)), FailureReason::Mismatch, text);
                } else {
                    self.parts
                        .push(Part::Ready(Box::new(NewInstance { object, headers })));
                }
            }
        }
        Ok(())
    }

    fn refuse(&mut self, identity: Option<Identity>, reason: FailureReason, text: String) {
        self.parts.push(Part::Refused(PartResult::Failed {
            identity,
            reason,
            text,
        }));
    }
}

/// Blocks.
fn read_staged(object: &StagedObject, name: &str, limits: &Limits) -> Result<InstanceHeader, VolumeError> {
    let bytes = std::fs::read(object.path());
    let bytes = bytes.map_err(|source| VolumeError::Unreadable {
        file: name.to_owned(),
        source,
    })?;
    read_header(name, &bytes, limits)
}

/// Commits what is ready and puts the outcomes in the order of the parts.
async fn commit(state: &ApiState, parts: Vec<Part>) -> Result<Vec<PartResult>, Problem> {
    let mut results = Vec::with_capacity(parts.len());
    let mut ready = Vec::new();
    for part in parts {
        match part {
            Part::Refused(result) => results.push(Some(result)),
            Part::Ready(instance) => {
                results.push(None);
                ready.push(*instance);
            }
        }
    }
    let identities: Vec<Identity> = ready.iter().map(|instance| identity(&instance.headers)).collect();
    let outcomes = state.store.commit_many(ready, state.quiet).await?;
    if outcomes.contains(&Outcome::Stored) {
        state.notify.notify_one();
    }
    let mut judged = identities
        .into_iter()
        .zip(outcomes)
        .map(|(identity, outcome)| judged(identity, outcome));
    Ok(results
        .into_iter()
        .filter_map(|result| result.or_else(|| judged.next()))
        .collect())
}

fn judged(identity: Identity, outcome: Outcome) -> PartResult {
    let (reason, text) = match outcome {
        Outcome::Stored => {
            return PartResult::Kept {
                identity,
                already_there: false,
            };
        }
        Outcome::AlreadyThere => {
            return PartResult::Kept {
                identity,
                already_there: true,
            };
        }
        Outcome::Conflict(ConflictReason::Content) => (
            FailureReason::Duplicate,
            "the SOP Instance UID is known with other content, which stays",
        ),
        Outcome::Conflict(ConflictReason::Patient) => {
            (FailureReason::Mismatch, "the study is known for another patient")
        }
        Outcome::Conflict(ConflictReason::Hierarchy) => {
            (FailureReason::Mismatch, "the series is known in another study")
        }
    };
    PartResult::Failed {
        identity: Some(identity),
        reason,
        text: text.to_owned(),
    }
}

fn identity(headers: &InstanceHeaders) -> Identity {
    Identity {
        sop_class: headers.sop_class_uid.clone(),
        sop_instance: headers.sop_instance_uid.clone(),
        series: headers.series_instance_uid.clone(),
        study: headers.study_instance_uid.clone(),
    }
}

/// What the store keeps of a header. A study date that is no date is kept as none.
pub fn store_headers(header: InstanceHeader) -> InstanceHeaders {
    let date = |text: &str| Date::parse(text.trim(), format_description!("[year][month][day]")).ok();
    InstanceHeaders {
        study_instance_uid: header.study_instance_uid,
        series_instance_uid: header.series_instance_uid,
        sop_instance_uid: header.sop_instance_uid,
        sop_class_uid: header.sop_class_uid,
        transfer_syntax_uid: header.transfer_syntax,
        patient: PatientKey {
            id: header.patient.id,
            issuer: header.patient.issuer.reveal().clone().map(Redacted::new),
        },
        modality: header.modality,
        instance_number: header
            .instance_number
            .and_then(|number| i32::try_from(number).ok()),
        study_date: header.study_date.as_deref().and_then(date),
        series_description: header.series_description.map(Redacted::new),
    }
}
