//! Smoking histories: what is said in one sentence or in several that follow each other.

use hilum_concepts::{Category, Lexicon, Slot};

use crate::assertion::{Assertion, Experiencer};
use crate::entity::{Entity, named};
use crate::number::rounded;
use crate::quantity::Quantity;
use crate::scope::Scopes;
use crate::unit::Unit;
use crate::view::View;

/// Cigarettes in a pack.
const PACK: f64 = 20.0;

/// A smoking history that is being read; given out when a sentence without one follows.
#[derive(Default)]
pub(crate) struct Smoking {
    statuses: Vec<Entity>,
    tobacco: Vec<Entity>,
    pack_years: Option<Entity>,
    index: Option<Entity>,
    /// In packs per day.
    rate: Option<(f64, Entity)>,
    years: Option<Entity>,
    quit: Vec<Entity>,
}

/// What a number of years in a smoking history is.
#[derive(PartialEq)]
enum Years {
    Smoked,
    SinceQuitting,
}

impl Smoking {
    /// Reads a sentence. `false` when it says nothing about smoking.
    pub(crate) fn read(&mut self, view: &View, scopes: &Scopes) -> bool {
        let known = !self.is_empty();
        let lexicon = Lexicon::built_in();
        let hits: Vec<_> = view
            .concepts
            .iter()
            .filter(|hit| lexicon.concept(hit.id).category == Category::Smoking)
            .collect();
        let counted = |q: &Quantity| {
            matches!(
                q.unit,
                Unit::PackYear | Unit::CigaretteYear | Unit::PacksPerDay | Unit::CigarettesPerDay
            )
        };
        let quit_alone = view
            .phrase_in(Slot::Smoking, "quit", 0, view.text().len())
            .is_some_and(|quit| {
                let other = view
                    .of(Slot::Smoking)
                    .any(|hit| hit.value == "not_smoking" && hit.start >= quit.end);
                !other
                    && view.text()[quit.start..].starts_with("quit")
                    && duration_near(view, quit.start, quit.end).is_some()
            });
        let goes_on = quit_alone || (known && speaks_of_years(view));
        if hits.is_empty() && !goes_on && !view.quantities.iter().any(counted) {
            return false;
        }
        let mut own = hits.is_empty();
        for hit in &hits {
            let concept = lexicon.concept(hit.id);
            let context = scopes.at(hit.start, hit.end);
            let mut entity = Entity::new(view, hit.id, hit.start, hit.end);
            entity.assertion = context.assertion(Category::Smoking, view.section());
            entity.experiencer = context.experiencer(view.section());
            own |= entity.experiencer == Experiencer::Patient;
            match concept.name.as_str() {
                "current smoker" | "tobacco use"
                    if entity.assertion == Assertion::Negated && !context.uncertain =>
                {
                    if view.text()[hit.start..hit.end].contains("current") {
                        self.statuses.push(entity);
                        continue;
                    }
                    let mut never = Entity::new(view, named("never smoker"), hit.start, hit.end);
                    never.experiencer = entity.experiencer;
                    self.statuses.push(never);
                }
                "never smoker" => {
                    // What denies smoking is part of its words.
                    entity.assertion = Assertion::Affirmed;
                    self.statuses.push(entity);
                }
                "former smoker" => {
                    if entity.assertion == Assertion::Historical {
                        entity.assertion = Assertion::Affirmed;
                    }
                    self.statuses.push(entity);
                }
                "tobacco use" => self.tobacco.push(entity),
                "pack-years"
                | "cigarette-year index"
                | "packs per day"
                | "cigarettes per day"
                | "years since quitting"
                | "years smoked"
                | "quit date" => {}
                _ => self.statuses.push(entity),
            }
        }
        if own {
            for quantity in &view.quantities {
                self.quantity(
                    view,
                    quantity,
                    &hits.iter().map(|hit| (hit.start, hit.end)).collect::<Vec<_>>(),
                );
            }
            self.index_without_unit(view);
            self.quit_date(view);
        }
        true
    }

    fn is_empty(&self) -> bool {
        self.statuses.is_empty()
            && self.tobacco.is_empty()
            && self.pack_years.is_none()
            && self.index.is_none()
            && self.rate.is_none()
            && self.years.is_none()
            && self.quit.is_empty()
    }

