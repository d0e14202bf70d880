//! A result becomes facts for the knowledge graph.

mod over_time;

use hilum_domain::{
    Code, EdgeKind, Evidence, NeighbourKind, NewFact, NodeId, NodeKind, Nodule, Provenance, Sha256,
    Statement, Status, StudyResult,
};
use hilum_store::PatientKey;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

/// What is farther from a nodule is not said to be beside it.
const ADJACENT_MM: f64 = 20.0;

/// The facts that a result states, in an order in which every edge follows its nodes.
///
/// `patient` is a digest of patient id and issuer ([`patient_key`]), never the id itself. `valid_from` is the
/// moment of scoring. Of the prior CT, the facts of `prior`, its own result, must have been stated before.
pub fn of_result(
    result: &StudyResult,
    prior: Option<&StudyResult>,
    patient: &Sha256,
    valid_from: OffsetDateTime,
) -> Vec<NewFact> {
    let dicom = Provenance::Dicom {
        sha256: result.inputs_sha256.clone(),
    };
    let model = Provenance::Model {
        model_sha256: result.model.sha256.clone(),
        input_sha256: result.inputs_sha256.clone(),
    };
    let mut facts = Facts {
        facts: Vec::new(),
        valid_from,
    };

    let patient = facts.node(NodeKind::Patient, patient.as_str(), Map::new(), &dicom);
    let study = facts.node(
        NodeKind::Study,
        result.study_instance_uid.as_str(),
        Map::new(),
        &dicom,
    );
    let series = facts.node(
        NodeKind::Series,
        result.series_instance_uid.as_str(),
        attributes(json!({
            "inputs_sha256": result.inputs_sha256,
            "status": result.status,
            "reason": result.reason,
            "nodules": result.nodules.len(),
        })),
        &dicom,
    );
    facts.edge(&study, EdgeKind::PartOf, &patient, Map::new(), &dicom);
    facts.edge(&series, EdgeKind::PartOf, &study, Map::new(), &dicom);
    if result.status == Status::NotAnalysed {
        return facts.facts;
    }

    let version = facts.node(
        NodeKind::ModelVersion,
        result.model.sha256.as_str(),
        attributes(json!({ "name": result.model.name, "version": result.model.version })),
        &model,
    );
    for nodule in &result.nodules {
        facts.nodule(nodule, &series, &version, &model);
    }
    // Nodules beside one another need all nodules.
    for nodule in &result.nodules {
        facts.surroundings(nodule, &model);
    }
    if let (Some(comparison), Some(prior)) = (&result.prior, prior) {
        facts.over_time(result, comparison, prior, &model);
    }
    facts.facts
}

/// Digest that stands for a patient in the graph.
pub fn patient_key(patient: &PatientKey) -> Sha256 {
    let issuer = patient.issuer.as_ref().map_or("", |issuer| issuer.reveal());
    Sha256::of_parts([
        b"hilum/patient/1".as_slice(),
        patient.id.reveal().as_bytes(),
        issuer.as_bytes(),
    ])
}

struct Facts {
    facts: Vec<NewFact>,
    valid_from: OffsetDateTime,
}

impl Facts {
    fn nodule(&mut self, nodule: &Nodule, series: &NodeId, version: &NodeId, model: &Provenance) {
        let nodule_node = self.node(
            NodeKind::Nodule,
            &nodule.id,
            attributes(json!({
                "tracking_uid": nodule.tracking_uid,
                "center_lps_mm": nodule.center_lps_mm,
                "center_voxel_ijk": nodule.center_voxel_ijk,
                "long_axis_mm": nodule.long_axis_mm,
                "short_axis_mm": nodule.short_axis_mm,
                "mean_diameter_mm": nodule.mean_diameter_mm,
                "volume_mm3": nodule.volume_mm3,
                "type": nodule.nodule_type,
                "mean_hu": nodule.mean_hu,
                "mass_mg": nodule.mass_mg,
                "solid_volume_mm3": nodule.solid_volume_mm3,
                "solid_diameter_mm": nodule.solid_diameter_mm,
                "consolidation_tumour_ratio": nodule.consolidation_tumour_ratio,
                "sphericity": nodule.sphericity,
                "spiculation_index": nodule.spiculation_index,
                "lobulation_index": nodule.lobulation_index,
                "detection_probability": nodule.detection_probability,
            })),
            model,
        );
        self.edge(&nodule_node, EdgeKind::PartOf, series, Map::new(), model);

        let score = nodule.score_id.clone();
        let statement = Statement::Node {
            id: score.clone(),
            kind: NodeKind::Score,
            attributes: attributes(json!({
                "malignancy": nodule.malignancy,
                "modalities": nodule.modalities,
                "characteristics": nodule.characteristics,
            })),
        };
        self.state(statement, model);
        self.edge(&score, EdgeKind::DerivedFrom, &nodule_node, Map::new(), model);
        self.edge(&score, EdgeKind::AssertedBy, version, Map::new(), model);
        for (number, evidence) in nodule.evidence.iter().enumerate() {
            self.evidence(
                &format!("{}.{number}", nodule.id),
                evidence,
                &score,
                &nodule_node,
                model,
            );
        }
    }

