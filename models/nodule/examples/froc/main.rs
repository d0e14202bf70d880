//! FROC curve of the shipped detector on synthetic CTs that it was not trained on.
//!
//! `cargo run -p hilum-nodule --example froc -- OUT_DIR` writes `froc.csv` (the curve), `froc.json` (what was looked
//! at, sensitivity by size, kind and attachment) and `froc.svg`. Phantoms are no patients: this says how the detector
//! takes to nodules of known truth, not how it does in a hospital.
//!
//! A nodule is found when a report lies within its radius from its centre, or within 3 mm where the radius is less.
//! A report on no nodule is a false positive; a second report on one nodule is neither.

#![expect(clippy::print_stdout, reason = "an example that prints its result")]

mod curve;
mod picture;
mod scan;

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use curve::{Curve, Finding};
use hilum_domain::NoProgress;
use hilum_nodule::{Candidate, Detector, Segmenter, segment_lungs};
use hilum_phantom::NoduleTruth;
use hilum_volume::Volume;
use scan::SCANS;
use serde_json::{Value, json};

/// Reports count as hits up to this distance where the radius of the nodule is less.
const LEAST_REACH_MM: f64 = 3.0;

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(std::env::args().nth(1).ok_or("usage: froc OUT_DIR")?);
    let weights = hilum_weights::load("detector")?;
    let detector = Detector::from_safetensors(weights.bytes)?;
    let segmenter = Segmenter::from_safetensors(hilum_weights::load("segmenter")?.bytes)?;
    fs::create_dir_all(&out)?;
    let mut tally = Tally::default();
    for scan in 0..SCANS {
        let (volume, nodules) = scan::make(scan)?;
        tally.add(&detector, &segmenter, &volume, &nodules)?;
        // After each CT, so that a run that is stopped has said what it saw, and of how many CTs.
        let curve = Curve::new(&tally.findings, tally.found.len(), tally.scans);
        let summary = tally.summary(&curve, &detector, weights.entry);
        curve.write_csv(&out.join("froc.csv"))?;
        fs::write(
            out.join("froc.json"),
            serde_json::to_string_pretty(&summary)? + "\n",
        )?;
        picture::draw(&curve, tally.at_point(), &out.join("froc.svg"))?;
        println!("{} of {SCANS} CTs: {}", tally.scans, summary["operating_point"]);
    }
    Ok(())
}

/// One nodule of the truth.
struct Truth {
    nodule: NoduleTruth,
    /// Among the candidates.
    candidate: bool,
    /// Probability of its most probable candidate.
    probability: f64,
    /// Among the reports at the operating point.
    reported: bool,
}

#[derive(Default)]
struct Tally {
    scans: usize,
    findings: Vec<Finding>,
    found: Vec<Truth>,
    candidates: usize,
    false_reports: usize,
}

impl Tally {
    fn add(
        &mut self,
        detector: &Detector,
        segmenter: &Segmenter,
        volume: &Volume,
        nodules: &[NoduleTruth],
    ) -> Result<(), Box<dyn Error>> {
        self.scans += 1;
        let lungs = segment_lungs(volume)?;
        let on = |center| nodules.iter().position(|nodule| hits(nodule, center));
        let judged = detector.judge(volume, &lungs, &NoProgress)?;
        self.candidates += judged.len();
        let first = self.found.len();
        self.found.extend(nodules.iter().map(|nodule| Truth {
            nodule: *nodule,
            candidate: judged.iter().any(|judged| hits(nodule, judged.candidate.center)),
            probability: 0.0,
            reported: false,
        }));

        let point = detector.operating_point();
        let mut kept: Vec<Candidate> = Vec::new();
        for judged in &judged {
            if kept.iter().any(|other| point.is_same(other, &judged.candidate)) {
                continue;
            }
            kept.push(judged.candidate);
            match on(judged.candidate.center) {
                None => self.findings.push(Finding {
                    probability: judged.probability,
                    nodule: None,
                }),
                Some(at) => {
                    let truth = &mut self.found[first + at];
                    if judged.probability > truth.probability {
                        truth.probability = judged.probability;
                    }
                    self.findings.push(Finding {
                        probability: judged.probability,
                        nodule: Some(first + at),
                    });
                }
            }
        }
        for report in detector
            .report(volume, &lungs, segmenter, &judged, &NoProgress)?
            .nodules
        {
            match on(report.center).or_else(|| on(report.seed)) {
                Some(at) => self.found[first + at].reported = true,
                None => self.false_reports += 1,
            }
        }
        Ok(())
    }

    /// False positives per scan and sensitivity of what is reported, outlines and all.
    fn at_point(&self) -> [f64; 2] {
        [
            self.false_reports as f64 / self.scans as f64,
            share(self.found.iter(), |truth| truth.reported),
        ]
    }

    fn summary(&self, curve: &Curve, detector: &Detector, entry: &hilum_weights::Entry) -> Value {
        let [false_positives, sensitivity] = self.at_point();
        let at_one = curve.at(1.0);
        let groups = |name: &dyn Fn(&NoduleTruth) -> String| {
            let mut names: Vec<String> = self.found.iter().map(|truth| name(&truth.nodule)).collect();
            names.sort();
            names.dedup();
            let rows = names.into_iter().map(|group| {
                let of = || self.found.iter().filter(|truth| name(&truth.nodule) == group);
                let row = json!({
                    "nodules": of().count(),
                    "candidates": share(of(), |truth| truth.candidate),
                    "at_one_false_positive": share(of(), |truth| truth.probability >= at_one.probability),
                    "reported": share(of(), |truth| truth.reported),
                });
                (group, row)
            });
            Value::Object(rows.collect())
        };
        let froc = [0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0].map(|rate| {
            let point = curve.at(rate);
            json!({
                "false_positives_per_scan": rate,
                "sensitivity": point.sensitivity,
                "probability": point.probability,
            })
        });
        json!({
            "data": "synthetic: phantoms of hilum-phantom, seeds not used in training",
            "detector": {"version": entry.version, "sha256": entry.sha256.as_str()},
            "scans": self.scans,
            "nodules": self.found.len(),
            "candidates_per_scan": self.candidates as f64 / self.scans as f64,
            "sensitivity_of_candidates": share(self.found.iter(), |truth| truth.candidate),
            "froc": froc,
            "operating_point": {
                "probability": detector.operating_point().probability,
                "sensitivity": sensitivity,
                "false_positives_per_scan": false_positives,
            },
            "by_kind": groups(&|nodule| name_of(&nodule.kind)),
            "by_attachment": groups(&|nodule| name_of(&nodule.attachment)),
            "by_diameter_mm": groups(&|nodule| {
                let low = (nodule.diameter_mm / 4.0).floor() * 4.0;
                format!("{low:02.0}-{:02.0}", low + 4.0)
            }),
        })
    }
}

/// The name that a unit variant has in JSON.
fn name_of(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|name| name.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn hits(nodule: &NoduleTruth, center: hilum_domain::Lps) -> bool {
    nodule.center_lps_mm.distance_mm(center) <= (nodule.diameter_mm / 2.0).max(LEAST_REACH_MM)
}

fn share<'a>(truths: impl Iterator<Item = &'a Truth>, holds: impl Fn(&Truth) -> bool) -> f64 {
    let (mut n, mut held) = (0_usize, 0_usize);
    for truth in truths {
        n += 1;
        held += usize::from(holds(truth));
    }
    held as f64 / n.max(1) as f64
}
