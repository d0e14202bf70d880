//! HL7 v2 and C-CDA, and what no document may do.

use hilum_record::{Assertion, Value, read};
use proptest::prelude::*;

const ORU: &str = "MSH|^~\\&|LAB|HOSP|HILUM|HOSP|20240102||ORU^R01|1|P|2.5.1\r\
PID|1||4711^^^HOSP^MR~99^^^STATE^SS||Doe^Jane||19500203|F\r\
DG1|1||J43.9^Emphysema^I10|||W\r\
OBR|1|||CT^CT chest|||20240102|||||||||||ACC7\r\
OBX|1|NM|2039-6^CEA^LN||6.8|ng/mL^ng/mL^UCUM|<5.0||||F|||20240101\r\
OBX|2|SN|1^PSA^L||<^0.1|ng/mL|||||F\r\
OBX|3|TX|18748-4^CT report^LN||A 14 mm nodule \\T\\ emphysema.||||||F\r\
OBX|4|TX|18748-4^CT report^LN||No effusion.||||||F\r\
OBX|5|NM|2039-6^CEA^LN||99|ng/mL|||||W\r\
NTE|1||Smokes 1 pack per day~for 30 years\r";

#[test]
fn oru_message() {
    let record = read("oru.hl7", ORU.as_bytes()).unwrap();
    let ids: Vec<_> = record
        .identity
        .identifiers
        .iter()
        .map(|id| (id.value.reveal().as_str(), id.issuer.as_deref()))
        .collect();
    assert_eq!(ids, [("4711", Some("HOSP")), ("99", Some("STATE"))]);
    assert_eq!(record.identity.accession_numbers[0].value.reveal(), "ACC7");
    assert_eq!(record.identity.birth_date.as_ref().unwrap().reveal(), "19500203");

    let emphysema = &record.statements[0];
    assert_eq!(
        (emphysema.assertion, emphysema.source.path.as_str()),
        (Assertion::Uncertain, "DG1[1]-3")
    );
    let cea = &record.statements[1];
    assert_eq!(
        cea.value,
        Some(Value::Quantity {
            value: 6.8,
            comparator: None,
            unit: Some("ng/mL".to_owned())
        })
    );
    assert_eq!(
        (cea.reference_range, cea.source.path.as_str()),
        (Some((None, Some(5.0))), "OBX[1]-5")
    );
    assert!(
        matches!(&record.statements[2].value, Some(Value::Quantity { comparator: Some(sign), .. }) if sign == "<")
    );
    assert_eq!(record.statements.len(), 3, "the wrong result is set aside");
    assert_eq!(record.warnings[0].code, "entered_in_error");

    let texts: Vec<_> = record
        .narratives
        .iter()
        .map(|text| (text.text.reveal().as_str(), text.source.path.as_str()))
        .collect();
    assert_eq!(
        texts,
        [
            ("A 14 mm nodule & emphysema.\nNo effusion.", "OBX[3..4]-5"),
            ("Smokes 1 pack per day\nfor 30 years", "NTE[1]-3"),
        ]
    );
}

#[test]
fn two_patients_in_one_message_are_refused() {
    let text = format!("{ORU}PID|2||4712^^^HOSP^MR\r");
    assert_eq!(
        read("x", text.as_bytes()).unwrap_err().to_string(),
        "the record names more than one patient: PID[1] and PID[2]"
    );
}

#[test]
fn character_set_of_the_message_is_used() {
    let text = "MSH|^~\\&|LAB|HOSP||||| ORU^R01|1|P|2.5.1||||||GB 18030-2000\rNTE|1||吸烟40年\r";
    let (bytes, _, _) = encoding_rs::GB18030.encode(text);
    assert_eq!(read("x", &bytes).unwrap().narratives[0].text.reveal(), "吸烟40年");
}

const CDA: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3">
 <effectiveTime value="20240102"/>
 <recordTarget><patientRole><id root="1.2.3" extension="4711"/>
  <patient><administrativeGenderCode code="F"/><birthTime value="19500203"/></patient></patientRole></recordTarget>
 <component><structuredBody>
  <component><section><title>Social History</title><text><paragraph>Former smoker,
     quit <content styleCode="Bold">8</content> years ago.</paragraph></text></section></component>
  <component><section><title>Results</title><text><table><tbody>
   <tr><td>CEA</td><td>6.8 ng/mL</td></tr><tr><td>NSE</td><td>normal</td></tr></tbody></table></text></section></component>
 </structuredBody></component>
</ClinicalDocument>"#;

#[test]
fn clinical_document() {
    let record = read("summary.xml", CDA.as_bytes()).unwrap();
    let id = &record.identity.identifiers[0];
    assert_eq!(
        (id.value.reveal().as_str(), id.issuer.as_deref()),
        ("4711", Some("1.2.3"))
    );
    let texts: Vec<_> = record
        .narratives
        .iter()
        .map(|text| (text.title.as_deref().unwrap(), text.text.reveal().as_str()))
        .collect();
    assert_eq!(
        texts,
        [
            ("Social History", "Former smoker, quit 8 years ago."),
            ("Results", "CEA 6.8 ng/mL\nNSE normal"),
        ]
    );
    assert_eq!(
        record.narratives[1].source.path,
        "/ClinicalDocument/component/structuredBody/component[2]/section/text"
    );
    assert_eq!(record.narratives[0].date.as_deref(), Some("2024-01-02"));
}