    fn quantity(&mut self, view: &View, quantity: &Quantity, _words: &[(usize, usize)]) {
        let value = quantity.value();
        let entity = |name: &str, unit: &str| {
            let mut entity =
                Entity::new(view, named(name), quantity.start, quantity.end).with_value(value, unit);
            entity.low = quantity.low;
            entity
        };
        let daily = |view: &View| {
            let before = view.of(Slot::Smoking).any(|hit| {
                hit.value == "per_day"
                    && hit.end <= quantity.start
                    && view.words_between(hit.end, quantity.start) <= 4
            });
            let after = view.of(Slot::Smoking).any(|hit| {
                hit.value == "per_day"
                    && hit.start >= quantity.end
                    && view.words_between(quantity.end, hit.start) <= 2
            });
            before || after
        };
        match quantity.unit {
            Unit::PackYear => {
                self.pack_years = self
                    .pack_years
                    .take()
                    .or(Some(entity("pack-years", "{pack-years}")));
            }
            Unit::CigaretteYear => {
                self.index = self.index.take().or(Some(entity("cigarette-year index", "1")));
            }
            Unit::PacksPerDay => self.set_rate(value, entity("packs per day", "1/d")),
            Unit::CigarettesPerDay => self.set_rate(value / PACK, entity("cigarettes per day", "1/d")),
            Unit::Pack if daily(view) => self.set_rate(value, entity("packs per day", "1/d")),
            Unit::Cigarette if daily(view) => {
                self.set_rate(value / PACK, entity("cigarettes per day", "1/d"));
            }
            Unit::Year | Unit::Month => match years_of(view, quantity) {
                Some(Years::SinceQuitting) => {
                    let years = if quantity.unit == Unit::Month {
                        rounded(value / 12.0)
                    } else {
                        value
                    };
                    let quit = Entity::new(view, named("years since quitting"), quantity.start, quantity.end);
                    self.quit.push(quit.with_value(years, "a"));
                    self.imply_former(view);
                }
                Some(Years::Smoked) if quantity.unit == Unit::Year => {
                    self.years = self.years.take().or(Some(entity("years smoked", "a")));
                }
                _ => {}
            },
            _ => {}
        }
    }

    fn set_rate(&mut self, packs: f64, entity: Entity) {
        if self.rate.is_none() {
            self.rate = Some((packs, entity));
        }
    }

    /// `smoking index 800`, `Brinkman index: 800`, `吸烟指数800`.
    fn index_without_unit(&mut self, view: &View) {
        if self.index.is_some() || self.pack_years.is_some() {
            return;
        }
        for name in ["brinkman index", "smoking index", "吸烟指数"] {
            let Some(at) = view.text().find(name) else {
                continue;
            };
            let end = at + name.len();
            let number = view
                .numbers
                .iter()
                .find(|n| n.start >= end && view.words_between(end, n.start) <= 2);
            if let Some(number) = number {
                let index = Entity::new(view, named("cigarette-year index"), at, number.end);
                self.index = Some(index.with_value(number.value, "1"));
                return;
            }
        }
    }

    /// `quit in 2015`, `2015年戒烟`.
    fn quit_date(&mut self, view: &View) {
        let quits: Vec<_> = view
            .of(Slot::Smoking)
            .filter(|hit| hit.value == "quit")
            .copied()
            .collect();
        for date in &view.dates {
            let near = quits.iter().any(|quit| {
                let (from, to) = if quit.end <= date.start {
                    (quit.end, date.start)
                } else {
                    (date.end, quit.start)
                };
                from <= to && view.words_between(from, to) <= 3 && !view.has_between(from, to, &[';'])
            });
            if near && self.quit.is_empty() {
                let quit = Entity::new(view, named("quit date"), date.start, date.end);
                self.quit.push(quit.with_value(f64::from(date.year), "year"));
                self.imply_former(view);
            }
        }
    }

    /// Who quit is a former smoker, also where no other word says so.
    fn imply_former(&mut self, view: &View) {
        let former =
            |entity: &Entity| entity.concept == "former smoker" && entity.experiencer == Experiencer::Patient;
        if self.statuses.iter().any(former) {
            return;
        }
        if let Some(quit) = view.of(Slot::Smoking).find(|hit| hit.value == "quit") {
            self.statuses
                .push(Entity::new(view, named("former smoker"), quit.start, quit.end));
        }
    }

