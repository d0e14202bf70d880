//! FHIR R4 into statements and narratives.

use hilum_record::{Assertion, ClinicalRecord, Experiencer, Value, read};
use serde_json::{Value as Json, json};

fn bundle(entries: &[Json]) -> ClinicalRecord {
    let entries: Vec<Json> = entries
        .iter()
        .map(|resource| json!({"resource": resource}))
        .collect();
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
    read("record.json", bundle.to_string().as_bytes()).unwrap()
}

fn patient() -> Json {
    json!({"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1950-02-03", "identifier": [
        {"system": "urn:oid:1.2.3", "value": " 4711 "}, {"use": "old", "value": "12"}]})
}

#[test]
fn patient_gives_the_identity() {
    let identity = bundle(&[patient()]).identity;
    assert_eq!(identity.identifiers.len(), 1);
    let id = &identity.identifiers[0];
    assert_eq!(id.value.reveal(), "4711");
    assert_eq!(id.issuer.as_deref(), Some("urn:oid:1.2.3"));
    assert_eq!(id.source.path, "Bundle.entry[0].resource.identifier[0]");
    assert_eq!(identity.birth_date.unwrap().reveal(), "19500203");
    assert_eq!(identity.sex.unwrap().reveal(), "F");
}

#[test]
fn status_of_a_condition_decides_how_it_is_meant() {
    for (verification, clinical, expected) in [
        ("confirmed", "active", Some(Assertion::Affirmed)),
        ("confirmed", "resolved", Some(Assertion::Historical)),
        ("provisional", "active", Some(Assertion::Uncertain)),
        ("refuted", "active", Some(Assertion::Negated)),
        ("entered-in-error", "active", None),
    ] {
        let record = bundle(&[
            patient(),
            json!({"resourceType": "Condition", "subject": {"reference": "Patient/p1"},
                "verificationStatus": {"coding": [{"code": verification}]},
                "clinicalStatus": {"coding": [{"code": clinical}]},
                "onsetDateTime": "2019-05",
                "code": {"text": "Emphysema", "coding": [{"system": "http://snomed.info/sct", "code": "87433001"}]}}),
        ]);
        assert_eq!(
            record.statements.first().map(|statement| statement.assertion),
            expected,
            "{verification} {clinical}"
        );
        match record.statements.first() {
            Some(statement) => {
                assert_eq!(statement.source.path, "Bundle.entry[1].resource.code");
                assert_eq!(statement.codings[0].code, "87433001");
                assert_eq!(statement.date.as_deref(), Some("2019-05"));
            }
            None => assert_eq!(record.warnings[0].code, "entered_in_error"),
        }
    }
}

#[test]
fn observations_keep_value_unit_range_and_components() {
    let record = bundle(&[
        json!({"resourceType": "Observation", "status": "final", "effectiveDateTime": "2024-01-02T08:00:00Z",
            "code": {"coding": [{"system": "http://loinc.org", "code": "2039-6"}], "text": "CEA"},
            "valueQuantity": {"value": 6.8, "unit": "ng/mL", "system": "http://unitsofmeasure.org", "code": "ng/mL",
                "comparator": "<"},
            "referenceRange": [{"high": {"value": 5.0}}]}),
        json!({"resourceType": "Observation", "status": "preliminary", "code": {"text": "smoking"},
            "component": [
                {"code": {"text": "status"}, "valueCodeableConcept": {"coding": [{"code": "8517006"}]}},
                {"code": {"text": "pack-years"}, "valueInteger": 45}]}),
    ]);
    let cea = &record.statements[0];
    assert_eq!(
        cea.value,
        Some(Value::Quantity {
            value: 6.8,
            comparator: Some("<".to_owned()),
            unit: Some("ng/mL".to_owned())
        })
    );
    assert_eq!(cea.reference_range, Some((None, Some(5.0))));
    assert_eq!(cea.date.as_deref(), Some("2024-01-02"));
    assert_eq!(cea.source.path, "Bundle.entry[0].resource.valueQuantity");
    assert_eq!(
        record.statements.len(),
        3,
        "a panel without a value is no statement"
    );
    assert_eq!(record.statements[2].assertion, Assertion::Uncertain);
    assert_eq!(
        record.statements[2].source.path,
        "Bundle.entry[1].resource.component[1].valueInteger"
    );
}

