//! Opens the house: makes the first management key, once. Whoever asks first has it; whoever
//! asks again is told that somebody has.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{KeyView, MadeKey, Wanted, mint};
use crate::{
    domain::{
        policy::Permission,
        tenant::{caller::house, role::Role},
    },
    engine::{
        fault::Fault,
        operation::{Kind, Operation},
        work::Work,
    },
    store::records::Opened,
};

/// Who the first management key is, as the audit trail names them.
const NAME: &str = "management";

/// Opens the house.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenHouse {}

impl Operation for OpenHouse {
    const NAME: &'static str = "house.open";
    const ABOUT: &'static str = "Make the first management key, once, and show it once.";
    const KIND: Kind = Kind::Command(Permission::RunEngine);
    type Output = MadeKey;

    async fn perform(self, work: &mut Work<'_>) -> Result<MadeKey, Fault> {
        work.about(format!("house/{}", Opened::ID));
        if work.get_in_house::<Opened>(Opened::ID).await?.is_some() {
            return Err(opened());
        }
        let (key, secret) = mint(work, Wanted::new(&house(), NAME, Role::Operator))?;
        work.create_in_house(&Opened {
            key_id: key.id.clone(),
        })?;
        Ok(MadeKey {
            key: Some(secret),
            view: KeyView::of(key, work.now()),
        })
    }

    fn kept(output: &MadeKey) -> serde_json::Result<String> {
        output.kept()
    }
}

/// Says whether the house was opened.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IsOpen {}

/// Whether the house was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct House {
    /// Whether somebody has had the first management key.
    pub open: bool,
}

impl Operation for IsOpen {
    const NAME: &'static str = "house.is_open";
    const ABOUT: &'static str = "Say whether the first management key was made.";
    const KIND: Kind = Kind::Query(Permission::RunEngine);
    type Output = House;

    async fn perform(self, work: &mut Work<'_>) -> Result<House, Fault> {
        let open = work.get_in_house::<Opened>(Opened::ID).await?.is_some();
        Ok(House { open })
    }
}

/// Says that somebody has had the first key.
#[must_use]
pub fn opened() -> Fault {
    Fault::conflict("ALREADY_INITIALIZED", "API key already initialized").hint(
        "it was shown once; where it is lost, `flightdeck keys make NAME --role operator` makes another",
    )
}
