//! The table of everything that the engine can be asked. RPC, the `call` subcommand, the
//! permission test and the schemas read it. Adding an operation is one file and one line.

use futures_util::future::BoxFuture;
use schemars::{Schema, SchemaGenerator};

use super::{
    accounts, activity, ad_orders, bookings,
    core::{Answer, Core, Terms},
    creatives, delivery, discovery,
    fault::{Fault, FaultKind},
    governance, keys, media_buys, notify,
    operation::{Kind, Operation},
    pacing, sandbox, seller, sellers, slots, sync, tenants, webhooks, who,
};
use crate::domain::tenant::caller::Caller;

/// Asks an operation with a question in JSON.
pub type Call = fn(Core, Caller, Vec<u8>, Terms) -> Called;
/// An answer in JSON, on its way.
pub type Called = BoxFuture<'static, Result<Answer<String>, Fault>>;

/// One operation, as data.
pub struct Entry {
    /// Its stable name.
    pub name: &'static str,
    /// One sentence for people.
    pub about: &'static str,
    /// Whether it changes anything, and what it takes to ask it.
    pub kind: Kind,
    /// The schema of its question.
    pub input: fn(&mut SchemaGenerator) -> Schema,
    /// The schema of its answer.
    pub output: fn(&mut SchemaGenerator) -> Schema,
    /// Whether whoever was let in may ask it, whatever their key is narrowed to.
    pub for_all: bool,
    /// Asks it with a question in JSON, and answers in JSON.
    pub call: Call,
}

const fn entry<O: Operation>() -> Entry {
    Entry {
        name: O::NAME,
        about: O::ABOUT,
        kind: O::KIND,
        for_all: O::FOR_ALL,
        input: |schemas| schemas.subschema_for::<O>(),
        output: |schemas| schemas.subschema_for::<O::Output>(),
        call: |core, caller, question, terms| {
            Box::pin(core.ask_json::<O>(caller, &question, terms))
        },
    }
}

/// Finds an operation by its name.
///
/// # Errors
/// When there is none of that name.
pub fn find(name: &str) -> Result<&'static Entry, Fault> {
    CATALOGUE
        .iter()
        .find(|entry| entry.name == name)
        .ok_or_else(|| {
            Fault::new(
                FaultKind::NotFound,
                "OPERATION_NOT_FOUND",
                "there is no operation of that name",
            )
            .hint("`flightdeck call --list` lists them")
        })
}

/// Describes operations as data: name, sentence, permission, schemas.
#[must_use]
pub fn describe(entries: &[Entry]) -> serde_json::Value {
    let mut settings = schemars::generate::SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    let mut schemas = settings.into_generator();
    let mut one = |entry: &Entry| {
        serde_json::json!({
            "name": entry.name,
            "about": entry.about,
            "changes": entry.kind.is_command(),
            "permission": entry.kind.permission().name(),
            "question": (entry.input)(&mut schemas),
            "answer": (entry.output)(&mut schemas),
        })
    };
    serde_json::Value::Array(entries.iter().map(&mut one).collect())
}

