//! A line as a row of the triage: its columns, what they sort by, what filters find. The money
//! at risk comes first, each currency by itself and the desk's own on top.

use std::{borrow::Cow, hash::BuildHasher as _};

use foldhash::fast::FixedState;

use crate::{
    domain::{
        currency::Currency,
        ids::LineId,
        pacing::{alerts::Severity, ratio::Ratio, status::Status},
    },
    engine::pacing::row::PaceRow,
    tui::{
        clean::Clean,
        grid::column::{Column, Row, SortKey},
        paint::Look,
        panes::{jobs::rows::age, sums::short},
        theme::{Glyphs, Role},
    },
};

/// How many cells a delivery bar has.
const BAR: u16 = 10;
/// How wide an amount with its currency gets.
const MONEY: u16 = 12;
/// How many days a sparkline shows at most.
const SPARK: usize = 10;

impl Row for PaceRow {
    type Id = LineId;
    const COLUMNS: &'static [Column<Self>] = COLUMNS;
    const SORTED: (usize, bool) = (4, true);
    const SIGNED: Option<usize> = Some(0);
    const LAZY: bool = true;
    const NAMED: bool = true;

    fn id(&self) -> LineId {
        self.line_id
    }

    fn stamp(&self) -> i64 {
        let as_of = self.as_of.map(|at| at.timestamp());
        let all = (self.revision, as_of, self.status, self.alerts, self.end);
        i64::from_ne_bytes(FixedState::default().hash_one(all).to_ne_bytes())
    }
}

macro_rules! column {
    ($id:literal $title:literal $width:literal $rank:literal $way:ident,
     $text:expr, $role:expr, $plain:expr, $key:expr) => {
        Column {
            id: $id,
            title: $title,
            width: $width,
            rank: $rank,
            grows: column!(grows $way),
            right: column!(right $way),
            text: $text,
            role: $role,
            plain: $plain,
            key: $key,
        }
    };
    (grows grows) => { true };
    (grows $other:ident) => { false };
    (right right) => { true };
    (right $other:ident) => { false };
}

/// Muted text.
fn muted(_: &PaceRow) -> Role {
    Role::Muted
}

/// Plain text.
fn text(_: &PaceRow) -> Role {
    Role::Text
}

/// A number with a mark, where it is known.
fn or_dash(number: Option<Ratio>, shown: impl FnOnce(Ratio) -> Clean) -> Clean {
    number.map_or_else(|| "-".into(), shown)
}

fn plain(number: Option<Ratio>) -> Cow<'static, str> {
    number.map_or(Cow::Borrowed(""), |number| number.shown(4).into())
}

/// Sorts by a number; what has none comes last.
fn key(number: Option<Ratio>) -> SortKey<'static> {
    let thousandths = number.and_then(|number| number.times(Ratio::whole(10_000)));
    SortKey::Number(thousandths.map_or(i128::MAX, Ratio::floor))
}

