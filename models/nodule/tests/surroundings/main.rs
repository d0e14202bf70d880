//! Where in the lungs a nodule lies and what lies around it.

mod ball;
mod closed_form;
mod lobes;