/// Every operation.
pub static CATALOGUE: &[Entry] = &[
    entry::<who::Who>(),
    entry::<bookings::submit::SubmitBrief>(),
    entry::<bookings::get::GetJob>(),
    entry::<bookings::list::ListJobs>(),
    entry::<bookings::rows::ListRows>(),
    entry::<bookings::approve::ApproveJob>(),
    entry::<bookings::cancel::CancelJob>(),
    entry::<bookings::retry::RetryJob>(),
    entry::<bookings::history::JobHistory>(),
    entry::<bookings::steps::ReadJob>(),
    entry::<bookings::steps::TakeStep>(),
    entry::<bookings::looked::GetLinesAge>(),
    entry::<bookings::budget::SetBudget>(),
    entry::<bookings::budget::GetBudget>(),
    entry::<sellers::list::ListSellers>(),
    entry::<seller::products::list::ListProducts>(),
    entry::<seller::products::get::GetProduct>(),
    entry::<seller::products::put::PutProduct>(),
    entry::<seller::products::search::SearchProducts>(),
    entry::<seller::products::free::FreeAhead>(),
    entry::<seller::products::read::ReadCatalogue>(),
    entry::<seller::products::stock::StockCatalogue>(),
    entry::<seller::avails::CheckAvails>(),
    entry::<seller::avails::ReadTaken>(),
    entry::<seller::parties::organizations::CreateOrganization>(),
    entry::<seller::parties::organizations::GetOrganization>(),
    entry::<seller::parties::organizations::ListOrganizations>(),
    entry::<seller::parties::accounts::CreateAccount>(),
    entry::<seller::parties::accounts::GetAccount>(),
    entry::<seller::parties::accounts::ListAccounts>(),
    entry::<seller::orders::create::CreateOrder>(),
    entry::<seller::orders::get::GetOrder>(),
    entry::<seller::orders::list::ListOrders>(),
    entry::<seller::orders::change::ChangeOrder>(),
    entry::<seller::lines::create::CreateLine>(),
    entry::<seller::lines::get::GetLine>(),
    entry::<seller::lines::list::ListLines>(),
    entry::<seller::lines::act::ActOnLine>(),
    entry::<seller::lines::stats::GetLineStats>(),
    entry::<seller::lines::follow::LineDue>(),
    entry::<seller::lines::follow::FollowLine>(),
    entry::<seller::place::PlaceLine>(),
    entry::<seller::creatives::library::CreateCreative>(),
    entry::<seller::creatives::library::GetCreative>(),
    entry::<seller::creatives::library::ListCreatives>(),
    entry::<seller::creatives::decide::DecideCreative>(),
    entry::<seller::creatives::assignments::CreateAssignment>(),
    entry::<seller::creatives::assignments::GetAssignment>(),
    entry::<seller::creatives::assignments::ListAssignments>(),
    entry::<seller::creatives::assignments::ChangeAssignment>(),
    entry::<creatives::sync::SyncCreatives>(),
    entry::<creatives::list::ListLibrary>(),
    entry::<creatives::decide::DecideCreative>(),
    entry::<creatives::upload::UploadCreative>(),
    entry::<creatives::upload::CreativesOfBuy>(),
    entry::<media_buys::create::CreateBuy>(),
    entry::<media_buys::check::CheckBuy>(),
    entry::<media_buys::get::GetBuy>(),
    entry::<media_buys::list::ListBuys>(),
    entry::<media_buys::delivery::GetDelivery>(),
    entry::<media_buys::report::GetReport>(),
    entry::<media_buys::update::UpdateBuy>(),
    entry::<media_buys::act::ActOnBuy>(),
    entry::<media_buys::approvals::ListApprovals>(),
    entry::<media_buys::approvals::GetApproval>(),
    entry::<media_buys::decide::DecideApproval>(),
    entry::<media_buys::feedback::GiveFeedback>(),
    entry::<media_buys::feedback::ListFeedback>(),
    entry::<media_buys::follow::BuyDue>(),
    entry::<media_buys::follow::FollowBuy>(),
    entry::<media_buys::reporting::ReportDue>(),
    entry::<media_buys::reporting::SendReport>(),
    entry::<media_buys::artifacts::ArtifactsDue>(),
    entry::<media_buys::artifacts::SendArtifacts>(),
    entry::<discovery::capabilities::GetCapabilities>(),
    entry::<discovery::products::GetProducts>(),
    entry::<discovery::proposals::FinalizeProposal>(),
    entry::<discovery::proposals::PutProposal>(),
    entry::<discovery::formats::ListFormats>(),
    entry::<discovery::signals::GetSignals>(),
    entry::<discovery::signals::ActivateSignal>(),
    entry::<discovery::avails::GetAvails>(),
    entry::<accounts::sync::SyncAccounts>(),
    entry::<accounts::governance::SyncGovernance>(),
    entry::<governance::questions::OrderToGovern>(),
    entry::<governance::questions::ChangeToGovern>(),
    entry::<accounts::list::ListAccounts>(),
    entry::<accounts::resolve::ResolveAccount>(),
    entry::<accounts::status::SetAccountStatus>(),
    entry::<delivery::record::RecordReadings>(),
    entry::<delivery::measured::NoteMeasured>(),
    entry::<delivery::running::RunningLines>(),
    entry::<delivery::turn::TurnClock>(),
    entry::<delivery::series::ReadSeries>(),
    entry::<pacing::list::ListPacing>(),
    entry::<pacing::get::GetPacing>(),
    entry::<pacing::steer::whatif::WhatIf>(),
    entry::<pacing::steer::apply::ApplyChanges>(),
    entry::<pacing::steer::undo::UndoChanges>(),
    entry::<pacing::steer::journal::ReadJournal>(),
    entry::<pacing::steer::reallocate::Reallocate>(),
    entry::<pacing::alerts::list::ListAlerts>(),
    entry::<pacing::alerts::acknowledge::AcknowledgeAlerts>(),
    entry::<pacing::alerts::snooze::SnoozeAlerts>(),
    entry::<pacing::alerts::look::PacingNews>(),
    entry::<pacing::alerts::look::LookAtPacing>(),
    entry::<slots::resources::ListResources>(),
    entry::<slots::resources::GetResource>(),
    entry::<slots::resources::CreateResource>(),
    entry::<slots::resources::UpdateResource>(),
    entry::<slots::availability::ListSlots>(),
    entry::<slots::explain::ExplainSlot>(),
    entry::<slots::board::ShowBoard>(),
    entry::<slots::bookings::ListBookings>(),
    entry::<slots::bookings::GetBooking>(),
    entry::<slots::book::BookSlot>(),
    entry::<slots::cancel::CancelBooking>(),
    entry::<slots::reschedule::MoveBooking>(),
    entry::<slots::settle::SettleBooking>(),
    entry::<slots::hold::HoldSlot>(),
    entry::<slots::hold::ExtendHold>(),
    entry::<slots::hold::ReleaseHold>(),
    entry::<slots::hold::ListHolds>(),
    entry::<slots::hold::HoldDue>(),
    entry::<slots::hold::EndHold>(),
    entry::<slots::waiting::WaitForSlot>(),
    entry::<slots::waiting::StopWaiting>(),
    entry::<slots::waiting::ListWaiting>(),
    entry::<slots::calendar::BookingCalendar>(),
    entry::<slots::calendar::FeedAddress>(),
    entry::<slots::calendar::RotateFeed>(),
    entry::<slots::calendar::ReadFeed>(),
    entry::<slots::keys::RotateSlotKey>(),
    entry::<notify::dispatch::LookForNews>(),
    entry::<notify::dispatch::TellNews>(),
    entry::<notify::failed::NoteFailure>(),
    entry::<notify::endpoints::MakeEndpoint>(),
    entry::<notify::endpoints::ListEndpoints>(),
    entry::<notify::endpoints::ChangeEndpoint>(),
    entry::<notify::endpoints::RotateEndpoint>(),
    entry::<notify::endpoints::RemoveEndpoint>(),
    entry::<notify::endpoints::TestEndpoint>(),
    entry::<notify::slack::NextForSlack>(),
    entry::<notify::slack::NoteSlack>(),
    entry::<notify::slack::TestSlack>(),
    entry::<notify::replay::Replay>(),
    entry::<webhooks::list::ListNotices>(),
    entry::<webhooks::deliver::ReadNotice>(),
    entry::<webhooks::deliver::NoteDelivery>(),
    entry::<tenants::upstream::view::ShowServer>(),
    entry::<tenants::upstream::view::ShowServerTenant>(),
    entry::<tenants::upstream::act::ActOnServer>(),
    entry::<tenants::upstream::errands::ReadServerErrand>(),
    entry::<tenants::upstream::errands::TakeServerStep>(),
    entry::<slots::upstream::desk::GetSlotsDesk>(),
    entry::<slots::upstream::mirrored::ReadMirroredSlots>(),
    entry::<slots::upstream::mirror::MirrorSlots>(),
    entry::<slots::upstream::mirror::NoteSlotContact>(),
    entry::<slots::upstream::errands::ReadErrand>(),
    entry::<slots::upstream::errands::TakeErrandStep>(),
    entry::<bookings::upstream::desk::GetBookingsDesk>(),
    entry::<bookings::upstream::mirrored::ReadMirrored>(),
    entry::<bookings::upstream::mirror::MirrorJobs>(),
    entry::<bookings::upstream::contact::NoteContact>(),
    entry::<bookings::upstream::sending::TakeSendStep>(),
    entry::<media_buys::upstream::desk::GetBuysDesk>(),
    entry::<media_buys::upstream::mirrored::ReadMirroredBuys>(),
    entry::<media_buys::upstream::mirror::MirrorBuys>(),
    entry::<media_buys::upstream::counts::MirrorCounts>(),
    entry::<media_buys::upstream::contact::NoteAgentContact>(),
    entry::<media_buys::upstream::sending::TakeDeedStep>(),
    entry::<sync::start::StartSync>(),
    entry::<sync::read::GetSync>(),
    entry::<sync::status::SyncHealth>(),
    entry::<sync::history::ListSyncs>(),
    entry::<sync::list::ListInventory>(),
    entry::<sync::take::TakeSyncStep>(),
    entry::<ad_orders::wanted::WantedOrder>(),
    entry::<ad_orders::step::TakeOrderStep>(),
    entry::<ad_orders::place::PlaceOrder>(),
    entry::<sync::test::TestConnection>(),
    entry::<sync::test::GetConnection>(),
    entry::<sync::test::NoteTest>(),
    entry::<sandbox::Control>(),
    entry::<sandbox::arm::TakeQuestion>(),
    entry::<activity::ReadFeed>(),
    entry::<activity::FeedEnd>(),
    entry::<activity::ListTasks>(),
    entry::<activity::ReadAudit>(),
    entry::<keys::open::OpenHouse>(),
    entry::<keys::open::IsOpen>(),
    entry::<keys::make::MakeKey>(),
    entry::<keys::list::ListKeys>(),
    entry::<keys::revoke::RevokeKey>(),
    entry::<keys::rotate::RotateKey>(),
    entry::<keys::find::FindKey>(),
    entry::<keys::find::LookAtDoor>(),
    entry::<tenants::list::ListTenants>(),
    entry::<tenants::create::CreateTenant>(),
    entry::<tenants::get::GetTenant>(),
    entry::<tenants::update::UpdateTenant>(),
    entry::<tenants::update::DeactivateTenant>(),
    entry::<tenants::update::ReactivateTenant>(),
    entry::<tenants::delete::DeleteTenant>(),
    entry::<tenants::health::HouseHealth>(),
    entry::<tenants::status::GetStatus>(),
    entry::<tenants::logs::ReadLogs>(),
    entry::<tenants::logs::ReadAllLogs>(),
    entry::<tenants::workflows::ListWorkflows>(),
    entry::<tenants::workflows::GetWorkflow>(),
    entry::<tenants::own::GetOwn>(),
    entry::<tenants::own::GetOwnStatus>(),
    entry::<tenants::own::ChangeOwn>(),
    entry::<tenants::principals::list::ListPrincipals>(),
    entry::<tenants::principals::list::GetPrincipal>(),
    entry::<tenants::principals::create::CreatePrincipal>(),
    entry::<tenants::principals::change::UpdatePrincipal>(),
    entry::<tenants::principals::change::DeletePrincipal>(),
    entry::<tenants::principals::rotate::RotateToken>(),
];