const COLUMNS: &[Column<PaceRow>] = &[
    column!("status" "STATUS" 14 2 left,
        |row, look| clean!("{} {}", sign(row.status, look.glyphs), words(row.status)),
        |row| role(row.status), |row| row.status.name().into(),
        |row| SortKey::Number(urgency(row.status))),
    column!("line" "LINE" 14 0 grows,
        |row, _| Clean::new(&row.line), text, |row| (&*row.line).into(),
        |row| SortKey::text(&row.line)),
    column!("delivery" "DELIVERY" 10 2 left,
        |row, look| bar(row, look.glyphs), |row| role(row.status),
        |row| plain(figure(row, |f| f.rate_pct)), |row| key(figure(row, |f| f.rate_pct))),
    column!("index" "INDEX" 5 2 right,
        |row, _| or_dash(figure(row, |f| f.index), |index| clean!("{index:.2}")),
        |row| role(row.status), |row| plain(figure(row, |f| f.index)),
        |row| key(figure(row, |f| f.index))),
    column!("risk" "AT RISK" 12 1 right,
        |row, _| at_risk(row),
        |row| if row.stake().is_some_and(|stake| stake > 0) { Role::Warn } else { Role::Muted },
        |row| plain(figure(row, |f| f.at_risk)), |row| SortKey::Number(risk(row))),
    column!("alerts" "ALERT" 5 3 left,
        |row, look| alerts(row, look.glyphs), |row| severity(row.severity),
        |row| row.alerts.to_string().into(),
        |row| SortKey::Number(row.alerts.into())),
    column!("left" "LEFT" 5 4 right,
        |row, _| or_dash(figure(row, |f| Some(f.days_left)), |days| if days < Ratio::whole(10) { clean!("{days:.1} d") } else { clean!("{days:.0} d") }),
        muted, |row| plain(figure(row, |f| Some(f.days_left))),
        |row| key(figure(row, |f| Some(f.days_left)))),
    column!("projected" "ENDS AT" 8 3 right,
        |row, _| ends(row), |row| role(row.status),
        |row| plain(figure(row, |f| f.projected_share)),
        |row| key(figure(row, |f| f.projected_share))),
    column!("delivered" "DELIVERED/GOAL" 14 6 right,
        |row, _| clean!("{}/{}", count(row.delivered), count(row.goal)), text,
        |row| plain(row.delivered), |row| key(row.delivered)),
    column!("required" "NEEDS/DAY" 9 7 right,
        |row, _| count(figure(row, |f| f.required_daily)), text,
        |row| plain(figure(row, |f| f.required_daily)),
        |row| key(figure(row, |f| f.required_daily))),
    column!("lift" "LIFT" 6 8 right,
        |row, _| or_dash(figure(row, |f| f.lift), |lift| clean!("{lift:.2}x")),
        |row| if figure(row, |f| f.lift).is_some_and(|lift| lift > Ratio::percent(130)) { Role::Warn } else { Role::Muted },
        |row| plain(figure(row, |f| f.lift)), |row| key(figure(row, |f| f.lift))),
    column!("days" "LAST DAYS" 10 6 left,
        |row, look| spark(&row.spark, look.glyphs), |_| Role::Accent,
        |_| "".into(), |row| SortKey::Number(row.spark.last().copied().unwrap_or(0).into())),
    column!("spent" "SPENT/BUDGET" 17 7 right,
        |row, _| clean!("{}/{}", count(row.spent), count(row.budget)), muted,
        |row| plain(row.spent), |row| key(figure(row, |f| f.budget_pct))),
    column!("ecpm" "ECPM" 6 10 right,
        |row, _| or_dash(row.ecpm, |one| clean!("{one:.2}")), muted,
        |row| plain(row.ecpm), |row| key(row.ecpm)),
    column!("ctr" "CTR" 6 10 right,
        |row, _| or_dash(row.ctr, |one| clean!("{one:.2}%")), muted,
        |row| plain(row.ctr), |row| key(row.ctr)),
    column!("vcr" "VCR" 5 11 right,
        |row, _| or_dash(row.vcr, |one| clean!("{one:.0}%")), muted,
        |row| plain(row.vcr), |row| key(row.vcr)),
    column!("view" "VIEW" 5 11 right,
        |row, _| or_dash(row.viewability, |one| clean!("{one:.0}%")), muted,
        |row| plain(row.viewability), |row| key(row.viewability)),
    column!("age" "AGE" 6 9 right,
        |row, look| row.as_of.map_or_else(|| "-".into(), |at| age(at, look)),
        |row| if row.chips.iter().any(|chip| chip.starts_with("stale")) { Role::Warn } else { Role::Muted },
        |row| row.as_of.map_or(Cow::Borrowed(""), |at| at.format("%Y-%m-%d %H:%M").to_string().into()),
        |row| SortKey::Number(row.as_of.map_or(0, |at| at.timestamp()).into())),
    column!("upstream" "THEIRS" 6 12 right,
        |row, _| or_dash(row.upstream_index, |one| clean!("{one:.2}")), muted,
        |row| plain(row.upstream_index), |row| key(row.upstream_index)),
    column!("order" "ORDER" 16 8 left,
        |row, _| Clean::new(&row.order), muted, |row| (&*row.order).into(),
        |row| SortKey::text(&row.order)),
    column!("buyer" "BUYER" 11 9 left,
        |row, _| Clean::new(&row.owner), muted, |row| (&*row.owner).into(),
        |row| SortKey::text(&row.owner)),
    column!("type" "TYPE" 14 12 left,
        |row, _| Clean::from(row.item_type.name()), muted, |row| row.item_type.name().into(),
        |row| SortKey::Number(row.priority.unwrap_or(99).into())),
    column!("currency" "CUR" 4 13 left,
        |row, _| row.currency.map_or("-", Currency::code).into(), muted,
        |row| row.currency.map_or("", Currency::code).into(),
        |row| SortKey::Text(row.currency.map_or("", Currency::code).into())),
    column!("id" "ID" 36 14 left,
        |row, _| Clean::of(row.line_id), muted, |row| row.line_id.to_string().into(),
        |row| SortKey::Text(row.line_id.to_string().into())),
];

