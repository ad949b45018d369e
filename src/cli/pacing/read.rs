//! Lines as tables: how they pace, and one of them in full.

use chrono::{Days, NaiveTime};

use super::{List, Show};
use crate::{
    cli::{Ended, out},
    domain::{
        currency::Currency,
        ids::{Id, LineId, NotAnId},
        pacing::{ratio::Ratio, status::Status},
        text::echo,
        when::{Instant, parse_day, stored},
    },
    engine::pacing::{
        get::{GetPacing, Pace},
        list::{ListPacing, PacePage},
        row::PaceRow,
    },
    session::Session,
};

/// A number with so many decimals, or a mark where there is none.
pub fn shown(number: Option<Ratio>, decimals: usize) -> String {
    number.map_or_else(|| "-".into(), |number| format!("{number:.decimals$}"))
}

/// An amount in its currency.
pub fn money(amount: Option<Ratio>, currency: Option<Currency>) -> String {
    let decimals = currency.map_or(2, Currency::decimals);
    let code = currency.map_or("", Currency::code);
    let shown = shown(amount, usize::try_from(decimals).unwrap_or(2));
    format!("{shown} {code}").trim_end().to_owned()
}

/// Reads an id.
pub fn id<I: Id + std::str::FromStr<Err = NotAnId>>(text: &str) -> Result<I, Ended> {
    text.parse().map_err(|_| {
        let said = format!("{} is no id of a {}", echo(text), I::NOUN);
        Ended::Usage(said)
    })
}

/// Reads `yesterday`, `today`, a day, or a time with its offset.
pub fn time(session: &Session, flag: &str, text: &str) -> Result<Instant, Ended> {
    let today = session.now().date_naive();
    let day = match text {
        "today" => Some(today),
        "yesterday" => today.checked_sub_days(Days::new(1)),
        day => parse_day(day),
    };
    if let Some(day) = day {
        return Ok(day.and_time(NaiveTime::MIN).and_utc());
    }
    let at = chrono::DateTime::parse_from_rfc3339(text);
    at.map(|at| stored(at.to_utc())).map_err(|_| {
        let said = format!("{flag}: {} is neither a day nor a time", echo(text));
        Ended::Usage(format!(
            "{said}\nhint: yesterday, 2026-07-01 or 2026-07-01T06:00:00Z"
        ))
    })
}

fn statuses(named: &[String]) -> Result<Option<Vec<Status>>, Ended> {
    let read = |name: &String| {
        let found = Status::ALL.into_iter().find(|one| one.name() == name);
        found.ok_or_else(|| {
            let names: Vec<&str> = Status::ALL.iter().map(|one| one.name()).collect();
            let said = format!("--status: {} is no status", echo(name));
            Ended::Usage(format!("{said}\nhint: known are {}", names.join(", ")))
        })
    };
    let all: Vec<Status> = named.iter().map(read).collect::<Result<_, _>>()?;
    Ok(Some(all).filter(|all| !all.is_empty()))
}

/// Lists lines.
pub async fn list(session: &Session, list: List, as_json: bool) -> Result<(), Ended> {
    let as_of = list.as_of.as_deref();
    let ask = ListPacing {
        status: statuses(&list.status)?,
        search: list.search,
        media_buy_id: list.buy.as_deref().map(Into::into),
        ended: list.ended,
        by_order: list.by_order,
        as_of: as_of
            .map(|text| time(session, "--as-of", text))
            .transpose()?,
        limit: list.limit,
        cursor: list.cursor,
        ..ListPacing::default()
    };
    let by_order = ask.by_order;
    let page = session.ask(ask).await?;
    if as_json {
        return out::json(&page);
    }
    if by_order {
        orders(&page)?;
    } else {
        lines(&page.lines)?;
    }
    sums(&page)
}

