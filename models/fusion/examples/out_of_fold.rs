//! Out-of-fold discrimination of the shipped scorer against diameter alone.
//!
//! `cargo run -p hilum-fusion --example out_of_fold -- DATA`, with the folder that holds `lidc_nodules/`. Each nodule of
//! folds 0 to 6 with three or more readers and a median other than 3 is scored by the one member that never saw its
//! fold.

#![expect(clippy::print_stdout, reason = "an example that prints its result")]

use std::error::Error;
use std::path::PathBuf;

use hilum_cohort::{Cohort, Label, Selection};
use hilum_fusion::Scorer;
use hilum_imaging::NoduleCrop;
use hilum_validation::{auc_delong_ci, delong_paired};
use tch::Device;

fn main() -> Result<(), Box<dyn Error>> {
    let data = PathBuf::from(std::env::args().nth(1).ok_or("usage: out_of_fold DATA")?);
    let weights = hilum_weights::load("scorer")?;
    let scorer = Scorer::from_safetensors(weights.bytes, Device::Cpu)?;
    let cohort = Cohort::open(&data.join("lidc_nodules"))?;
    let (mut probabilities, mut labels, mut diameters) = (vec![], vec![], vec![]);
    for index in cohort.select(Selection::Min3No3) {
        let nodule = &cohort.nodules()[index];
        let score = scorer.score(&NoduleCrop::from_nodule(nodule)?, nodule.series_uid.as_ref())?;
        let [member] = score.members.as_slice() else {
            return Err(format!("{}: {} members answered, not one", nodule.id, score.members.len()).into());
        };
        if member.test_fold != nodule.fold {
            return Err(format!(
                "{}: answered by the member of fold {}",
                nodule.id, member.test_fold
            )
            .into());
        }
        probabilities.push(score.probability);
        labels.push(nodule.label() == Some(Label::Malignant));
        diameters.push(nodule.eq_diam_mm);
    }
    print("model", &probabilities, &labels)?;
    let measured: Vec<usize> = (0..labels.len()).filter(|&at| diameters[at].is_some()).collect();
    let model: Vec<f64> = measured.iter().map(|&at| probabilities[at]).collect();
    let diameter: Vec<f64> = measured.iter().filter_map(|&at| diameters[at]).collect();
    let labels: Vec<bool> = measured.iter().map(|&at| labels[at]).collect();
    print("diameter alone", &diameter, &labels)?;
    print("model on the same", &model, &labels)?;
    let paired = delong_paired(&model, &diameter, &labels)?;
    println!(
        "paired DeLong, model minus diameter: {:+.4}, p = {:.6}",
        paired.difference, paired.p
    );
    Ok(())
}

fn print(name: &str, scores: &[f64], labels: &[bool]) -> Result<(), Box<dyn Error>> {
    let interval = auc_delong_ci(scores, labels, 0.95)?;
    let positives = labels.iter().filter(|&&label| label).count();
    println!(
        "{name:<18} {} nodules, {positives} rated malignant: AUC {:.4} ({:.4} to {:.4})",
        labels.len(),
        interval.auc,
        interval.lo,
        interval.hi
    );
    Ok(())
}