#[test]
fn hostile_xml_is_refused() {
    let laughs = "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><ClinicalDocument>&b;</ClinicalDocument>";
    let deep = format!("<?xml version=\"1.0\"?>{}", "<a>".repeat(1_000_000));
    for text in [
        laughs,
        &deep,
        "<?xml version=\"1.0\"?><html/>",
        "<?xml version=\"1.0\"?><ClinicalDocument>",
    ] {
        let error = read("x", text.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with("C-CDA: "), "{error}");
    }
}

#[test]
fn costs_grow_with_the_document_and_not_with_its_square() {
    let sections = "<component><section><text>x</text></section></component>".repeat(100_000);
    let flat = format!("<ClinicalDocument><structuredBody>{sections}</structuredBody></ClinicalDocument>");
    let record = read("x", format!("<?xml version=\"1.0\"?>{flat}").as_bytes()).unwrap();
    assert_eq!(record.narratives.len(), 100_000);
    assert_eq!(
        record.narratives[99_999].source.path,
        "/ClinicalDocument/structuredBody/component[100000]/section/text"
    );

    let ids: Vec<String> = (0..100_000).map(|id| format!("{id}^^^A")).collect();
    let other: Vec<String> = (100_000..200_000).map(|id| format!("{id}^^^A")).collect();
    let text = format!(
        "MSH|^~\\&|\rPID|1||{}\rPID|2||{}\r",
        ids.join("~"),
        other.join("~")
    );
    assert!(
        read("x", text.as_bytes())
            .unwrap_err()
            .to_string()
            .contains("PID[2]")
    );

    let ids = |from: usize| {
        let list: Vec<String> = (from..from + 100_000)
            .map(|id| format!("{{\"value\":\"{id}\"}}"))
            .collect();
        format!(
            "{{\"resource\":{{\"resourceType\":\"Patient\",\"identifier\":[{}]}}}}",
            list.join(",")
        )
    };
    let text = format!(
        "{{\"resourceType\":\"Bundle\",\"entry\":[{},{}]}}",
        ids(0),
        ids(100_000)
    );
    assert!(
        read("x", text.as_bytes())
            .unwrap_err()
            .to_string()
            .contains("entry[1]")
    );
}

#[test]
fn sections_are_nested_within_limits_and_their_words_are_taken_once() {
    let nested = |depth: usize| {
        format!(
            "<?xml version=\"1.0\"?><ClinicalDocument>{}<text>x</text>{}</ClinicalDocument>",
            "<section>".repeat(depth),
            "</section>".repeat(depth)
        )
    };
    assert_eq!(read("x", nested(40).as_bytes()).unwrap().narratives.len(), 1);
    for depth in [200, 200_000] {
        let error = read("x", nested(depth).as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with("C-CDA: "), "{error}");
    }
    let inside = "<?xml version=\"1.0\"?><ClinicalDocument><section><text>a<section><text>b</text></section></text></section></ClinicalDocument>";
    let record = read("x", inside.as_bytes()).unwrap();
    assert_eq!(record.narratives.len(), 1);
}

#[test]
fn deep_nesting_of_a_narrative_is_walked() {
    let depth = 900;
    let text = CDA.replace(
        "<paragraph>",
        &format!(
            "<paragraph>{}x{}",
            "<content>".repeat(depth),
            "</content>".repeat(depth)
        ),
    );
    assert!(
        read("x", text.as_bytes()).unwrap().narratives[0]
            .text
            .reveal()
            .starts_with("xFormer")
    );
}

#[test]
fn free_text_has_no_identity() {
    let record = read("note.txt", "吸烟40年。".as_bytes()).unwrap();
    assert_eq!(record.identity, hilum_record::Identity::default());
    assert_eq!(record.narratives[0].text.reveal(), "吸烟40年。");
}

#[test]
fn too_large_is_said_with_its_size() {
    let bytes = vec![b' '; hilum_record::MAX_BYTES + 1];
    assert!(
        read("x", &bytes)
            .unwrap_err()
            .to_string()
            .contains("33554433 bytes")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_document_panics(start in 0_usize..4, cut in 0_usize..1200, edits in prop::collection::vec((0_usize..1200, any::<u8>()), 0..8)) {
        let bases = [ORU, CDA, "{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":{\"resourceType\":\"Patient\",\"identifier\":[{\"value\":\"1\"}]}}]}", "x"];
        let mut bytes = bases[start].as_bytes().to_vec();
        for (at, byte) in edits {
            let length = bytes.len();
            bytes[at % length] = byte;
        }
        bytes.truncate(cut.max(1));
        let _ = read("x", &bytes);
    }
}
