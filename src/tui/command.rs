//! Everything that a person can tell the console to do, as one table. Keys, hint bar, help,
//! palette and refusals by role are readings of it. Refuses to know what a command does.

use crate::domain::policy::Permission;

/// Where a command works; also the section of the keymap that it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Section {
    /// Everywhere.
    Global,
    /// In every list.
    List,
    /// In the pane of jobs.
    Jobs,
    /// In the pane of recommendations.
    Review,
    /// In the pane of pacing.
    Pacing,
    /// In the pane of orders.
    Orders,
    /// In the pane of tenants.
    Tenants,
    /// In the pane of time that is booked.
    Slots,
    /// In the pane of what happened.
    Activity,
    /// In a form.
    Form,
    /// In a question.
    Confirm,
    /// In a line that is being typed: filter, palette, names.
    Prompt,
    /// In a text that is being read, and in menus.
    Reader,
}

impl Section {
    /// All of them, with their names in the keymap.
    pub const ALL: [(Self, &'static str); 13] = [
        (Self::Global, "global"),
        (Self::List, "list"),
        (Self::Jobs, "jobs"),
        (Self::Review, "review"),
        (Self::Pacing, "pacing"),
        (Self::Orders, "orders"),
        (Self::Tenants, "tenants"),
        (Self::Slots, "slots"),
        (Self::Activity, "activity"),
        (Self::Form, "form"),
        (Self::Confirm, "confirm"),
        (Self::Prompt, "prompt"),
        (Self::Reader, "reader"),
    ];

    /// Its name in the keymap.
    #[must_use]
    pub fn name(self) -> &'static str {
        let known = Self::ALL.iter().find(|(section, _)| *section == self);
        known.map_or("global", |(_, name)| name)
    }
}

/// How much a command weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Changes nothing but the picture.
    Look,
    /// Opens something to write in; nothing is changed before that is sent.
    Write,
    /// Changes something that can be undone or is asked about in a form.
    Change,
    /// Changes something for good: asked about, with a name to type.
    Final,
}

macro_rules! commands {
    ($($section:ident { $($action:ident $name:literal $title:literal $about:literal
        $weight:ident $(needs $need:ident)? ;)* })*) => {
        /// Something to do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action {
            $($(#[doc = $about] $action,)*)*
        }

        /// Every command there is, in the order of the help.
        pub const COMMANDS: &[Command] = &[
            $($(Command {
                action: Action::$action,
                section: Section::$section,
                name: $name,
                title: $title,
                about: $about,
                weight: Weight::$weight,
                needs: need!($($need)?),
            },)*)*
        ];
    };
}

macro_rules! need {
    () => {
        None
    };
    ($need:ident) => {
        Some(Permission::$need)
    };
}

/// A command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Command {
    /// What it does.
    pub action: Action,
    /// Where it works.
    pub section: Section,
    /// Its name in the keymap, below its section.
    pub name: &'static str,
    /// Two words for the hint bar.
    pub title: &'static str,
    /// A sentence for help and palette.
    pub about: &'static str,
    /// How much it weighs.
    pub weight: Weight,
    /// What the person must be allowed to do.
    pub needs: Option<Permission>,
}

