//! Encoders of pictures: from a nodule's voxels to tokens in the shared space.
//!
//! Traps of the domain, settled here once:
//! - **One door for pictures.** Training tiles and whole CTs become a [`NoduleCrop`] in HU, and only
//!   [`NoduleCrop::sample`] makes network input of it, so that both are windowed and cut alike.
//! - **Training HU are estimates**, true HU are not: [`Augmentation`] moves scale and offset of every slice, so
//!   that the network cannot rest on them.
//! - **Pixels are native.** In-plane spacing is unknown in training; size enters as a measured diameter, which
//!   may be absent.
//!
//! Reference of the network: Dosovitskiy et al., "An Image is Worth 16x16 Words" (ICLR 2021), with the
//! convolutional stem of Xiao et al., "Early Convolutions Help Transformers See Better" (2021).

mod augment;
mod crop;
mod ct_encoder;
mod error;
mod layers;
mod stem;
mod transformer;

pub use augment::{Augmentation, View};
pub use crop::{HU_WINDOW, HuSource, NoduleCrop, TYPICAL_MAP};
pub use ct_encoder::{CtBatch, CtConfig, CtEncoder, Tokens, best_device, set_threads};
pub use error::{CropError, EncoderError};
pub use hilum_layers::{LayerNorm, Linear};
pub use layers::embedding;
pub use stem::StemKind;
pub use transformer::Block;
