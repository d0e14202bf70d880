//! Layers that several networks share, whose forward pass returns errors instead of panicking, as those of `tch::nn` do.

mod layer_norm;
mod linear;

pub use layer_norm::LayerNorm;
pub use linear::Linear;
