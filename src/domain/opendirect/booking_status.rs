//! The life of a line, as one table: which action leads from which state to which. Refuses
//! every step that the table does not name.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use super::{product::DeliveryType, refusal::Refusal};
use crate::domain::when::Instant;

/// Where a line is between a draft and its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
pub enum LineBookingStatus {
    /// Written down; nothing is held.
    Draft,
    /// The seller was asked to hold inventory.
    PendingReservation,
    /// Inventory is held until a moment.
    Reserved,
    /// The seller was asked to book.
    PendingBooking,
    /// Booked; the flight has not begun.
    Booked,
    /// Delivering.
    InFlight,
    /// Delivered, or the flight is over.
    Finished,
    /// Paused in its flight.
    Stopped,
    /// Called off.
    Cancelled,
    /// The hold ran out before it was booked.
    Expired,
}

impl LineBookingStatus {
    /// All of them, in the order of a life.
    pub const ALL: [Self; 10] = [
        Self::Draft,
        Self::PendingReservation,
        Self::Reserved,
        Self::PendingBooking,
        Self::Booked,
        Self::InFlight,
        Self::Finished,
        Self::Stopped,
        Self::Cancelled,
        Self::Expired,
    ];

    /// The name as it is stored and shown.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::PendingReservation => "PendingReservation",
            Self::Reserved => "Reserved",
            Self::PendingBooking => "PendingBooking",
            Self::Booked => "Booked",
            Self::InFlight => "InFlight",
            Self::Finished => "Finished",
            Self::Stopped => "Stopped",
            Self::Cancelled => "Cancelled",
            Self::Expired => "Expired",
        }
    }

    /// Whether nothing can happen to it any more.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Finished | Self::Cancelled | Self::Expired)
    }

    /// Whether a guaranteed line in this state takes inventory from others.
    #[must_use]
    pub fn holds_inventory(self) -> bool {
        matches!(
            self,
            Self::Reserved | Self::PendingBooking | Self::Booked | Self::InFlight | Self::Stopped
        )
    }

    /// Whether its cost is owed: booked, delivering, paused or delivered.
    #[must_use]
    pub fn is_committed(self) -> bool {
        matches!(
            self,
            Self::PendingBooking | Self::Booked | Self::InFlight | Self::Finished | Self::Stopped
        )
    }

    /// The state that an action leads to. A private-marketplace line holds no inventory:
    /// it is never reserved, and booked straight from its draft.
    ///
    /// # Errors
    /// When the table has no such step, with what is possible instead.
    pub fn after(self, action: LineAction, delivery: DeliveryType) -> Result<Self, Refusal> {
        self.step(action.kind(), delivery)
            .ok_or_else(|| self.refuses(action.kind(), delivery))
    }

    /// The table.
    fn step(self, action: LineActionKind, delivery: DeliveryType) -> Option<Self> {
        use LineActionKind as A;
        use LineBookingStatus as S;
        let held = delivery != DeliveryType::Pmp;
        Some(match (self, action) {
            (S::Draft, A::Reserve) if held => S::PendingReservation,
            (S::Draft, A::Book) if !held => S::PendingBooking,
            (S::Reserved, A::Book) if held => S::PendingBooking,
            (S::PendingBooking, A::ConfirmBooking) => S::Booked,
            (S::PendingReservation, A::Decline) if held => S::Draft,
            (S::PendingReservation, A::ConfirmReservation) | (S::PendingBooking, A::Decline)
                if held =>
            {
                S::Reserved
            }
            (S::PendingBooking, A::Decline) => S::Draft,
            (S::Booked, A::Start) | (S::Stopped, A::Resume) => S::InFlight,
            (S::InFlight, A::Stop) => S::Stopped,
            (S::InFlight | S::Stopped, A::Finish) => S::Finished,
            (S::PendingReservation | S::Reserved, A::Expire) if held => S::Expired,
            (state, A::Cancel) if !state.is_final() => S::Cancelled,
            _ => return None,
        })
    }

    /// The actions that lead anywhere from here.
    #[must_use]
    pub fn possible(self, delivery: DeliveryType) -> Vec<LineActionKind> {
        LineActionKind::ALL
            .into_iter()
            .filter(|action| self.step(*action, delivery).is_some())
            .collect()
    }

    /// A refusal that says where a line stands and what is possible.
    #[must_use]
    pub fn refuses(self, action: LineActionKind, delivery: DeliveryType) -> Refusal {
        let possible: Vec<&str> = self
            .possible(delivery)
            .into_iter()
            .map(LineActionKind::name)
            .collect();
        let refusal = Refusal::new(action.name(), "line", self.name(), &possible);
        if delivery == DeliveryType::Pmp && action == LineActionKind::Reserve {
            return refusal.because("a private-marketplace line holds no inventory");
        }
        refusal
    }
}