    /// Gives out what was read, and begins anew.
    pub(crate) fn finish(&mut self, entities: &mut Vec<Entity>) {
        let history = std::mem::take(self);
        let says_former = |entity: &Entity| {
            entity.experiencer == Experiencer::Patient
                && matches!(entity.concept, "former smoker" | "never smoker")
                && entity.assertion != Assertion::Negated
        };
        let settled = history.statuses.iter().any(says_former);
        let before = entities.len();
        for status in history.statuses {
            let superseded = settled
                && status.experiencer == Experiencer::Patient
                && status.concept == "current smoker"
                && status.assertion == Assertion::Affirmed;
            let repeated = entities[before..].iter().any(|entity| entity.covers(&status));
            if !superseded && !repeated {
                entities.push(status);
            }
        }
        entities.extend(history.quit.into_iter().next());
        match (history.pack_years, history.index, history.rate, history.years) {
            (Some(pack_years), index, ..) => {
                entities.push(pack_years);
                entities.extend(index);
            }
            (None, Some(index), ..) => {
                let derived = derived(&index, index.value.unwrap_or(0.0) / PACK);
                entities.push(index);
                entities.push(derived);
            }
            (None, None, Some((packs, rate)), Some(years)) => {
                let mut derived = derived(&rate, packs * years.value.unwrap_or(0.0));
                if years.start < rate.start {
                    (derived.start, derived.end, derived.text) = (years.start, years.end, years.text);
                }
                entities.push(derived);
            }
            (None, None, rate, years) => {
                entities.extend(rate.map(|(_, rate)| rate));
                entities.extend(years);
            }
        }
        if entities.len() == before {
            entities.extend(history.tobacco.into_iter().next());
        } else {
            let other = |entity: &Entity| entity.experiencer != Experiencer::Patient;
            entities.extend(history.tobacco.into_iter().filter(other));
        }
    }
}

/// Pack-years that follow from something else, at its place.
fn derived(from: &Entity, pack_years: f64) -> Entity {
    let lexicon = Lexicon::built_in();
    let concept = lexicon.concept(named("pack-years"));
    Entity {
        concept: &concept.name,
        code: concept.code.as_ref().map(|code| code.code.clone()),
        assertion: Assertion::Derived,
        value: Some(rounded(pack_years)),
        unit: Some("{pack-years}".to_owned()),
        low: None,
        ..from.clone()
    }
}

fn duration_near<'v>(view: &'v View, start: usize, end: usize) -> Option<&'v Quantity> {
    view.quantities.iter().find(|quantity| {
        matches!(quantity.unit, Unit::Year | Unit::Month)
            && ((quantity.start >= end && view.words_between(end, quantity.start) <= 3)
                || (quantity.end <= start && view.words_between(quantity.end, start) <= 3))
    })
}

fn speaks_of_years(view: &View) -> bool {
    let quit = view
        .of(Slot::Smoking)
        .any(|hit| hit.value == "quit" && duration_near(view, hit.start, hit.end).is_some());
    let for_years = view
        .quantities
        .iter()
        .any(|q| q.unit == Unit::Year && years_of(view, q) == Some(Years::Smoked));
    quit || (for_years && view.concepts.is_empty())
}

/// Whether a number of years is one of smoking or one since quitting.
fn years_of(view: &View, quantity: &Quantity) -> Option<Years> {
    let follows = |words: &[&str]| {
        let token = view.token_from(quantity.end);
        words.contains(&view.word(token))
    };
    let ago = follows(&["ago", "earlier", "prior", "前"]);
    let mut nearest: Option<(usize, Years)> = None;
    for hit in view.of(Slot::Smoking) {
        let (from, to) = if hit.end <= quantity.start {
            (hit.end, quantity.start)
        } else if hit.start >= quantity.end {
            (quantity.end, hit.start)
        } else {
            continue;
        };
        let apart = view.words_between(from, to);
        let behind = hit.start >= quantity.end;
        let most = if behind && hit.value == "years" { 3 } else { 5 };
        if apart > most
            || view.has_between(from, to, &[',', ';', '、'])
            || view
                .quantities
                .iter()
                .any(|other| other.start >= from && other.end <= to)
        {
            continue;
        }
        let years = match hit.value {
            "quit" => Years::SinceQuitting,
            "years" if !ago => Years::Smoked,
            _ => continue,
        };
        // A word before the number binds closer than one behind it, and quitting closer than smoking.
        let distance = apart * 2 + usize::from(behind) + usize::from(years == Years::Smoked);
        if nearest.as_ref().is_none_or(|(best, _)| distance < *best) {
            nearest = Some((distance, years));
        }
    }
    nearest.map(|(_, years)| years)
}
