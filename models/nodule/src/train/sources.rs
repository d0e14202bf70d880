//! What the samples of a member are drawn from, and how often.

use hilum_cohort::Nodule;
use rand::Rng;
use rand::distr::Distribution;
use rand::distr::weighted::WeightedIndex;
use rand::seq::IndexedRandom;
use rayon::prelude::*;

use super::host::Host;
use super::known::Annotations;
use super::piece::Piece;
use super::scene::Scene;
use super::tile::{Aperture, InSitu, narrower};
use crate::NoduleError;
use crate::network::Network;

/// Share of each domain in the samples, the same for nodules and for what is none, so that a domain says nothing.
const SHARES: [(Domain, f64); 3] = [
    (Domain::Ct, 0.40),
    (Domain::Tile, 0.20),
    (Domain::Synthetic, 0.40),
];
/// Share of the positives in a CT that are its own nodules rather than pasted ones.
const OWN: [f64; 2] = [0.08, 0.8];
/// Share of the samples from whole CTs that see no more than one from a tile.
const NARROWED: f64 = 0.3;
/// A negative that the member is sure of is still drawn at this weight; others at their probability on top.
const EASY_WEIGHT: f64 = 0.02;
/// Negatives per pass when a network is asked about all of them.
const PASS: usize = 50;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Domain {
    /// Whole CTs of patients.
    Ct,
    /// Tiles of the cohort.
    Tile,
    /// Phantoms.
    Synthetic,
}

/// Apertures of tile samples, by class.
pub(super) struct Apertures {
    nodules: Vec<Aperture>,
    beside: Vec<Aperture>,
}

impl Apertures {
    pub(super) fn of(tiles: &[InSitu]) -> Self {
        Self {
            nodules: tiles.iter().map(|tile| tile.aperture(tile.nodule)).collect(),
            beside: tiles
                .iter()
                .flat_map(|tile| tile.beside.iter().map(|place| tile.aperture(*place)))
                .collect(),
        }
    }

    /// One that is as likely for either class.
    fn any(&self, rng: &mut impl Rng) -> Option<Aperture> {
        Some(narrower(*self.nodules.choose(rng)?, *self.beside.choose(rng)?))
    }

    /// The nodule of a tile, seen no better than some place beside another nodule.
    pub(super) fn nodule(&self, tile: &InSitu, rng: &mut impl Rng) -> Scene {
        let mut scene = Scene::of_tile(tile, rng);
        if let Some(other) = self.beside.choose(rng) {
            scene.narrow(narrower(tile.aperture(tile.nodule), *other));
        }
        scene
    }

    /// A place beside the nodule of a tile, seen no better than some other nodule.
    pub(super) fn beside(&self, tile: &InSitu, at: usize, rng: &mut impl Rng) -> Scene {
        let mut scene = Scene::beside(tile, at, rng);
        if let Some(other) = self.nodules.choose(rng) {
            scene.narrow(narrower(tile.aperture(tile.beside[at]), *other));
        }
        scene
    }
}

/// What some nodules of the cohort give.
pub(super) struct Material {
    /// To be pasted.
    pub(super) pieces: Vec<Piece>,
    /// As they are.
    pub(super) tiles: Vec<InSitu>,
    pub(super) apertures: Apertures,
}

impl Material {
    pub(super) fn cut(nodules: &[&Nodule], annotations: &Annotations) -> Self {
        let series = |nodule: &Nodule| {
            nodule
                .series_uid
                .as_ref()
                .map_or(&[][..], |uid| annotations.of(uid.as_str()))
        };
        let cut = nodules.par_iter().filter_map(|nodule| {
            let piece = Piece::cut(nodule)?;
            let tile = InSitu::new(nodule, &piece, series(nodule));
            Some((piece, tile))
        });
        let (pieces, tiles): (Vec<Piece>, Vec<Option<InSitu>>) = cut.unzip();
        let tiles: Vec<InSitu> = tiles.into_iter().flatten().collect();
        Self {
            pieces,
            apertures: Apertures::of(&tiles),
            tiles,
        }
    }

    /// Blobs beside the nodules in their tiles.
    pub(super) fn places_beside(&self) -> usize {
        self.tiles.iter().map(|tile| tile.beside.len()).sum()
    }
}

/// What does not depend on the member.
#[derive(Clone, Copy)]
pub(super) struct Shared<'a> {
    pub(super) pieces: &'a [Piece],
    pub(super) tiles: &'a [InSitu],
    pub(super) apertures: &'a Apertures,
    pub(super) synthetic: &'a [Host<'a>],
}

/// Everything that one member learns from.
pub(super) struct Sources<'a> {
    shared: Shared<'a>,
    hosts: Vec<&'a Host<'a>>,
    negatives: Vec<Negatives>,
}

/// Places of one domain that are no nodules, drawn the more often the less the member is sure of them.
struct Negatives {
    domain: Domain,
    /// Host or tile, and which of its places.
    places: Vec<(usize, usize)>,
    hardness: Vec<f64>,
}

/// A negative that was drawn, for [`Sources::learnt`].
#[derive(Clone, Copy)]
pub(super) struct Drawn {
    group: usize,
    at: usize,
}

