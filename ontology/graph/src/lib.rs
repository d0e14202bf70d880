//! hilum-graph.
