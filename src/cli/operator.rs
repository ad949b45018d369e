//! Who the command line is where it has charge of all tenants: an operator, if the settings let
//! it be an admin. Finds tenants by either of their names, and asks before something is gone.

use std::io::{IsTerminal as _, Write as _, stderr, stdin};

use super::{Ended, out};
use crate::{
    domain::{ids::TenantId, tenant::caller::house, text::echo},
    engine::{
        fault::{Fault, FaultKind},
        tenants::list::{ListTenants, MOST},
    },
    session::Session,
};

/// The session, with charge of all tenants.
pub fn of_house(session: &Session) -> Result<Session, Fault> {
    session.for_tenant(&house())
}

/// The session with charge of all tenants, asking for one of them.
pub async fn of_tenant(session: &Session, named: &str) -> Result<Session, Fault> {
    session.for_tenant(&find(session, named).await?)
}

/// Finds a tenant by its id or its subdomain.
async fn find(session: &Session, named: &str) -> Result<TenantId, Fault> {
    if named.parse::<TenantId>().is_err() {
        let said = format!("{} is no tenant's name", echo(named));
        return Err(Fault::new(FaultKind::Malformed, "INVALID_TENANT", said));
    }
    let question = ListTenants {
        search: Some(named.to_owned()),
        limit: Some(MOST),
        ..ListTenants::default()
    };
    let found = session.ask(question).await?.tenants;
    let by_id = found.iter().find(|one| one.tenant_id.as_str() == named);
    let by_name = found.iter().find(|one| one.subdomain == named);
    let one = by_id.or(by_name);
    let one = one.ok_or_else(|| {
        Fault::absent("tenant", named).hint("`flightdeck tenants list` lists them")
    })?;
    Ok(one.tenant_id.clone())
}

/// Has a person type the name of what will be gone, unless they gave it already.
pub fn agreed(name: &str, yes: Option<&str>, goes: &str) -> Result<(), Ended> {
    let typed = if let Some(given) = yes {
        given.to_owned()
    } else if stdin().is_terminal() {
        out::note(goes);
        write!(stderr(), "Type its name to agree, {}: ", echo(name))?;
        let mut line = String::new();
        stdin().read_line(&mut line)?;
        line.trim_end_matches(['\n', '\r']).to_owned()
    } else {
        let said = format!(
            "{goes}\nhint: agree with --yes and its name, {}",
            echo(name)
        );
        return Err(Ended::Usage(said));
    };
    if typed == name {
        return Ok(());
    }
    let said = format!(
        "{} is not its name, {}; nothing was done",
        echo(&typed),
        echo(name)
    );
    Err(Ended::Usage(said))
}

/// Reads a span such as `90s`, `30m`, `12h` or `30d`, in seconds.
pub fn seconds(flag: &str, text: &str) -> Result<u32, Ended> {
    let unusable = || {
        let said = format!("{flag}: {} is no span", echo(text));
        Ended::Usage(format!("{said}\nhint: write 90s, 30m, 12h or 30d"))
    };
    let unit = text.chars().next_back().ok_or_else(unusable)?;
    let each = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(unusable()),
    };
    let number: u32 = text[..text.len() - 1].parse().map_err(|_| unusable())?;
    number.checked_mul(each).ok_or_else(unusable)
}

/// Shows something once.
pub fn shown_once(what: &str, secret: Option<&str>) -> Result<(), Ended> {
    if let Some(secret) = secret {
        out::note(&format!("{what} is shown once. Keep it secret."));
        out::line(secret)?;
    }
    Ok(())
}
