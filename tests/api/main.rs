//! The front door: everything that is served, asked as a client asks it, over a database of its
//! own for each test. What must hold on both databases is told once, in `stories`.

#[path = "../support/fake_seller.rs"]
mod fake_seller;
#[path = "../support/postgres.rs"]
mod postgres;

mod administration;
mod again;
mod house;
mod isolation;
mod kept;
mod keys;
mod limits;
mod openapi;
mod permissions;
mod questions;
mod reads;
mod requests;
mod sample;
mod seed;
mod stories;
mod syncs;
mod tenants;
mod text;