impl fmt::Display for LineBookingStatus {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// No state of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a booking status, such as Draft, Reserved or Booked")]
pub struct UnknownStatus;

impl FromStr for LineBookingStatus {
    type Err = UnknownStatus;

    /// Takes the names in any case, and `Canceled` with one `l`.
    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        if text.eq_ignore_ascii_case("Canceled") {
            return Ok(Self::Cancelled);
        }
        Self::ALL
            .into_iter()
            .find(|one| one.name().eq_ignore_ascii_case(text))
            .ok_or(UnknownStatus)
    }
}

impl<'de> Deserialize<'de> for LineBookingStatus {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(input)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// What can be done to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineAction {
    /// The buyer asks to hold inventory.
    Reserve,
    /// The seller holds it, until then.
    ConfirmReservation {
        /// When the hold runs out.
        until: Instant,
    },
    /// The buyer asks to book.
    Book,
    /// The seller has booked.
    ConfirmBooking,
    /// The seller said no to what was asked last.
    Decline,
    /// Somebody calls it off.
    Cancel,
    /// The flight begins.
    Start,
    /// The flight is over, or the count is reached.
    Finish,
    /// Somebody pauses delivery.
    Stop,
    /// Somebody lets it go on.
    Resume,
    /// The hold ran out.
    Expire,
}

impl LineAction {
    /// The action without what it carries.
    #[must_use]
    pub fn kind(self) -> LineActionKind {
        use LineActionKind as Kind;
        match self {
            Self::Reserve => Kind::Reserve,
            Self::ConfirmReservation { .. } => Kind::ConfirmReservation,
            Self::Book => Kind::Book,
            Self::ConfirmBooking => Kind::ConfirmBooking,
            Self::Decline => Kind::Decline,
            Self::Cancel => Kind::Cancel,
            Self::Start => Kind::Start,
            Self::Finish => Kind::Finish,
            Self::Stop => Kind::Stop,
            Self::Resume => Kind::Resume,
            Self::Expire => Kind::Expire,
        }
    }

    /// Reads an action that a buyer may ask for by name: `reserve`, `book` or `cancel`.
    #[must_use]
    pub fn of_buyer(name: &str) -> Option<Self> {
        match name {
            "reserve" => Some(Self::Reserve),
            "book" => Some(Self::Book),
            "cancel" => Some(Self::Cancel),
            _ => None,
        }
    }
}

/// The kind of an action, as the table has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineActionKind {
    /// See [`LineAction::Reserve`].
    Reserve,
    /// See [`LineAction::ConfirmReservation`].
    ConfirmReservation,
    /// See [`LineAction::Book`].
    Book,
    /// See [`LineAction::ConfirmBooking`].
    ConfirmBooking,
    /// See [`LineAction::Decline`].
    Decline,
    /// See [`LineAction::Cancel`].
    Cancel,
    /// See [`LineAction::Start`].
    Start,
    /// See [`LineAction::Finish`].
    Finish,
    /// See [`LineAction::Stop`].
    Stop,
    /// See [`LineAction::Resume`].
    Resume,
    /// See [`LineAction::Expire`].
    Expire,
}

impl LineActionKind {
    /// All of them, in the order of a life.
    pub const ALL: [Self; 11] = [
        Self::Reserve,
        Self::ConfirmReservation,
        Self::Book,
        Self::ConfirmBooking,
        Self::Decline,
        Self::Start,
        Self::Stop,
        Self::Resume,
        Self::Finish,
        Self::Cancel,
        Self::Expire,
    ];

    /// The name in sentences and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reserve => "reserve",
            Self::ConfirmReservation => "confirm_reservation",
            Self::Book => "book",
            Self::ConfirmBooking => "confirm_booking",
            Self::Decline => "decline",
            Self::Cancel => "cancel",
            Self::Start => "start",
            Self::Finish => "finish",
            Self::Stop => "stop",
            Self::Resume => "resume",
            Self::Expire => "expire",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Rows are states; columns are the actions in the order of [`LineActionKind::ALL`].
    const GUARANTEED: &str = "
        Draft              PendingReservation - - - - - - - - Cancelled -
        PendingReservation - Reserved - - Draft - - - - Cancelled Expired
        Reserved           - - PendingBooking - - - - - - Cancelled Expired
        PendingBooking     - - - Booked Reserved - - - - Cancelled -
        Booked             - - - - - InFlight - - - Cancelled -
        InFlight           - - - - - - Stopped - Finished Cancelled -
        Finished           - - - - - - - - - - -
        Stopped            - - - - - - - InFlight Finished Cancelled -
        Cancelled          - - - - - - - - - - -
        Expired            - - - - - - - - - - -";

