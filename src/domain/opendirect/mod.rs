//! The objects of `OpenDirect` 2.1: what a publisher sells and how an order for it lives.

pub mod product;
