//! The seller's agent as buyers' agents meet it: tools over HTTP and over standard input, each
//! answer held against the protocol's own schemas.

#[path = "../support/postgres.rs"]
mod postgres;

mod accounts;
mod agent;
mod artifacts;
mod buys;
mod capabilities;
mod controller;
mod delivery;
mod discovery;
mod feedback;
mod frequency;
mod given_up;
mod governance;
mod keys;
mod notify;
mod older;
mod proposals;
mod receiver;
mod reporting;
mod request;
mod sandbox;
mod schemas;
mod seed;
mod signals;
mod signatures;
mod stdio;
mod transport;
mod webhooks;