fn lines(rows: &[PaceRow]) -> Result<(), Ended> {
    let mut table = out::Table::new(&[
        "STATUS",
        "LINE",
        "ORDER",
        "INDEX",
        "AT RISK",
        "DELIVERED",
        "GOAL",
        "ENDS AT",
        "LEFT",
        "ALERTS",
        "LINE ID",
    ])
    .right(&[3, 4, 5, 6, 7, 8, 9]);
    for row in rows {
        let f = row.figures.as_ref();
        let ends = f.and_then(|f| f.projected_share?.times(Ratio::HUNDRED));
        table.row(&[
            format!("{} {}", row.status.sign(), row.status.name()),
            row.line.to_string(),
            row.order.to_string(),
            shown(f.and_then(|f| f.index), 2),
            money(f.and_then(|f| f.at_risk), row.currency),
            shown(row.delivered, 0),
            shown(row.goal, 0),
            ends.map_or_else(|| "-".into(), |ends| format!("{ends:.0} %")),
            f.map_or_else(|| "-".into(), |f| format!("{:.1} d", f.days_left)),
            row.alerts.to_string(),
            row.line_id.to_string(),
        ]);
    }
    table.print()
}

fn orders(page: &PacePage) -> Result<(), Ended> {
    let mut table = out::Table::new(&[
        "ORDER", "OWNER", "LINES", "INDEX", "SPENT", "AT RISK", "ALERTS",
    ])
    .right(&[2, 3, 4, 5, 6]);
    for order in &page.orders {
        let index = order.sums.first().and_then(|sums| sums.index);
        let spent = order.sums.first().map(|sums| sums.spent);
        table.row(&[
            order.order.to_string(),
            order.owner.to_string(),
            order.lines.to_string(),
            shown(index, 2),
            money(spent, order.currency),
            money(Some(order.at_risk), order.currency),
            order.alerts.to_string(),
        ]);
    }
    table.print()
}

fn sums(page: &PacePage) -> Result<(), Ended> {
    for sums in &page.sums {
        let risk = money(Some(sums.at_risk), sums.currency);
        let index = shown(sums.index, 2);
        out::line(&format!(
            "{} lines: index {index}, {risk} at risk",
            sums.lines
        ))?;
    }
    if page.lines.is_empty() {
        out::note("no line runs");
    }
    if let Some(cursor) = &page.next_cursor {
        out::note(&format!("there is more: --cursor {cursor}"));
    }
    Ok(())
}

/// Shows one line.
pub async fn show(session: &Session, show: &Show, as_json: bool) -> Result<(), Ended> {
    let line_id: LineId = id(&show.line_id)?;
    let as_of = show.as_of.as_deref();
    let as_of = as_of
        .map(|text| time(session, "--as-of", text))
        .transpose()?;
    let pace = session.ask(GetPacing { line_id, as_of }).await?;
    if as_json {
        return out::json(&pace);
    }
    told(&pace)
}

fn told(pace: &Pace) -> Result<(), Ended> {
    let row = &pace.row;
    out::line(&format!("{} of {} ({})", row.line, row.order, row.owner))?;
    out::line(&format!("{} {}", row.status.sign(), row.status.name()))?;
    for chip in &row.chips {
        out::line(&format!("! {chip}"))?;
    }
    let mut table = out::Table::new(&["FIGURE", "VALUE", "ARITHMETIC"]).right(&[1]);
    for figure in &pace.figures {
        let value = figure.value.clone().unwrap_or_else(|| "-".into());
        let sum = figure.sum.strip_prefix(&value).unwrap_or(&figure.sum);
        let sum = sum.trim_start_matches([' ', '=', ':']).to_owned();
        table.row(&[figure.name.clone(), value, sum]);
    }
    table.print()?;
    for (n, reason) in pace.reasons.iter().enumerate() {
        out::line(&format!("why {}: {}", n + 1, reason.evidence))?;
    }
    for alert in &pace.alerts {
        out::line(&format!("alert {}: {}", alert.rule.code(), alert.said))?;
    }
    Ok(())
}
