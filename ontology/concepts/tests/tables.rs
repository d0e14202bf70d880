//! What the tables hold.

use std::collections::HashSet;

use hilum_concepts::{Category, Lexicon};

#[test]
fn concepts_have_one_name_and_codes_of_known_schemes() {
    let lexicon = Lexicon::built_in();
    let mut names = HashSet::new();
    for concept in &lexicon.concepts {
        assert!(names.insert(&concept.name), "{} stands twice", concept.name);
        if let Some(code) = &concept.code {
            assert!(
                ["SCT", "LN", "DCM", "RADLEX"].contains(&code.code.system.as_str()),
                "{}",
                concept.name
            );
            // Fibrosis, though two public files use it for ground glass.
            assert_ne!(code.code.code, "50196008");
        }
    }
    assert!(lexicon.concepts.len() >= 150);
}

#[test]
fn meanings_come_from_the_table_of_codes() {
    let lexicon = Lexicon::built_in();
    let concept = |name: &str| lexicon.concept(lexicon.named(name).unwrap());
    let nodule = concept("pulmonary nodule");
    assert_eq!(nodule.category, Category::Imaging);
    assert_eq!(nodule.code.as_ref().unwrap().code.display, "Nodule of lung");
    assert_eq!(nodule.code.as_ref().unwrap().confirmation, "confirmed");
    assert_eq!(concept("CEA").unit.as_deref(), Some("ng/mL"));
    assert_eq!(concept("emphysema").icd10cm.as_deref(), Some("J43.9"));
    assert!(concept("ProGRP").code.is_none(), "no code is better than a guess");
}