impl<'a> Sources<'a> {
    pub(super) fn new(hosts: Vec<&'a Host<'a>>, shared: Shared<'a>) -> Result<Self, NoduleError> {
        let in_hosts = |hosts: &mut dyn Iterator<Item = &Host<'_>>| -> Vec<(usize, usize)> {
            hosts
                .enumerate()
                .flat_map(|(host, h)| (0..h.negatives.len()).map(move |at| (host, at)))
                .collect()
        };
        let beside = (shared.tiles.iter().enumerate())
            .flat_map(|(tile, t)| (0..t.beside.len()).map(move |at| (tile, at)))
            .collect();
        let groups = [
            (Domain::Ct, in_hosts(&mut hosts.iter().copied())),
            (Domain::Tile, beside),
            (Domain::Synthetic, in_hosts(&mut shared.synthetic.iter())),
        ];
        let negatives: Vec<Negatives> = groups
            .into_iter()
            .filter(|(_, places)| !places.is_empty())
            .map(|(domain, places)| Negatives {
                domain,
                hardness: vec![1.0; places.len()],
                places,
            })
            .collect();
        if !negatives.iter().any(|group| group.domain == Domain::Ct) {
            return Err(NoduleError::Training("the training CTs have no candidate".into()));
        }
        Ok(Self {
            shared,
            hosts,
            negatives,
        })
    }

    /// Places that are no nodules.
    pub(super) fn negatives(&self) -> usize {
        self.negatives.iter().map(|group| group.places.len()).sum()
    }

    /// A domain that has something, by its share.
    fn domain(&self, rng: &mut impl Rng) -> Result<usize, NoduleError> {
        let share = |group: &Negatives| {
            SHARES
                .iter()
                .find(|(domain, _)| *domain == group.domain)
                .map_or(0.0, |s| s.1)
        };
        Ok(weighted(self.negatives.iter().map(share))?.sample(rng))
    }

    /// Appends a nodule.
    pub(super) fn positive(&self, rng: &mut impl Rng, out: &mut Vec<f32>) -> Result<(), NoduleError> {
        let domain = self.negatives[self.domain(rng)?].domain;
        let Shared {
            pieces,
            tiles,
            apertures,
            synthetic,
        } = self.shared;
        let nothing = || NoduleError::Training("nothing to draw a nodule from".into());
        let mut scene = match domain {
            Domain::Tile => apertures.nodule(tiles.choose(rng).ok_or_else(nothing)?, rng),
            Domain::Ct | Domain::Synthetic => {
                let (host, own_share) = if domain == Domain::Ct {
                    (*self.hosts.choose(rng).ok_or_else(nothing)?, OWN[0])
                } else {
                    (synthetic.choose(rng).ok_or_else(nothing)?, OWN[1])
                };
                let own = rng.random_bool(own_share).then(|| host.own.choose(rng)).flatten();
                match own {
                    Some(nodule) => host.own(nodule, rng),
                    None => host.pasted(pieces.choose(rng).ok_or_else(nothing)?, rng),
                }
            }
        };
        self.narrow_some(domain, &mut scene, rng);
        scene.write(rng, out);
        Ok(())
    }

    /// Appends something that is no nodule.
    pub(super) fn negative(&self, rng: &mut impl Rng, out: &mut Vec<f32>) -> Result<Drawn, NoduleError> {
        let group = self.domain(rng)?;
        let negatives = &self.negatives[group];
        let at = weighted(negatives.hardness.iter().map(|p| p + EASY_WEIGHT))?.sample(rng);
        let (from, place) = negatives.places[at];
        let beside = &self.shared.pieces[rng.random_range(0..self.shared.pieces.len())];
        let mut scene = match negatives.domain {
            Domain::Ct => self.hosts[from].negative(place, beside, rng),
            Domain::Synthetic => self.shared.synthetic[from].negative(place, beside, rng),
            Domain::Tile => self.shared.apertures.beside(&self.shared.tiles[from], place, rng),
        };
        self.narrow_some(negatives.domain, &mut scene, rng);
        scene.write(rng, out);
        Ok(Drawn { group, at })
    }

    /// Asks a network about every negative of whole CTs, so that the hard ones among thousands are drawn at once.
    pub(super) fn mine(&mut self, network: &Network) -> Result<(), NoduleError> {
        for group in &mut self.negatives {
            let hosts: Vec<&Host<'_>> = match group.domain {
                Domain::Ct => self.hosts.clone(),
                Domain::Synthetic => self.shared.synthetic.iter().collect(),
                Domain::Tile => continue,
            };
            // In the order of the group's places.
            group.hardness.clear();
            for host in hosts {
                for batch in host.negatives.chunks(PASS) {
                    group.hardness.extend(host.answers(network, batch)?);
                }
            }
        }
        Ok(())
    }

    /// The member's present answer for a negative.
    pub(super) fn learnt(&mut self, drawn: Drawn, probability: f32) {
        let hardness = &mut self.negatives[drawn.group].hardness[drawn.at];
        *hardness = f64::midpoint(*hardness, f64::from(probability));
    }

    fn narrow_some(&self, domain: Domain, scene: &mut Scene, rng: &mut impl Rng) {
        if domain != Domain::Tile
            && rng.random_bool(NARROWED)
            && let Some(aperture) = self.shared.apertures.any(rng)
        {
            scene.narrow(aperture);
        }
    }

    /// A nodule that was kept back, pasted into one of the CTs.
    pub(super) fn pasted(&self, piece: &Piece, rng: &mut impl Rng, out: &mut Vec<f32>) {
        if let Some(host) = self.hosts.choose(rng) {
            host.pasted(piece, rng).write(rng, out);
        }
    }
}

fn weighted(weights: impl Iterator<Item = f64>) -> Result<WeightedIndex<f64>, NoduleError> {
    WeightedIndex::new(weights).map_err(|error| NoduleError::Training(error.to_string()))
}
