//! Cancers: a relative's, an earlier one, one of another organ.

use hilum_concepts::Category;

use crate::assertion::{Assertion, Experiencer};
use crate::entity::{Entity, named};
use crate::extract::{attach, history_denied};
use crate::view::{ConceptHit, View};

/// Cancers that are a concept of their own only as something earlier.
const CANCERS: &[&str] = &[
    "cancer",
    "cancer of another organ",
    "prior breast cancer",
    "prior colorectal cancer",
    "prior cancer",
];

/// What becomes of a cancer: a relative's is a family history; an earlier one, or one of another organ, a prior cancer.
/// The outer `None` drops it; the inner one means that it is no such concept.
#[expect(clippy::option_option, reason = "dropped, not concerned, or replaced")]
pub(crate) fn cancer(view: &View, hit: &ConceptHit, entity: &mut Entity) -> Option<Option<Entity>> {
    let lung = matches!(
        entity.concept,
        "lung cancer" | "adenocarcinoma of lung" | "squamous cell carcinoma of lung" | "prior lung cancer"
    );
    if !lung && !CANCERS.contains(&entity.concept) {
        return Some(None);
    }
    let become_ = |name: &str, entity: &Entity| {
        let mut other = Entity::new(view, named(name), hit.start, hit.end);
        other.assertion = entity.assertion;
        other.experiencer = entity.experiencer;
        other
    };
    if entity.experiencer == Experiencer::Family {
        let name = if lung {
            "family history of lung cancer"
        } else {
            "family history of cancer"
        };
        let mut family = become_(name, entity);
        if family.assertion == Assertion::Historical {
            family.assertion = Assertion::Affirmed;
        }
        return Some(Some(family));
    }
    let words = &view.text()[hit.start..hit.end];
    let says_earlier = [
        "history", "h/o", "prior", "previous", "survivor", "史", "既往", "术后", "past",
    ];
    let earlier_in_words =
        entity.concept.starts_with("prior") && says_earlier.iter().any(|word| words.contains(word));
    if earlier_in_words && entity.assertion == Assertion::Affirmed {
        entity.assertion = Assertion::Historical;
    }
    let denied_history = entity.assertion == Assertion::Negated
        && view
            .triggers
            .iter()
            .any(|t| t.end <= hit.start && view.text()[t.start..t.end].contains("history"));
    let earlier = entity.assertion == Assertion::Historical || denied_history || history_denied(view, hit);
    let mut prior = match entity.concept {
        "lung cancer" if earlier => become_("prior lung cancer", entity),
        "cancer" if earlier => become_("prior cancer", entity),
        "cancer" => return None,
        "cancer of another organ" => become_("prior cancer", entity),
        _ => entity.clone(),
    };
    attach(view, hit, Category::Personal, view.text().len(), &mut prior);
    Some(Some(prior))
}
