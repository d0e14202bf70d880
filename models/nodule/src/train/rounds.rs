//! All networks of a training: members and scouts, what they say about the CTs that they have not seen, and the
//! operating points that follow.

use std::sync::Mutex;

use hilum_domain::Progress;

use super::fit::{Fitted, Validation, fit};
use super::host::Host;
use super::operate::{Scored, threshold};
use super::sources::{Material, Shared, Sources};
use super::{DetectorTrainConfig, MemberReport, ScoutReport};
use crate::NoduleError;
use crate::network::Network;
use crate::weight_file::OperatingPoint;

/// Where candidates are one nodule; the probability is chosen afterwards.
fn overlap(config: &DetectorTrainConfig) -> OperatingPoint {
    OperatingPoint {
        probability: 0.0,
        overlap: 0.5,
        overlap_mm: 5.0,
        most: config.most_per_ct,
    }
}

/// One network and what it says about the CTs that it has not seen.
struct Round {
    left_out: Vec<usize>,
    fitted: Fitted,
    validation: Validation,
    /// In the order of `left_out`.
    scored: Vec<Scored>,
}

/// Members in the order of the CTs, then scouts.
pub(super) struct Rounds {
    members: Vec<Round>,
    scouts: Vec<Round>,
}

impl Rounds {
    pub(super) fn train(
        hosts: &[Host<'_>],
        shared: Shared<'_>,
        kept_back: &Material,
        starts: Vec<Mutex<Option<Network>>>,
        config: &DetectorTrainConfig,
        progress: &dyn Progress,
    ) -> Result<Self, NoduleError> {
        let n = hosts.len();
        let members = (0..n).map(|k| vec![k]);
        let pairs = (0..n).flat_map(|p| (p + 1..n).map(move |q| vec![p, q]));
        let left_out: Vec<Vec<usize>> = members.chain(pairs.filter(|_| config.scouts)).collect();
        progress.stage("training networks", Some((config.steps * left_out.len()) as u64));
        let train = |at: usize| {
            let seen = (0..n).filter(|ct| !left_out[at].contains(ct));
            let sources = Sources::new(seen.map(|ct| &hosts[ct]).collect(), shared)?;
            // Tensors may move to another thread, not be shared with it.
            let start = starts.get(at).and_then(|start| start.lock().ok()?.take());
            fit(sources, start, config, at as u64 + 1, kept_back, progress)
        };
        let fitted = side_by_side(left_out.len(), config.threads, &train)?;

        progress.stage("choosing operating points", None);
        let mut rounds = Vec::new();
        for ((fitted, validation), left_out) in fitted.into_iter().zip(left_out) {
            let on = |ct: &usize| Scored::by(&fitted.network, &hosts[*ct], overlap(config));
            rounds.push(Round {
                scored: left_out.iter().map(on).collect::<Result<_, _>>()?,
                left_out,
                fitted,
                validation,
            });
        }
        let scouts = rounds.split_off(n);
        Ok(Self {
            members: rounds,
            scouts,
        })
    }

    /// The point of member `k`: from the other CTs.
    fn alone(&self, k: usize, config: &DetectorTrainConfig) -> f64 {
        let elsewhere: Vec<&Scored> = if config.scouts {
            let without = self.scouts.iter().filter(|scout| scout.left_out.contains(&k));
            without
                .flat_map(|scout| scout.left_out.iter().zip(&scout.scored))
                .filter(|(ct, _)| **ct != k)
                .map(|(_, scored)| scored)
                .collect()
        } else {
            let others = self.members.iter().enumerate().filter(|(at, _)| *at != k);
            others.map(|(_, member)| &member.scored[0]).collect()
        };
        threshold(&elsewhere, config.false_positives_per_ct)
    }

    /// The point of all members, from all CTs.
    pub(super) fn together(&self, config: &DetectorTrainConfig) -> OperatingPoint {
        let all: Vec<&Scored> = self.members.iter().map(|member| &member.scored[0]).collect();
        OperatingPoint {
            probability: threshold(&all, config.false_positives_per_ct),
            ..overlap(config)
        }
    }

    pub(super) fn member_reports(&self, config: &DetectorTrainConfig) -> Vec<MemberReport> {
        (self.members.iter().enumerate())
            .map(|(k, member)| {
                let probability = self.alone(k, config);
                MemberReport {
                    negatives: member.fitted.negatives,
                    final_loss: member.fitted.final_loss,
                    probability,
                    validation: member.validation.shares(probability),
                    in_situ_at_one_percent: member.validation.in_situ_at_one_percent(),
                    false_positives_left_out: member.scored[0].false_positives(probability),
                }
            })
            .collect()
    }

    pub(super) fn scout_reports(&self) -> Vec<ScoutReport> {
        (self.scouts.iter())
            .map(|scout| ScoutReport {
                left_out: scout.left_out.clone(),
                highest: scout
                    .scored
                    .iter()
                    .map(|scored| scored.highest(5).to_vec())
                    .collect(),
                in_situ_at_one_percent: scout.validation.in_situ_at_one_percent(),
            })
            .collect()
    }

    pub(super) fn into_members(self) -> Vec<Network> {
        self.members
            .into_iter()
            .map(|member| member.fitted.network)
            .collect()
    }
}

/// Runs `n` trainings, so many at a time, results in order.
fn side_by_side(
    n: usize,
    threads: usize,
    train: &(dyn Fn(usize) -> Result<(Fitted, Validation), NoduleError> + Sync),
) -> Result<Vec<(Fitted, Validation)>, NoduleError> {
    let mut results = Vec::with_capacity(n);
    for first in (0..n).step_by(threads) {
        let some: Vec<_> = std::thread::scope(|scope| {
            let running: Vec<_> = (first..n.min(first + threads))
                .map(|at| scope.spawn(move || train(at)))
                .collect();
            running
                .into_iter()
                .map(std::thread::ScopedJoinHandle::join)
                .collect()
        });
        for result in some {
            results.push(result.map_err(|_| NoduleError::Training("a network's thread stopped".into()))??);
        }
    }
    Ok(results)
}
