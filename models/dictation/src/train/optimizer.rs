//! `AdamW` whose state can be written down; that of tch cannot.

use tch::Tensor;
use tch::nn::VarStore;

use crate::DictationError;

const BETAS: (f64, f64) = (0.9, 0.98);
const EPSILON: f64 = 1e-8;

/// Moments of each variable, in the order of their names.
pub(super) struct AdamW {
    variables: Vec<(String, Tensor)>,
    first: Vec<Tensor>,
    second: Vec<Tensor>,
}

impl AdamW {
    pub(super) fn new(store: &VarStore) -> Self {
        let mut variables: Vec<_> = store.variables().into_iter().collect();
        variables.sort_by(|a, b| a.0.cmp(&b.0));
        let zeros = || {
            variables
                .iter()
                .map(|(_, v)| v.zeros_like().set_requires_grad(false))
                .collect()
        };
        Self {
            first: zeros(),
            second: zeros(),
            variables,
        }
    }

    /// Names and tensors of the state.
    pub(super) fn state(&self) -> impl Iterator<Item = (String, &Tensor)> {
        self.variables
            .iter()
            .zip(&self.first)
            .map(|((name, _), moment)| (format!("first.{name}"), moment))
            .chain(
                self.variables
                    .iter()
                    .zip(&self.second)
                    .map(|((name, _), moment)| (format!("second.{name}"), moment)),
            )
    }

    /// Clears the gradients.
    pub(super) fn clear(&mut self) {
        for (_, variable) in &mut self.variables {
            variable.zero_grad();
        }
    }

    /// One step; `step` counts from 0. The length of the gradient comes back; one that is not finite changes nothing.
    pub(super) fn step(
        &mut self,
        step: usize,
        rate: f64,
        decay: f64,
        clip: f64,
    ) -> Result<f64, DictationError> {
        tch::no_grad(|| {
            let gradients: Vec<Tensor> = self.variables.iter().map(|(_, v)| v.grad()).collect();
            let mut squares = 0.0;
            for gradient in gradients.iter().filter(|g| g.defined()) {
                let norm = gradient.f_norm()?.f_double_value(&[])?;
                squares += norm * norm;
            }
            let norm = squares.sqrt();
            if !norm.is_finite() {
                return Ok(norm);
            }
            let scale = (clip / norm.max(1e-12)).min(1.0);
            let count = (step + 1) as i32;
            let bias = (1.0 - BETAS.0.powi(count), 1.0 - BETAS.1.powi(count));
            let moments = self.first.iter_mut().zip(&mut self.second);
            for (((_, variable), gradient), (first, second)) in
                self.variables.iter_mut().zip(&gradients).zip(moments)
            {
                if !gradient.defined() {
                    continue;
                }
                let gradient = gradient.f_mul_scalar(scale)?;
                let _ = first
                    .f_mul_scalar_(BETAS.0)?
                    .f_add_(&(&gradient * (1.0 - BETAS.0)))?;
                let _ = second
                    .f_mul_scalar_(BETAS.1)?
                    .f_addcmul_(&(&gradient * (1.0 - BETAS.1)), &gradient)?;
                let scaled = second.f_div_scalar(bias.1)?.f_sqrt_()?.f_add_scalar_(EPSILON)?;
                if variable.dim() > 1 {
                    let _ = variable.f_mul_scalar_(1.0 - rate * decay)?;
                }
                let _ = variable.f_sub_(&(first.f_div(&scaled)? * (rate / bias.0)))?;
            }
            Ok(norm)
        })
    }
}

#[cfg(test)]
mod tests {
    use tch::nn::Init;
    use tch::{Device, Kind};

    use super::*;

    /// Two steps on `f(x) = 3 x` from 1 by hand: the first moves by the rate (but for epsilon), and so does the second.
    #[test]
    fn a_steady_gradient_moves_by_the_rate() {
        let store = VarStore::new(Device::Cpu);
        let x = store.root().var("x", &[1], Init::Const(1.0));
        let mut optimizer = AdamW::new(&store);
        for step in 0..2 {
            optimizer.clear();
            (&x * 3.0).sum(Kind::Float).backward();
            optimizer
                .step(step, 0.1, 0.0, f64::INFINITY)
                .expect("the sum is finite");
        }
        assert!(
            (x.double_value(&[0]) - 0.8).abs() < 1e-5,
            "{}",
            x.double_value(&[0])
        );
    }
}