commands! {
    Global {
        Back "back" "back" "Go back: close what is open, clear the marks and the filter; with nothing of that left, go to Jobs." Look;
        Quit "quit" "quit" "Leave the console." Look;
        Stop "stop" "stop" "Stop the console and give the terminal back until `fg`." Look;
        Help "help" "help" "Show every key that works here." Look;
        Palette "palette" "command" "Find any command or object by its name." Look;
        PaneJobs "jobs" "go to jobs" "Go to the booking jobs." Look;
        PaneReview "review" "go to review" "Go to the recommendations under review." Look;
        PanePacing "pacing" "go to pacing" "Go to the lines that run, the most money at risk first." Look;
        PaneOrders "orders" "go to orders" "Go to the orders that wait for the publisher." Look;
        PaneTenants "tenants" "go to tenants" "Go to the tenants, their principals and their keys." Look;
        PaneSlots "slots" "go to slots" "Go to the calendar of what can be booked by the hour." Look;
        PaneActivity "activity" "go to activity" "Go to what happened." Look;
        NextPane "next_pane" "next pane" "Go to the next pane." Look;
        PreviousPane "previous_pane" "previous pane" "Go to the previous pane." Look;
        Engine "engine" "engine" "Ask another engine: this program's own, or one somewhere else." Look;
        Refresh "refresh" "refresh" "Ask the engine again." Look;
        Theme "theme" "theme" "Change to the next theme." Look;
        Mouse "mouse" "mouse" "Turn the mouse off, or on again." Look;
        Messages "messages" "messages" "Read the last messages again." Look;
        Redraw "redraw" "redraw" "Draw the whole screen again." Look;
    }
    List {
        Down "down" "down" "Go down one row." Look;
        Up "up" "up" "Go up one row." Look;
        PageDown "page_down" "page down" "Go down one page." Look;
        PageUp "page_up" "page up" "Go up one page." Look;
        Top "top" "top" "Go to the first row." Look;
        Bottom "bottom" "bottom" "Go to the last row." Look;
        Open "open" "open" "Open what the cursor is on." Look;
        Mark "mark" "mark" "Mark the row, or take its mark away." Look;
        Range "range" "range" "Begin a range here, or mark it up to here." Look;
        MarkAll "mark_all" "mark all" "Mark every row that is shown, or none." Look;
        Filter "filter" "filter" "Filter the list as you type." Look;
        Sort "sort" "sort" "Sort by the next column." Look;
        Reverse "reverse" "reverse" "Sort the other way round." Look;
        Wider "wider" "wider" "Make the sorted column wider." Look;
        Narrower "narrower" "narrower" "Make the sorted column narrower." Look;
        Copy "copy" "copy" "Copy the id of the row, or of every marked one." Look;
        Export "export" "export" "Write what is shown into a CSV or JSON file." Look;
        Zoom "zoom" "zoom" "Give the whole screen to one panel." Look;
        Focus "focus" "other panel" "Give the keys to the other panel." Look;
        Trail "trail" "what happened" "Show what happened to this object." Look;
        Undo "undo" "undo" "Undo the last action that can be undone." Change;
    }
    Jobs {
        NewBrief "new" "new brief" "Write a new campaign brief." Write needs WriteBookings;
        Duplicate "duplicate" "duplicate" "Write a new brief that begins as a copy of this job's." Write needs WriteBookings;
        LoadBrief "load" "load brief" "Begin a brief from a JSON file." Write needs WriteBookings;
        Review "review" "review" "Review the recommendations of this job, or of every marked one." Look;
        Retry "retry" "retry" "Start the brief of a failed job again as a new job." Change needs RecoverBookings;
        Cancel "cancel" "cancel" "Cancel a job that has not booked." Final needs RecoverBookings;
    }
    Review {
        Tick "tick" "tick" "Tick the recommendation, or take its tick away." Look;
        TickGroup "tick_group" "channel" "Tick the whole channel, or none of it." Look;
        TickAll "tick_all" "all" "Tick every recommendation, or none." Look;
        Invert "invert" "invert" "Tick what is not ticked, and the other way round." Look;
        Approve "approve" "approve" "Approve what is ticked, and book it." Final needs ApproveBookings;
        NextJob "next_job" "next job" "Go to the next job under review." Look;
        PreviousJob "previous_job" "previous job" "Go to the previous job under review." Look;
        Details "details" "details" "Read all about this recommendation." Look;
    }
    Pacing {
        WhatIf "change" "what if" "Try changes of this line, or of every marked one, and plan them." Look needs SteerPacing;
        LineGoal "goal" "goal" "Give the line another goal." Look needs SteerPacing;
        LineBudget "budget" "budget" "Give the line another budget." Look needs SteerPacing;
        PauseLine "pause" "pause" "Hold the line back, or every marked one." Change needs SteerPacing;
        ResumeLine "resume" "resume" "Let a paused line go on, or every marked one." Change needs SteerPacing;
        MoveBudgets "move" "move budgets" "Propose to move budgets between the packages of this buy." Change needs SteerPacing;
        Arithmetic "arithmetic" "arithmetic" "Show the arithmetic of every number." Look;
        Why "why" "why" "Say why the line is short, with the evidence." Look;
        AcknowledgeAlerts "acknowledge" "acknowledge" "Say that you see to the alerts of this line." Change needs TendAlerts;
        SnoozeAlerts "snooze" "put off" "Put the alerts of this line off until later." Change needs TendAlerts;
        Totals "totals" "sums" "Sum lines up by currency and by order." Look;
        Changes "changes" "changes" "Read what was changed, and take it back." Look;
    }
    Orders {
        ApproveOrder "approve" "approve" "Agree to this order or the change of it, or to every marked one." Change needs ApproveBuys;
        RejectOrder "reject" "reject" "Refuse this order or the change of it, with a reason." Write needs ApproveBuys;
        SendBack "send_back" "send back" "Have the order changed first, with a reason." Write needs ApproveBuys;
        SubmitOrder "submit" "submit" "Lay a draft with guaranteed items before the publisher." Change needs TradeBuys;
        ActivateOrder "activate" "activate" "Start a draft that nobody has to agree to." Change needs TradeBuys;
        PauseOrder "pause" "pause" "Stop the order for a while." Change needs TradeBuys;
        ResumeOrder "resume" "resume" "Let a paused order go on." Change needs TradeBuys;
        ArchiveOrder "archive" "archive" "Put away an order that is over." Change needs TradeBuys;
        CancelOrder "cancel" "cancel" "Call the order off for good." Final needs TradeBuys;
    }
    Tenants {
        NextTab "next_tab" "next tab" "Show the next of: overview, settings, principals, ad server, notifications, keys, audit trail." Look;
        PreviousTab "previous_tab" "previous tab" "Show the previous of: overview, settings, principals, ad server, notifications, keys, audit trail." Look;
        NewTenant "new" "new tenant" "Open a tenant; the keys that it begins with are shown once." Write needs ManageTenants;
        ChangeTenant "change" "change" "Change the settings and features of the tenant." Write needs ManageTenant;
        CloseTenant "close" "close" "Close the tenant: its keys open nothing until it is opened again." Change needs ManageTenants;
        ReopenTenant "reopen" "open again" "Open a closed tenant again." Change needs ManageTenants;
        DeleteTenant "delete" "delete" "Delete the tenant with everything that is kept of it." Final needs ManageTenants;
        AddPrincipal "principal" "add principal" "Add a principal of the tenant; its token is shown once." Write needs ManageKeys;
        ChangePrincipal "change_principal" "change principal" "Change the principal under the cursor: its name, role and mappings." Write needs ManageKeys;
        MakeKey "key" "make key" "Make a key of the tenant; it is shown once." Write needs ManageKeys;
        Rotate "rotate" "rotate" "Make a new token for the principal, or a new key, and show it once." Change needs ManageKeys;
        Revoke "revoke" "take back" "Take the key back, or remove the principal with its tokens." Final needs ManageKeys;
        SyncChanged "sync" "sync" "Bring here what has changed at the ad server." Change needs ManageAdServer;
        SyncAll "sync_all" "sync all" "Bring here everything that the ad server has, and mark what is gone." Change needs ManageAdServer;
        TestServer "connection" "test connection" "Try whether the ad server lets us in." Change needs ManageAdServer;
        TestListener "test" "send test" "Send a test to the endpoint under the cursor, a webhook, or to Slack." Change needs ManageWebhooks;
        ReplayTold "replay" "send again" "Send again what was given up of the deliveries to the webhook under the cursor." Change needs ManageWebhooks;
        Elsewhere "upstream" "elsewhere" "Look at the tenant server of another house, and act on it." Look needs ManageTenants;
    }
    Slots {
        DayBack "left" "day before" "Go to the day before, or to the resource at the left." Look;
        DayOn "right" "next day" "Go to the next day, or to the resource at the right." Look;
        WeekBack "week_back" "week before" "Go back a week." Look;
        WeekOn "week_on" "next week" "Go on a week." Look;
        NextFree "next_free" "next free" "Go to the next slot that can be booked." Look;
        NextFull "next_full" "next full" "Go to the next slot that is full." Look;
        Today "today" "today" "Go to today." Look;
        Jump "jump" "jump" "Go to a day: +3d, next fri, w27, 2026-11-01, now." Look;
        Month "month" "month" "Choose a day in the months." Look;
        ZoneSwitch "zone" "time zone" "Show the times of the resource, or those of this console." Look;
        SideBySide "side" "side by side" "Show all resources side by side on one day, or a week of one." Look;
        Resources "resources" "resources" "Choose the resource that is shown." Look;
        OfType "type" "type" "Show only resources of the next type, or all again." Look;
        WhyNot "why" "why" "Say why this time cannot be booked, or that it can." Look;
        BookSlot "new" "book" "Book this slot for a guest." Change needs ManageSlots;
        HoldSlot "hold" "hold" "Keep this slot for a while." Change needs ManageSlots;
        BookHold "book_hold" "book hold" "Book what is held for a guest." Change needs ManageSlots;
        ExtendHold "extend" "keep longer" "Keep what is held for longer; once." Change needs ManageSlots;
        ReleaseHold "release" "give back" "Give back what is held, or take whoever waits off the list." Change needs ManageSlots;
        WaitSlot "wait" "wait" "Put a guest on the list of those who wait for this slot." Change needs ManageSlots;
        MoveBooking "move" "move" "Move this booking: go to another slot, and say so there." Change needs ManageSlots;
        NoShow "no_show" "no-show" "Say that the guest did not come, or none of the marked ones." Change needs ManageSlots;
        Came "complete" "came" "Say that the guest came, or all of the marked ones." Change needs ManageSlots;
        TakeBack "take_back" "take back" "Take back what was said of the guest, within a day." Change needs ManageSlots;
        CancelBooking "cancel" "cancel" "Call this booking off for good, or every marked one." Final needs ManageSlots;
    }
    Activity {
        NextView "next_view" "next view" "Show the next of: events, audit trail, deliveries, background work, log." Look;
        PreviousView "previous_view" "previous view" "Show the previous of: events, audit trail, deliveries, background work, log." Look;
        Follow "follow" "follow" "Keep to the newest line, or stay where the cursor is." Look;
        AllObjects "all" "all objects" "Show all objects again, not only one." Look;
        Replay "replay" "send again" "Send the delivery under the cursor again, or every marked one: those that were given up." Change needs ManageWebhooks;
    }
    Form {
        NextField "next" "next field" "Go to the next field." Look;
        PreviousField "previous" "previous field" "Go to the previous field." Look;
        Send "send" "send" "Send the form." Change;
        Editor "editor" "editor" "Edit the whole of it in $EDITOR." Look;
        LoadFile "load" "load file" "Fill the form from a JSON file." Look;
        Raw "raw" "raw JSON" "Edit this part as JSON, or as fields again." Look;
        Clear "clear" "empty" "Empty the form, or bring back what stood there before." Look;
        ReadWhole "read" "read whole" "Read the whole of this field, however long it is." Look;
        Choose "choose" "choose" "Choose from a list, or turn the field on or off." Look;
    }
    Confirm {
        Yes "yes" "do it" "Do what is described." Change;
        No "no" "leave it" "Leave everything as it is." Look;
        Press "press" "press" "Press the button that has the focus." Look;
        NextButton "next" "other button" "Go to the other button." Look;
        FirstWay "first" "the first" "Take the first of what is offered instead." Look;
        SecondWay "second" "the second" "Take the second of what is offered instead." Look;
        ThirdWay "third" "the third" "Take the third of what is offered instead." Look;
    }
    Prompt {
        Accept "accept" "accept" "Take what was typed." Look;
        Dismiss "dismiss" "dismiss" "Throw away what was typed." Look;
        NextMatch "next" "next" "Go to the next match." Look;
        PreviousMatch "previous" "previous" "Go to the previous match." Look;
        Complete "complete" "complete" "Complete what was typed." Look;
    }
    Reader {
        Close "close" "close" "Close it." Look;
        Pick "pick" "pick" "Pick what the cursor is on." Look;
    }
}

impl Action {
    /// The command of it.
    #[must_use]
    pub fn command(self) -> &'static Command {
        // The table is made in the order of the actions.
        &COMMANDS[self as usize]
    }
}

impl Command {
    /// The name by which it is known outside of its section.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}.{}", self.section.name(), self.name)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_action_finds_its_own_command() {
        for command in COMMANDS {
            assert_eq!(command.action.command(), command);
        }
    }

    #[test]
    fn no_two_commands_share_a_name() {
        let ids: BTreeSet<String> = COMMANDS.iter().map(Command::id).collect();
        assert_eq!(ids.len(), COMMANDS.len());
    }

    #[test]
    fn what_changes_something_names_a_permission_or_is_asked_again() {
        let quiet = [Action::Undo, Action::Send, Action::Yes];
        for command in COMMANDS {
            let changes = command.weight != Weight::Look;
            let gated = command.needs.is_some() || quiet.contains(&command.action);
            assert!(!changes || gated, "{}", command.id());
        }
    }
}
