//! The same nodule in two CTs.

use std::collections::BTreeSet;

use hilum_domain::{
    EdgeKind, NodeId, NodeKind, Nodule, PriorComparison, PriorNodule, Provenance, StudyResult,
};
use serde_json::{Map, json};

use super::{Facts, attributes};

impl Facts {
    /// Nodules of the prior CT that its own result does not know, an edge from each nodule to what it was, and from
    /// the statement about its growth to the nodule then.
    pub(super) fn over_time(
        &mut self,
        result: &StudyResult,
        comparison: &PriorComparison,
        prior: &StudyResult,
        model: &Provenance,
    ) {
        let series = NodeId::new(NodeKind::Series, comparison.series_instance_uid.as_str());
        let known: BTreeSet<&str> = prior.nodules.iter().map(|nodule| nodule.id.as_str()).collect();
        for nodule in &comparison.nodules {
            if !known.contains(nodule.id.as_str()) {
                self.prior_nodule(nodule, &series, model);
            }
        }
        for nodule in &result.nodules {
            self.change(nodule, comparison, model);
        }
    }

    fn prior_nodule(&mut self, nodule: &PriorNodule, series: &NodeId, model: &Provenance) {
        let node = self.node(
            NodeKind::Nodule,
            &nodule.id,
            attributes(json!({
                "tracking_uid": nodule.tracking_uid,
                "center_lps_mm": nodule.center_lps_mm,
                "mean_diameter_mm": nodule.mean_diameter_mm,
                "volume_mm3": nodule.volume_mm3,
                "type": nodule.nodule_type,
                "detected": nodule.detected,
            })),
            model,
        );
        self.edge(&node, EdgeKind::PartOf, series, Map::new(), model);
    }

    fn change(&mut self, nodule: &Nodule, comparison: &PriorComparison, model: &Provenance) {
        let Some(change) = &nodule.change else { return };
        let node = NodeId::new(NodeKind::Nodule, &nodule.id);
        let source = comparison.series_instance_uid.as_str();
        let growth: Vec<NodeId> = nodule
            .evidence
            .iter()
            .enumerate()
            .filter(|(_, evidence)| evidence.source == source)
            .map(|(number, _)| NodeId::new(NodeKind::Observation, &format!("{}.{number}", nodule.id)))
            .collect();
        for id in &change.prior_ids {
            let before = NodeId::new(NodeKind::Nodule, id);
            let grown = attributes(json!({
                "state": change.state,
                "interval_days": change.interval_days,
                "volume_change_mm3": change.volume_change_mm3,
                "volume_change_percent": change.volume_change_percent,
                "error_percent": change.error_percent,
                "vdt_days": change.vdt_days,
                "distance_mm": change.distance_mm,
                "registration_error_mm": change.registration_error_mm,
                "uncertain": change.uncertain,
            }));
            self.edge(&node, EdgeKind::SameAsOverTime, &before, grown, model);
            for observation in &growth {
                self.edge(observation, EdgeKind::DerivedFrom, &before, Map::new(), model);
            }
        }
        if change.prior_ids.is_empty() {
            // New: the grounds are that the prior CT does not show it.
            let series = NodeId::new(NodeKind::Series, source);
            for observation in &growth {
                self.edge(observation, EdgeKind::DerivedFrom, &series, Map::new(), model);
            }
        }
    }
}
