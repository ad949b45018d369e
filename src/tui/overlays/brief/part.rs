//! The fields of the brief form as one table: what each is called, what it is for, what an
//! example of it looks like, and where a problem with it is named. Holds no values.

use crate::domain::booking::wants::Kind;

/// A field of the form, in the order in which they stand there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The campaign's name.
    Name,
    /// What it is for.
    Objectives,
    /// What may be spent.
    Budget,
    /// The currency of it.
    Currency,
    /// The first day.
    Start,
    /// The last day.
    End,
    /// Where to run.
    Channels,
    /// How old.
    Age,
    /// Which gender.
    Gender,
    /// Where they live.
    Geo,
    /// What they care for.
    Interests,
    /// On what they watch.
    Devices,
    /// What they speak.
    Language,
    /// What they earn.
    Income,
    /// What the advertisement stands beside.
    Context,
    /// The whole audience as JSON.
    Audience,
    /// The price per thousand that is aimed at.
    TargetCpm,
    /// The price per thousand that nothing may exceed.
    MaxCpm,
    /// Clicks per impression.
    Ctr,
    /// Completed views.
    Vcr,
    /// Viewable impressions.
    Viewability,
    /// How many people.
    Reach,
    /// How often each.
    Frequency,
    /// All KPIs as JSON.
    Kpis,
    /// Whether prices are talked about.
    Talks,
    /// The first offer.
    Opening,
    /// What each further offer adds.
    Step,
    /// The most, in percent.
    Ceiling,
    /// The most, as a price.
    CeilingCpm,
    /// How many offers.
    Rounds,
    /// Whether everything is approved in advance.
    AutoApprove,
}

/// How a field is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// By typing.
    Text,
    /// By ticking boxes.
    Ticks,
    /// By going through a few answers.
    Choice,
}

/// A run of fields under one heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Name, objectives, money, days, channels.
    Campaign,
    /// Whom to reach.
    Audience,
    /// What success is measured by.
    Kpis,
    /// Whether and how to talk about prices.
    Talks,
    /// What happens to the recommendations.
    Approval,
}

use Part as P;

/// Label, example, and the end of the path under which a problem names it.
const TABLE: [(Part, &str, &str, &str); 31] = [
    (P::Name, "Name", "Q3 Awareness Push", "name"),
    (
        P::Objectives,
        "Objectives",
        "brand_awareness, reach",
        "objectives",
    ),
    (P::Budget, "Budget", "25000", "budget"),
    (P::Currency, "Currency", "the desk's own", "currency"),
    (P::Start, "First day", "YYYY-MM-DD", "start_date"),
    (P::End, "Last day", "YYYY-MM-DD", "end_date"),
    (P::Channels, "Channels", "", "channels"),
    (P::Age, "Age", "18-34, 65+", ""),
    (P::Gender, "Gender", "female", ""),
    (P::Geo, "Places", "US, DE, New York", ""),
    (P::Interests, "Interests", "gaming, technology", ""),
    (P::Devices, "Devices", "mobile, ctv", ""),
    (P::Language, "Languages", "en, es", ""),
    (P::Income, "Income", "100k+", ""),
    (P::Context, "Beside", "sports, news", ""),
    (P::Audience, "Audience", "{}", "target_audience"),
    (P::TargetCpm, "Target CPM", "10", "target_cpm"),
    (P::MaxCpm, "Highest CPM", "20", "max_cpm"),
    (P::Ctr, "CTR %", "0.5", "ctr"),
    (P::Vcr, "VCR %", "70", "vcr"),
    (P::Viewability, "Viewability %", "70", "viewability"),
    (P::Reach, "Reach", "1000000 people", "reach"),
    (P::Frequency, "Frequency", "2.5 times each", "frequency"),
    (P::Kpis, "KPIs", "{}", "kpis"),
    (P::Talks, "Talk of prices", "", "enabled"),
    (
        P::Opening,
        "First offer %",
        "75 of the listed price",
        "opening_percent",
    ),
    (
        P::Step,
        "Each adds %",
        "7.5 of the listed price",
        "step_percent",
    ),
    (
        P::Ceiling,
        "At most %",
        "100 of the listed price",
        "ceiling_percent",
    ),
    (
        P::CeilingCpm,
        "At most CPM",
        "no other limit",
        "ceiling_cpm",
    ),
    (P::Rounds, "Offers", "3, at most 10", "rounds"),
    (P::AutoApprove, "Approve all", "", "auto_approve"),
];