    /// The rows that differ when no inventory is held.
    const PMP: &str = "
        Draft              - - PendingBooking - - - - - - Cancelled -
        PendingReservation - - - - - - - - - Cancelled -
        Reserved           - - - - - - - - - Cancelled -
        PendingBooking     - - - Booked Draft - - - - Cancelled -";

    fn check(table: &str, delivery: DeliveryType) -> usize {
        let mut cells = 0;
        for row in table.lines().filter(|row| !row.trim().is_empty()) {
            let mut words = row.split_whitespace();
            let from: LineBookingStatus = words.next().expect("state").parse().expect("known");
            for (action, to) in LineActionKind::ALL.into_iter().zip(words) {
                let found = from.step(action, delivery);
                let wanted = (to != "-").then(|| to.parse().expect("known"));
                assert_eq!(found, wanted, "{delivery:?}: {} of {from}", action.name());
                cells += 1;
            }
        }
        cells
    }

    #[test]
    fn every_cell_of_the_table_is_as_written() {
        assert_eq!(check(GUARANTEED, DeliveryType::Guaranteed), 110);
        assert_eq!(check(GUARANTEED, DeliveryType::Exclusive), 110);
        assert_eq!(check(PMP, DeliveryType::Pmp), 44);
        let shared: Vec<&str> = GUARANTEED.lines().skip(5).collect();
        assert_eq!(check(&shared.join("\n"), DeliveryType::Pmp), 66);
    }

    #[test]
    fn a_refusal_says_what_is_possible() {
        let no = LineBookingStatus::Draft
            .after(LineAction::Book, DeliveryType::Guaranteed)
            .expect_err("refused");
        assert_eq!(
            no.to_string(),
            "cannot book this line: it is Draft; possible now: reserve, cancel"
        );
        let no = LineBookingStatus::Draft
            .after(LineAction::Reserve, DeliveryType::Pmp)
            .expect_err("refused");
        assert_eq!(
            no.to_string(),
            "cannot reserve this line: it is Draft and a private-marketplace line holds no \
             inventory; possible now: book, cancel"
        );
        let no = LineBookingStatus::Finished
            .after(LineAction::Cancel, DeliveryType::Guaranteed)
            .expect_err("refused");
        assert_eq!(
            no.to_string(),
            "cannot cancel this line: it is Finished, and nothing more can be done with it"
        );
    }

    #[test]
    fn a_status_reads_in_any_case_and_either_spelling() {
        for status in LineBookingStatus::ALL {
            assert_eq!(status.name().to_lowercase().parse(), Ok(status));
            let json = serde_json::to_string(&status).expect("json");
            assert_eq!(json, format!("\"{status}\""));
            assert_eq!(
                serde_json::from_str::<LineBookingStatus>(&json).expect("back"),
                status
            );
        }
        assert_eq!("Canceled".parse(), Ok(LineBookingStatus::Cancelled));
        assert_eq!("CANCELLED".parse(), Ok(LineBookingStatus::Cancelled));
        assert_eq!("Done".parse::<LineBookingStatus>(), Err(UnknownStatus));
    }

    #[test]
    fn buyers_may_ask_for_three_actions_only() {
        assert_eq!(LineAction::of_buyer("reserve"), Some(LineAction::Reserve));
        assert_eq!(LineAction::of_buyer("book"), Some(LineAction::Book));
        assert_eq!(LineAction::of_buyer("cancel"), Some(LineAction::Cancel));
        for other in ["confirm_booking", "start", "Reserve", "", "expire"] {
            assert_eq!(LineAction::of_buyer(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn a_walk_never_leaves_the_table_and_an_end_is_an_end(
            steps in prop::collection::vec(0usize..11, 0..60),
            delivery in 0usize..3,
        ) {
            let delivery =
                [DeliveryType::Exclusive, DeliveryType::Guaranteed, DeliveryType::Pmp][delivery];
            let mut at = LineBookingStatus::Draft;
            for action in steps.into_iter().map(|step| LineActionKind::ALL[step]) {
                let next = at.step(action, delivery);
                prop_assert_eq!(next.is_some(), at.possible(delivery).contains(&action));
                prop_assert!(!at.is_final() || next.is_none());
                at = next.unwrap_or(at);
                let unheld = [LineBookingStatus::Reserved, LineBookingStatus::PendingReservation];
                prop_assert!(delivery != DeliveryType::Pmp || !unheld.contains(&at));
            }
        }
    }
}