fn figure(
    row: &PaceRow,
    of: impl FnOnce(&crate::engine::pacing::row::PaceFigures) -> Option<Ratio>,
) -> Option<Ratio> {
    of(row.figures.as_ref()?)
}

/// Downwards, where something is at risk comes first, each currency by itself, the desk's own
/// before the others, and most at risk on top; then those where nothing is, then those that cannot
/// tell.
fn risk(row: &PaceRow) -> i128 {
    let code = row.currency.map_or("ZZZ", Currency::code);
    let code = code
        .bytes()
        .fold(0i128, |sum, letter| sum * 256 + i128::from(letter));
    let stake = row.stake();
    let group = match stake {
        Some(stake) if stake > 0 => 2i128,
        Some(_) => 1,
        None => 0,
    };
    let own = i128::from(row.own_currency);
    (group << 121) + (own << 120) - (code << 96) + stake.unwrap_or(0)
}

/// An amount with its currency's decimals.
#[must_use]
pub fn money(amount: Option<Ratio>, currency: Option<Currency>) -> Clean {
    let decimals = currency.map_or(2, Currency::decimals);
    let decimals = usize::try_from(decimals).unwrap_or(2);
    or_dash(amount, |amount| clean!("{amount:.decimals$}"))
}

/// What is at risk, in its currency.
fn at_risk(row: &PaceRow) -> Clean {
    let amount = figure(row, |figures| figures.at_risk);
    match amount.zip(row.currency) {
        Some((amount, currency)) => in_room(amount, currency),
        None => money(amount, row.currency),
    }
}

/// An amount with its currency, as exactly as there is room for.
fn in_room(amount: Ratio, currency: Currency) -> Clean {
    let least = clean!("{} {}", count(Some(amount)), currency.code());
    let exact = money(Some(amount), Some(currency));
    let all = [exact, clean!("{amount:.0}")].into_iter();
    let mut all = all.map(|shown| clean!("{shown} {}", currency.code()));
    all.find(|shown| shown.width() <= MONEY).unwrap_or(least)
}

/// A count in few digits.
#[must_use]
pub fn count(number: Option<Ratio>) -> Clean {
    or_dash(number, |number| {
        u64::try_from(number.nearest()).map_or_else(|_| clean!("{number:.0}"), short)
    })
}

/// Where it will end, in per cent of its goal.
fn ends(row: &PaceRow) -> Clean {
    let figures = row.figures.as_ref();
    let band = figures.and_then(|figures| figures.projected).zip(row.goal);
    let percent = |end: Ratio, goal: Ratio| end.times(Ratio::HUNDRED)?.over(goal);
    let shares = band.and_then(|((least, most), goal)| {
        Some((
            percent(least, goal)?.nearest(),
            percent(most, goal)?.nearest(),
        ))
    });
    match shares {
        None => "-".into(),
        Some((least, most)) if least == most => clean!("{least}%"),
        Some((least, most)) => clean!("{least}-{most}%"),
    }
}

/// Delivered of the goal, with a mark where it should be.
#[must_use]
pub fn bar(row: &PaceRow, glyphs: &Glyphs) -> Clean {
    let share = |part: Option<Ratio>| {
        let share = part?.over(row.goal?)?.approximate();
        Some((share * f64::from(BAR)).round())
    };
    let Some(done) = share(row.delivered) else {
        return "-".into();
    };
    let due = share(figure(row, |figures| figures.expected));
    let [full, empty] = glyphs.bar;
    let mark = if full.is_ascii() { "|" } else { "┃" };
    let mut bar = String::new();
    for at in 0..BAR {
        let here = f64::from(at);
        let marked = due.is_some_and(|due| due > 0.0 && ((due - 1.0).max(0.0) - here).abs() < 0.5);
        bar.push_str(match (marked, here < done) {
            (true, _) => mark,
            (false, true) => full,
            (false, false) => empty,
        });
    }
    Clean::new(&bar)
}

/// The last days as bars.
#[must_use]
pub fn spark(days: &[u64], glyphs: &Glyphs) -> Clean {
    const TALL: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    const PLAIN: [&str; 8] = ["_", ".", ":", "-", "=", "+", "*", "#"];
    let signs = if glyphs.bar[0].is_ascii() {
        PLAIN
    } else {
        TALL
    };
    let last = &days[days.len().saturating_sub(SPARK)..];
    let most = last.iter().copied().max().unwrap_or(0).max(1);
    let sign = |day: &u64| {
        let at = usize::try_from(u128::from(*day) * 7 / u128::from(most)).unwrap_or(0);
        signs[at.min(7)]
    };
    Clean::new(&last.iter().map(sign).collect::<String>())
}