impl Part {
    fn row(self) -> &'static (Self, &'static str, &'static str, &'static str) {
        &TABLE[self as usize]
    }

    /// All of them, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.0)
    }

    /// What it is called.
    #[must_use]
    pub fn label(self) -> &'static str {
        self.row().1
    }

    /// An example of what to type.
    #[must_use]
    pub fn example(self) -> &'static str {
        self.row().2
    }

    /// The last step of its path on the wire.
    #[must_use]
    pub fn wire(self) -> &'static str {
        self.row().3
    }

    /// Whether it is a share, which people tell in percent.
    #[must_use]
    pub fn is_rate(self) -> bool {
        matches!(self, Self::Ctr | Self::Vcr | Self::Viewability)
    }

    /// How it is filled in.
    #[must_use]
    pub fn shape(self) -> Shape {
        match self {
            Self::Channels => Shape::Ticks,
            Self::Talks | Self::AutoApprove => Shape::Choice,
            _ => Shape::Text,
        }
    }

    /// The heading that it stands under.
    #[must_use]
    pub fn group(self) -> Group {
        match self {
            _ if self <= Self::Channels => Group::Campaign,
            _ if self <= Self::Audience => Group::Audience,
            _ if self <= Self::Kpis => Group::Kpis,
            _ if self <= Self::Rounds => Group::Talks,
            _ => Group::Approval,
        }
    }

    /// What it says of an audience.
    #[must_use]
    pub fn kind(self) -> Option<Kind> {
        Some(match self {
            Self::Age => Kind::Age,
            Self::Gender => Kind::Gender,
            Self::Geo => Kind::Geo,
            Self::Interests => Kind::Interests,
            Self::Devices => Kind::Device,
            Self::Language => Kind::Language,
            Self::Income => Kind::Income,
            Self::Context => Kind::Context,
            _ => return None,
        })
    }

    /// Where it stands in an audience that is written here, and whether as a list.
    #[must_use]
    pub fn usual(self) -> (&'static [&'static str], bool) {
        match self {
            Self::Age => (&["demographics", "age"], false),
            Self::Gender => (&["demographics", "gender"], false),
            Self::Income => (&["demographics", "income"], false),
            Self::Geo => (&["geo"], true),
            Self::Interests => (&["interests"], true),
            Self::Devices => (&["devices"], true),
            Self::Language => (&["languages"], true),
            Self::Context => (&["context"], true),
            _ => (&[], false),
        }
    }

    /// The field that a problem is about, by its path.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let path = path.strip_prefix("brief.").unwrap_or(path);
        let steps: Vec<&str> = path.split(['.', '[']).collect();
        let find = |group: Group, wire: &str| {
            Self::all().find(|part| part.group() == group && part.wire() == wire)
        };
        match steps[..] {
            ["kpis", key, ..] => {
                let key = key.trim_end_matches("_usd");
                find(Group::Kpis, key).or(Some(Self::Kpis))
            }
            ["negotiation", key, ..] => find(Group::Talks, key).or(Some(Self::Talks)),
            ["negotiation"] => Some(Self::Talks),
            ["auto_approve"] => Some(Self::AutoApprove),
            [first, ..] => Self::all()
                .filter(|part| !matches!(part.group(), Group::Talks | Group::Approval))
                .filter(|part| part.group() != Group::Kpis || *part == Self::Kpis)
                .find(|part| !part.wire().is_empty() && part.wire() == first),
            [] => None,
        }
    }
}

impl Group {
    /// Its heading.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Campaign => "Campaign",
            Self::Audience => "Whom to reach",
            Self::Kpis => "What success is",
            Self::Talks => "Prices",
            Self::Approval => "Then",
        }
    }

    /// The field that holds all of it as JSON.
    #[must_use]
    pub fn raw(self) -> Option<Part> {
        match self {
            Self::Audience => Some(Part::Audience),
            Self::Kpis => Some(Part::Kpis),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_finds_its_own_row() {
        for part in Part::all() {
            assert_eq!(part.row().0, part);
        }
    }

    #[test]
    fn problems_find_their_field() {
        for (path, part) in [
            ("brief.name", Some(Part::Name)),
            ("brief.objectives[1]", Some(Part::Objectives)),
            ("brief.channels[0]", Some(Part::Channels)),
            ("brief.target_audience", Some(Part::Audience)),
            ("brief.target_audience.geo", Some(Part::Audience)),
            ("brief.kpis.target_cpm_usd", Some(Part::TargetCpm)),
            ("brief.kpis.mood", Some(Part::Kpis)),
            ("brief.kpis", Some(Part::Kpis)),
            ("brief.negotiation.rounds", Some(Part::Rounds)),
            ("end_date", Some(Part::End)),
            ("auto_approve", Some(Part::AutoApprove)),
            ("body", None),
        ] {
            assert_eq!(Part::of(path), part, "{path}");
        }
    }
}
