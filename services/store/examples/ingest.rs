//! Time of taking one CT series in: `cargo run -p hilum-store --example ingest -- FOLDER`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hilum_domain::{Redacted, SystemClock, Uid};
use hilum_store::{InstanceHeaders, NewInstance, PatientKey, Store};

const INSTANCES: u32 = 300;
const BYTES: usize = 526_000;

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the numbers are what it is for")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("name a folder to write to")?;
    let store = Store::open(&PathBuf::from(folder), Arc::new(SystemClock)).await?;
    for batch in [INSTANCES as usize, 1] {
        let mut staged = Vec::new();
        let started = Instant::now();
        for number in 1..=INSTANCES {
            let mut bytes = vec![0_u8; BYTES];
            bytes[..12].copy_from_slice(format!("{batch:06}{number:06}").as_bytes());
            let mut incoming = store.stage(1 << 24).await?;
            for chunk in bytes.chunks(64 * 1024) {
                incoming.write(chunk).await?;
            }
            let object = incoming.finish().await?;
            let headers = headers(batch, number)?;
            staged.push(NewInstance { object, headers });
        }
        let staging = started.elapsed();
        let started = Instant::now();
        while !staged.is_empty() {
            let rest = staged.split_off(batch.min(staged.len()));
            store
                .commit_many(std::mem::replace(&mut staged, rest), Duration::from_secs(30))
                .await?;
        }
        println!(
            "{INSTANCES} instances of {BYTES} bytes: staged in {:.2} s, committed {batch} at a time in {:.2} s",
            staging.as_secs_f64(),
            started.elapsed().as_secs_f64()
        );
    }
    let started = Instant::now();
    let kept = store.instances_of_series(&Uid::parse("1.2.1")?).await?;
    println!(
        "{} instances listed in {:.1} ms",
        kept.len(),
        started.elapsed().as_secs_f64() * 1e3
    );
    Ok(())
}

fn headers(batch: usize, number: u32) -> Result<InstanceHeaders, Box<dyn std::error::Error>> {
    Ok(InstanceHeaders {
        study_instance_uid: Uid::parse("1.2")?,
        series_instance_uid: Uid::parse(&format!("1.2.{batch}"))?,
        sop_instance_uid: Uid::parse(&format!("1.2.{batch}.{number}"))?,
        sop_class_uid: Uid::parse("1.2.840.10008.5.1.4.1.1.2")?,
        transfer_syntax_uid: Uid::parse("1.2.840.10008.1.2.1")?,
        patient: PatientKey {
            id: Redacted::new("p".into()),
            issuer: None,
        },
        modality: "CT".into(),
        instance_number: i32::try_from(number).ok(),
        study_date: None,
        series_description: None,
    })
}