fn alerts(row: &PaceRow, glyphs: &Glyphs) -> Clean {
    match row.severity {
        None => "".into(),
        Some(Severity::Critical) => clean!("{} {}", glyphs.wrong, row.alerts),
        Some(Severity::Warning) => clean!("! {}", row.alerts),
        Some(Severity::Info) => clean!("i {}", row.alerts),
    }
}

/// How bad something is.
#[must_use]
pub fn severity(severity: Option<Severity>) -> Role {
    match severity {
        Some(Severity::Critical) => Role::Bad,
        Some(Severity::Warning) => Role::Warn,
        Some(Severity::Info) | None => Role::Muted,
    }
}

/// A status in words.
#[must_use]
pub fn words(status: Status) -> &'static str {
    match status {
        Status::CriticalBehind => "far behind",
        Status::CriticalAhead => "far ahead",
        Status::NotDelivering => "no delivery",
        Status::OnTrack => "on track",
        Status::AtRisk => "at risk",
        Status::GoalMet => "goal met",
        Status::EndedMet => "ended met",
        Status::EndedOver => "ended over",
        Status::EndedShort => "ended short",
        Status::WarmingUp => "warming up",
        Status::NotStarted => "not started",
        Status::NoData => "no data",
        Status::NoGoal => "no goal",
        Status::PendingApproval => "for approval",
        Status::PendingCreatives => "no creative",
        other => other.name(),
    }
}

/// The sign of a status.
#[must_use]
pub fn sign(status: Status, glyphs: &Glyphs) -> &'static str {
    if !glyphs.bar[0].is_ascii() {
        return status.sign();
    }
    match status.sign() {
        "▼▼" => "vv",
        "▼" => "v",
        "●" => "o",
        "▲" => "^",
        "▲▲" => "^^",
        "◆" => "!",
        "‖" => "=",
        "✗" => "x",
        "○" => ".",
        _ => "-",
    }
}

/// What a status means.
#[must_use]
pub fn role(status: Status) -> Role {
    match status {
        Status::CriticalBehind | Status::NotDelivering | Status::EndedShort | Status::Rejected => {
            Role::Bad
        }
        Status::Behind
        | Status::AtRisk
        | Status::CriticalAhead
        | Status::EndedOver
        | Status::Paused
        | Status::PendingCreatives
        | Status::PendingApproval => Role::Warn,
        Status::OnTrack | Status::GoalMet | Status::EndedMet => Role::Good,
        Status::Ahead => Role::Accent,
        _ => Role::Muted,
    }
}

/// The most urgent first.
fn urgency(status: Status) -> i128 {
    const ORDER: [Status; 12] = [
        Status::NotDelivering,
        Status::CriticalBehind,
        Status::Behind,
        Status::AtRisk,
        Status::CriticalAhead,
        Status::PendingCreatives,
        Status::Paused,
        Status::NoData,
        Status::Ahead,
        Status::WarmingUp,
        Status::OnTrack,
        Status::NotStarted,
    ];
    let at = ORDER.iter().position(|one| *one == status);
    at.and_then(|at| i128::try_from(at).ok()).unwrap_or(99)
}

/// When figures were counted, as the look of a list has it.
#[must_use]
pub fn counted(row: &PaceRow, look: &Look<'_>) -> Clean {
    match row.as_of {
        Some(at) => {
            let when = at.format("%b %d %H:%M UTC");
            match age(at, look).as_str() {
                "now" => clean!("counted until {when}, just now"),
                old => clean!("counted until {when}, {old} ago"),
            }
        }
        None => "nobody counted yet".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_never_loses_its_currency_for_room() {
        for (amount, said) in [
            ("0", "0.00 USD"),
            ("1681.41", "1,681.41 USD"),
            ("25000.55", "25,001 USD"),
            ("400141.08", "400,141 USD"),
            ("4000000", "4.00 M USD"),
        ] {
            let amount: crate::domain::money::Amount = amount.parse().expect("an amount");
            let shown = in_room(amount.into(), Currency::USD);
            assert_eq!(shown.as_str(), said);
            assert!(shown.width() <= MONEY);
        }
    }
}
