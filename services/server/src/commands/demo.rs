//! `hilum demo`

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, bail};
use hilum_phantom::{ChestPhantom, PhantomOptions};
use hilum_store::{NewInstance, Store};
use hilum_volume::{Instance, Limits};

use crate::{
    cli::DemoArgs,
    commands::{answer, block_on, score},
    service::{Parts, Service},
    settings::Settings,
};

/// The public CT that the demo takes when it is there.
const PUBLIC_CT: &str = "ct/LIDC-IDRI-0001.tar.xz";
/// Seed of the phantom.
const PHANTOM_SEED: u64 = 7;

/// Stores a CT, waits for its result, shows it, and serves on.
pub(crate) fn run(args: &DemoArgs) -> anyhow::Result<()> {
    let mut settings = Settings::load(&args.settings)?;
    if args.settings.data_dir.is_none() {
        // Examples stay apart from what a hospital would store.
        settings.data.dir.push("demo");
    }
    settings.work.quiet_period_ms = 0;
    let work = tempfile::tempdir().context("temporary folder")?;
    let ct = example(args, work.path())?;

    block_on(async {
        let listen = args.listen.unwrap_or(settings.http.listen);
        let service = Service::start(
            &settings,
            Parts {
                listen: Some(listen),
                work: true,
            },
        )
        .await?;
        answer(&format!("data folder {}", settings.data.dir.display()));
        let series = ingest(&service.store, &ct).await?;
        service.bell.notify_one();
        let result = wait(&service.store, &series).await?;
        answer("");
        score::describe(&result);
        answer("");
        tell_where(&service, &settings, &result);
        if args.once {
            service.stop().await
        } else {
            service.run().await
        }
    })
}

/// The CT to take: the one asked for, the public one, or a phantom.
fn example(args: &DemoArgs, work: &Path) -> anyhow::Result<PathBuf> {
    if let Some(ct) = &args.ct {
        return Ok(ct.clone());
    }
    let data = std::env::var_os("HILUM_DATA").map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    let public = data.join(PUBLIC_CT);
    if public.is_file() {
        answer("example: LIDC-IDRI patient 0001 (Armato et al. 2011, CC BY 3.0), a real CT");
        return Ok(public);
    }
    answer(&format!(
        "example: a SYNTHETIC chest phantom, since there is no CT at {}",
        public.display()
    ));
    ChestPhantom::new(PHANTOM_SEED, &PhantomOptions::default())?.write_dicom(work)?;
    Ok(work.to_owned())
}

/// Stores every instance as an upload would; returns the series with most of them.
async fn ingest(store: &Store, ct: &Path) -> anyhow::Result<hilum_domain::Uid> {
    let limits = Limits::default();
    let mut counts = std::collections::BTreeMap::<hilum_domain::Uid, usize>::new();
    let mut batch = Vec::new();
    let inputs = [ct.to_owned()];
    for instance in hilum_volume::instances(&inputs, &limits).with_context(|| ct.display().to_string())? {
        // Files beside the images (a readme, an annotation) are not part of the CT.
        let Ok(Instance { bytes, header, .. }) = instance else {
            continue;
        };
        *counts.entry(header.series_instance_uid.clone()).or_default() += 1;
        let mut object = store.stage(limits.instance_bytes).await?;
        object.write(&bytes).await?;
        batch.push(NewInstance {
            object: object.finish().await?,
            headers: hilum_api::store_headers(header),
        });
    }
    if batch.is_empty() {
        bail!("{} holds no DICOM instance", ct.display());
    }
    store.commit_many(batch, Duration::ZERO).await?;
    let largest = counts
        .into_iter()
        .max_by_key(|(_, count)| *count)
        .map(|(series, _)| series);
    let series = largest.context("no series")?;
    // A second demo on the same data folder shows the result again.
    store.request_analysis(&series).await?;
    Ok(series)
}

async fn wait(store: &Store, series: &hilum_domain::Uid) -> anyhow::Result<hilum_domain::StudyResult> {
    loop {
        if let Some(stored) = store.latest_result(series).await? {
            return Ok(stored.result);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn tell_where(service: &Service, settings: &Settings, result: &hilum_domain::StudyResult) {
    let Some(base) = &service.base else { return };
    let certificate = settings
        .data
        .dir
        .join("tls")
        .join(hilum_api::tls::CERTIFICATE_FILE);
    if let Some(token) = &service.token {
        answer(&format!("token (shown once): {token}"));
    }
    answer(&format!("certificate: {}", certificate.display()));
    answer(&format!(
        "result: {base}/api/v1/studies/{}/result",
        result.study_instance_uid
    ));
    if let Some(nodule) = result.nodules.first() {
        answer(&format!(
            "picture: {base}/api/v1/series/{}/slices/{}.png?window=lung",
            result.series_instance_uid, nodule.center_voxel_ijk.0[2]
        ));
        answer(&format!("why: {base}/api/v1/graph/why/{}", nodule.score_id));
    }
}
