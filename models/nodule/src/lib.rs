//! hilum-nodule.
