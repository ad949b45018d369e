//! Flightdeck: the operations console for advertising. One binary that is an engine, a
//! server that others can trade with, and the console on top of it.
//!
//! # The house
//!
//! ```text
//!  cli --> tui --> session --> engine <-- api    domain   pure types and rules
//!   |               |         /      \     ^     store    the only module that speaks SQL
//!   +--> api        v     store      peers |     peers    what we need of others' systems
//!                 remote      \      /     |     engine   one type per operation, one door
//!                   :          domain      :     remote   our own engine somewhere else
//!                   :......................:     session  who asks, and which engine answers
//!                    HTTP, to another of ours    tui      what people see and press
//! ```
//!
//! | module | may name |
//! |---|---|
//! | [`domain`] | nothing of ours |
//! | [`store`], [`peers`] | domain |
//! | [`engine`] | domain, store, peers |
//! | [`remote`] | domain, engine |
//! | [`session`] | domain, engine, remote |
//! | [`api`] | domain, engine |
//! | [`tui`] | domain, session, of the engine the operation types |
//! | [`config`] | domain |
//! | [`cli`] | everything |
//!
//! `tests/architecture` reads the `use` lines and holds the table, the size of files and
//! functions, and the other house rules.
//!
//! # What always holds
//!
//! * Every question is a type that implements [`engine::operation::Operation`], and every one
//!   comes through [`engine::core::Core::ask_on`]: permission, tenant, idempotency key,
//!   transaction, audit line and events are there and nowhere else.
//! * A command is decided in plain code and committed once, as a [`store::batch::Batch`]: all
//!   of it or nothing. What was read and has changed meanwhile makes it start again.
//! * Limits are guarded by the database in the commit itself: impressions by day, a tenant's
//!   budget. Looking first is only for a better sentence.
//! * What takes time is a [`engine::reconcile::Reconciler`]: leased, fenced, and safe to run
//!   again from anywhere.
//! * Below the engine nobody knows what time it is: the clock is an argument.
//! * What is sent to another company's system that a desk lives in is kept before it leaves, under
//!   a mark, and read back before it is told as done. Nothing whose answer was lost is sent again
//!   unseen; a spend never, but under a key by which it is the same.
//! * What belongs to no single tenant, the directory of tenants and all keys, stands in the
//!   house: the reserved tenant `engine`. A question about a tenant is asked for that tenant;
//!   what it changes in the house goes into the same commit, beside its own.
//! * Money is whole minor units with their currency; JSON numbers are read from their digits.
//!
//! * In the console a key becomes an [`tui::command::Action`] by the keymap, a pane answers with
//!   [`tui::effect::Effect`]s, and [`tui::run`] performs them. Only
//!   [`tui::overlays::confirm`] can make a command of it, once a person has agreed.
//! * Nothing but [`tui::clean::Clean`] text reaches the screen, and nothing but
//!   [`tui::run`] writes to it.
//!
//! # Walks through it
//!
//! **A brief arrives.** `api::rest::bookings::submit` reads the body into
//! [`engine::bookings::submit::SubmitBrief`] and asks it. The door checks that the caller may,
//! looks whether the idempotency key was answered before, and lets the operation check the
//! whole brief. It gathers a job, a task and an event; the door adds the audit line and the
//! kept answer and commits the batch. The reconciler is poked.
//!
//! **The job runs.** [`engine::reconcile::run_job::RunJob`] leases the task and looks where the
//! job is: audience, allocation, research of each channel, consolidation, each one commit
//! under the lease. Sellers are asked through [`peers::seller::Seller`]; the seller inside
//! answers by asking the same door. Then the job waits for a person, and the task is done.
//!
//! **Somebody approves.** [`engine::bookings::approve::ApproveJob`] checks that the job still
//! waits and that the money is there, and commits decision, money and a new task together.
//! The reconciler reserves every line, then books every line that is reserved; what fails is
//! released, with its reason and its money. Whoever asked is woken by the events and reads
//! the totals.
//!
//! **The bookings live elsewhere.** Where a tenant's bookings live in an IAB buyer agent, the same
//! operations answer from a mirror of it. A brief is kept with a task;
//! [`engine::reconcile::send_brief`] marks it, sends it, and looks for it there when the answer is
//! lost. [`engine::reconcile::follow_bookings`] looks at the list and writes what has changed
//! through [`engine::bookings::upstream::mirror`]. A decision takes the same way as any other and
//! is told once by [`engine::reconcile::send_decision`]; what was booked is what the follower sees.
//! What it means, and where asked and shown differ, is worked out in [`domain::booking::upstream`].
//!
//! **The media buys live elsewhere.** Where a tenant's media buys live in an `AdCP` sales agent,
//! [`engine::reconcile::mirror_buys`] keeps them with their lines and counts, so that pacing and the
//! queue read them as any other. What is asked of one is kept by
//! [`engine::media_buys::upstream::keep`], sent once by [`engine::reconcile::send_deed`], and judged
//! in [`domain::media_buy::upstream::deed`] by what is shown there afterwards, never by its answer.
//!
//! **A buy is delivered by the publisher's own ad server.** The commit that agrees to a media buy, or
//! changes it, writes beside it what it is to have there ([`domain::media_buy::ad_order`]) and wakes
//! [`engine::reconcile::place_orders`]. That looks for the order by its name, makes what is missing
//! through [`peers::ad_servers::Backend`], and believes what it reads back. What was delivered is
//! asked by [`engine::reconcile::count_orders`], never made up.
//!
//! **A seller is somewhere else.** What a tenant's other sellers have is read whole, kept with its
//! age by [`engine::sellers::outside`], and put on one shelf with what the seller inside has; who
//! cannot be asked is named on the job. A line there is held, written down as asked for, booked and
//! read back by [`engine::reconcile::run_job`]; one that was asked for before is looked for first.
//! Catalogues are read ahead by [`engine::reconcile::read_sellers`]; what was booked is looked at until
//! its flight is over by [`engine::reconcile::follow_sold`], and [`domain::booking::there`] says what of
//! that is not as it was booked.
//!
//! **The slots live elsewhere.** [`engine::reconcile::follow_slots`] mirrors resources and bookings
//! of a slot service; what is free is asked there by [`engine::slots::upstream`] and told with its
//! age. A booking is committed as on its way, carried there by whoever asked for it
//! ([`engine::operation::Operation::finished`]) or by [`engine::reconcile::send_slots`], and read back.
//!
//! **Another house has tenants.** They are not mirrored: [`engine::tenants::upstream`] asks that
//! house's server live, and sends once what an operator wants done there;
//! [`engine::reconcile::settle_server`] looks what came of it when its answer was lost.
//!
//! **A key is pressed.** [`tui::input`] reads it, [`tui::run`] hands it to
//! [`tui::console::Console::take`] with the time. The keymap says what it means where the
//! person is: what lies on top, or the pane in front. That one changes what it knows and
//! wants things done: a question for the engine, a question for the person. The loop asks in
//! a task of its own and draws; the answer comes back as an event with the question's number,
//! the pane that waits for it takes it, and the next frame shows it. What is sent to the
//! terminal is the difference to the last frame.
//!
//! **The engine is somewhere else.** [`session::Session`] holds a [`remote::Remote`] instead of
//! the engine's own door, and nobody above knows the difference: the same type goes out as JSON to
//! `/rpc/NAME` there, its answer comes back as the same type, and a refusal as the same
//! [`engine::fault::Fault`]. What is no word of that engine, a line that is cut, a page of a proxy,
//! silence, is a fault that may pass: a question is asked again for a moment, a command for half a
//! minute under its key, and then it is said that nobody knows. Events come as a stream that goes
//! on behind the last one; whenever it was cut the console reads everything again. How fresh that
//! is the pulse says, as it does of an engine in this process. One that is not there when it is
//! opened is tried again by [`tui::run`] until it is; one that refuses us ends that before it begins.
//!
//! # Where do I add ...?
//!
//! | I want | I touch |
//! |---|---|
//! | an operation | one file in `engine/GROUP/` and one line in [`engine::catalogue`]; a rule in `domain/` if anything is decided |
//! | a REST route | a handler of a few lines in `api/rest/` with its description beside it |
//! | a tool for agents | one file in `api/mcp/tools/`, one line in `api/mcp/table.rs`, and the operation that answers |
//! | a seller inside | one file that implements [`peers::seller::Seller`], one line in `engine/start.rs` |
//! | a sort of seller somewhere else | a folder in `peers/sellers/` that implements [`peers::sellers::Market`], a kind in [`domain::booking::asked::SellerKind`], a line in [`engine::sellers::set_up`] |
//! | an ad server of others | one file in `peers/ad_servers/` that implements [`peers::ad_servers::Backend`], a line in [`engine::sync::servers`] |
//! | a system of others that bookings live in | a folder in `peers/upstream/` that implements [`peers::upstream::Bookings`], a make in [`domain::booking::upstream::UpstreamKind`], a line in [`engine::bookings::upstream::desks`] |
//! | a sales agent of another make | a folder in `peers/upstream/` that implements [`peers::upstream::MediaBuys`], a make in [`domain::media_buy::upstream::AgentKind`], a line in [`engine::media_buys::upstream::desks`] |
//! | a server that speaks MCP | [`peers::mcp`] calls its tools and says of each call whether it can have been done |
//! | a slot service of another make | a folder in `peers/upstream/` that implements [`peers::upstream::slots::SlotService`], a line in [`engine::slots::upstream::places`] |
//! | another shape of a tenant server | [`domain::tenant::server`] says what it offers, [`peers::upstream::tenant_server`] how it is told apart and asked |
//! | something that is sent to others | `send` of [`engine::webhooks`] in the commit that it is about; [`peers::outside`] calls addresses that others gave us |
//! | a stored type | an `impl Record` in `store/records.rs`, or in a file of `store/records/` |
//! | a table | a numbered migration and one file in `store/repo/`; it runs on both databases |
//! | a setting | a field in `config/`, of a desk in `config/desks/`, and a line in `config.example.toml` |
//! | a subcommand | one file in `cli/` |
//! | a pane | a folder in `tui/panes/` that implements [`tui::panes::Pane`], a line in `PaneId` and in `Console::new`, its commands in [`tui::command`], a section in `assets/keymap.toml` |
//! | a command of the console | one line in [`tui::command`] and one in `assets/keymap.toml` |
//! | a theme | a file in `assets/themes/` and its line in [`tui::theme`] |

pub mod api;
pub mod cli;
pub mod config;
pub mod domain;
pub mod engine;
pub mod peers;
pub mod remote;
pub mod session;
pub mod store;
pub mod tui;