    /// The lobe that a nodule lies in, and what lies beside it.
    fn surroundings(&mut self, nodule: &Nodule, model: &Provenance) {
        let node = NodeId::new(NodeKind::Nodule, &nodule.id);
        if let Some(lobe) = nodule.lobe {
            let lobe = self.concept(&lobe.code(), model);
            let confidence = attributes(json!({ "confidence": nodule.lobe_confidence }));
            self.edge(&node, EdgeKind::LocatedIn, &lobe, confidence, model);
        }
        let pleura = Code::new("SCT", "3120008", "Pleural structure");
        let fissure = Code::new("SCT", "278983006", "Fissure of lung");
        let surfaces = [
            (pleura, nodule.distance_to_pleura_mm),
            (fissure, nodule.distance_to_fissure_mm),
        ];
        for (code, distance_mm) in surfaces {
            if let Some(distance_mm) = distance_mm.filter(|distance| *distance <= ADJACENT_MM) {
                let surface = self.concept(&code, model);
                let distance = attributes(json!({ "distance_mm": distance_mm }));
                self.edge(&node, EdgeKind::AdjacentTo, &surface, distance, model);
            }
        }
        for neighbour in &nodule.neighbours {
            let other = match (neighbour.kind, &neighbour.id) {
                (NeighbourKind::Nodule, Some(id)) => NodeId::new(NodeKind::Nodule, id),
                // A vessel has no identity of its own here.
                _ => self.concept(&Code::new("SCT", "59820001", "Blood vessel"), model),
            };
            let distance = attributes(json!({
                "distance_mm": neighbour.distance_mm,
                "nearest_lps_mm": neighbour.nearest_lps_mm,
            }));
            self.edge(&node, EdgeKind::AdjacentTo, &other, distance, model);
        }
    }

    fn concept(&mut self, code: &Code, by: &Provenance) -> NodeId {
        self.node(
            NodeKind::Concept,
            &format!("{}:{}", code.system, code.code),
            attributes(json!({ "system": code.system, "code": code.code, "display": code.display })),
            by,
        )
    }

    fn evidence(
        &mut self,
        key: &str,
        evidence: &Evidence,
        score: &NodeId,
        nodule: &NodeId,
        model: &Provenance,
    ) {
        let observation = self.node(
            NodeKind::Observation,
            key,
            attributes(json!({
                "statement": evidence.statement,
                "kind": evidence.kind,
                "source": evidence.source,
                "span": evidence.span,
            })),
            model,
        );
        self.edge(&observation, EdgeKind::DerivedFrom, nodule, Map::new(), model);
        let direction = if evidence.supports {
            EdgeKind::Supports
        } else {
            EdgeKind::Contradicts
        };
        self.edge(&observation, direction, score, Map::new(), model);
        if let Some(code) = &evidence.concept {
            let concept = self.concept(code, model);
            self.edge(&observation, EdgeKind::MapsTo, &concept, Map::new(), model);
        }
    }

    fn node(&mut self, kind: NodeKind, key: &str, attributes: Map<String, Value>, by: &Provenance) -> NodeId {
        let id = NodeId::new(kind, key);
        self.state(
            Statement::Node {
                id: id.clone(),
                kind,
                attributes,
            },
            by,
        );
        id
    }

    fn edge(
        &mut self,
        from: &NodeId,
        kind: EdgeKind,
        to: &NodeId,
        attributes: Map<String, Value>,
        by: &Provenance,
    ) {
        self.state(
            Statement::Edge {
                from: from.clone(),
                to: to.clone(),
                kind,
                attributes,
            },
            by,
        );
    }

    fn state(&mut self, statement: Statement, by: &Provenance) {
        self.facts.push(NewFact {
            statement,
            provenance: by.clone(),
            valid_from: self.valid_from,
        });
    }
}

fn attributes(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