#[test]
fn diseases_of_relatives_are_theirs() {
    let record = bundle(&[
        json!({"resourceType": "FamilyMemberHistory", "status": "completed",
        "relationship": {"coding": [{"code": "FTH", "display": "father"}]},
        "condition": [{"code": {"text": "lung cancer"}, "onsetAge": {"value": 62, "unit": "a"}}]}),
    ]);
    let statement = &record.statements[0];
    assert_eq!(statement.experiencer, Experiencer::Family);
    assert_eq!(statement.relationship.as_ref().unwrap().code, "FTH");
    assert_eq!(
        statement.source.path,
        "Bundle.entry[0].resource.condition[0].code"
    );
}

#[test]
fn attachments_become_narratives_or_say_why_not() {
    let record = bundle(&[
        json!({"resourceType": "DocumentReference", "status": "current", "description": "Note",
        "content": [
            {"attachment": {"contentType": "text/plain; charset=utf-8", "data": "TmV2ZXIgc21v\na2VyLg=="}},
            {"attachment": {"contentType": "application/pdf", "data": "JVBERg=="}},
            {"attachment": {"contentType": "text/plain", "url": "https://ehr.example/1"}},
            {"attachment": {"contentType": "text/plain", "data": "****"}}]}),
    ]);
    assert_eq!(record.narratives.len(), 1);
    assert_eq!(record.narratives[0].text.reveal(), "Never smoker.");
    assert_eq!(
        record.narratives[0].source.path,
        "Bundle.entry[0].resource.content[0].attachment"
    );
    let codes: Vec<_> = record.warnings.iter().map(|warning| warning.code).collect();
    assert_eq!(codes, ["attachment_not_read"; 3]);
}

#[test]
fn a_resource_about_somebody_else_is_set_aside() {
    let about = |reference: &str| json!({"resourceType": "Condition", "subject": {"reference": reference}, "code": {"text": "COPD"}});
    let record = bundle(&[
        patient(),
        about("Patient/p1"),
        about("https://ehr.example/fhir/Patient/p1/_history/3"),
        about("Patient/p2"),
    ]);
    assert_eq!(record.statements.len(), 2);
    assert_eq!(record.warnings[0].code, "patient_mismatch");
    assert_eq!(record.warnings[0].source.path, "Bundle.entry[3].resource");
}

#[test]
fn two_patients_are_refused_unless_they_share_a_number() {
    let other = json!({"resourceType": "Patient", "id": "p2", "identifier": [{"system": "x", "value": "9"}]});
    let entries = [json!({"resource": patient()}), json!({"resource": other})];
    let bundle = json!({"resourceType": "Bundle", "entry": entries}).to_string();
    assert_eq!(
        read("r", bundle.as_bytes()).unwrap_err().to_string(),
        "the record names more than one patient: Bundle.entry[0].resource and Bundle.entry[1].resource"
    );
}

#[test]
fn broken_json_is_placed_and_not_repeated() {
    for (text, expected) in [
        (
            "{\"resourceType\": \"Bundle\", \"x\": \"Doe",
            "FHIR: the document ends too early, line 1 column 36",
        ),
        (
            "{\"resourceType\": \"Bundle\"; }",
            "FHIR: the document is not JSON, line 1 column 26",
        ),
        ("{\"a\": 1}", "FHIR: the document has no resourceType"),
    ] {
        assert_eq!(read("r", text.as_bytes()).unwrap_err().to_string(), expected);
    }
}

#[test]
fn a_type_that_cannot_be_one_is_not_repeated() {
    let record = bundle(&[
        json!({"resourceType": "Doe, Jane"}),
        json!({"resourceType": "X".repeat(100)}),
    ]);
    assert_eq!(
        record.warnings[0].text,
        "resources of these types are not read: unnamed 2"
    );
}

#[test]
fn what_is_not_read_is_counted() {
    let record = bundle(&[
        patient(),
        json!({"resourceType": "Encounter"}),
        json!({"resourceType": "Encounter"}),
    ]);
    assert_eq!(
        record.warnings[0].text,
        "resources of these types are not read: Encounter 2"
    );
}
