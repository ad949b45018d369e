//! Orders a media buy: what nobody has to agree to is booked at once, what is promised waits
//! for the publisher. The buy, its order, its lines and the question to the publisher are
//! written together or not at all.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Map;

use super::{
    artifacts, ask_publisher, guard, hand,
    place::{Place, Priced, account, money, package, priced},
    readiness, refused, tell, upstream,
    view::{BuyView, Ordered},
    watch,
};
use crate::{
    domain::{
        adcp::{
            self,
            account::{Account, AccountRef},
            governance::Verdict,
            offer::line_item_type,
            proposal::{Allocation, InsertionOrder},
        },
        ids::{BuyId, OrderId, PackageId},
        media_buy::{
            action::guaranteed,
            approval::Wanted,
            buy::{MediaBuy, Particulars},
            draft::{BuyDraft, PackageDraft, Span},
            history::{Done, Entry},
            package::days,
            status::BuyStatus,
            terms::Spread,
        },
        money::Money,
        opendirect::order::{Order, OrderDraft},
        policy::Permission,
        problem::{Code, Problem},
        sandbox::Staged,
        text,
    },
    engine::{
        accounts, ad_orders,
        discovery::proposals,
        fault::Fault,
        governance::{self, Sealed},
        operation::{Kind, Operation},
        sandbox,
        seller::orders,
        webhooks,
        work::Work,
    },
    store::record::Stored,
};

/// The longest name of a buy, which its order takes over.
const LONGEST_NAME: usize = 100;

/// Orders a media buy.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateBuy {
    /// What is ordered.
    pub draft: BuyDraft,
    /// The account that pays for it.
    #[serde(default)]
    pub account: Option<AccountRef>,
    /// Put it together only: what is promised is laid before the publisher when the buyer
    /// says so, and not at once.
    #[serde(default)]
    pub keep_draft: bool,
    /// What the account's governance agents said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub governed: Option<Sealed>,
}

impl Operation for CreateBuy {
    const NAME: &'static str = "media_buys.create";
    const ABOUT: &'static str =
        "Order a media buy; what is promised waits for the publisher's approval.";
    const KIND: Kind = Kind::Command(Permission::TradeBuys);
    type Output = Ordered;

    async fn perform(self, work: &mut Work<'_>) -> Result<Ordered, Fault> {
        if work.desk().agents.of(work.tenant()).is_some() {
            return upstream::keep::create(work, self.draft).await;
        }
        let mut ordered = self.order(work, None).await?;
        ad_orders::beside(work, &mut ordered.buy).await?;
        Ok(ordered)
    }
}

/// What a buy and its packages are called, where somebody else has named them.
pub(in crate::engine) struct Called {
    /// The buy.
    pub id: BuyId,
    /// Its packages, as far as they are named.
    pub packages: Vec<PackageId>,
}

impl CreateBuy {
    /// Orders, under a given name where there is one.
    ///
    /// # Errors
    /// When it cannot be ordered so.
    pub(in crate::engine) async fn order(
        mut self,
        work: &mut Work<'_>,
        called: Option<Called>,
    ) -> Result<Ordered, Fault> {
        let asked = Box::new(self.clone());
        sandbox::shorten(work, &mut self.draft);
        let problems = self.draft.problems(work.now());
        if !problems.is_empty() {
            return Err(Fault::invalid(problems));
        }
        webhooks::check_all(work, &self.draft.particulars)?;
        let span = self.draft.span(work.now()).map_err(Fault::field)?;
        let mut draft = self.draft;
        let account = pays(work, self.account.as_ref()).await?;
        let mut drafts = draft.packages.take().unwrap_or_default();
        if drafts.is_empty() {
            drafts = proposed(work, &draft).await?;
        }
        let all = priced(work, drafts, "packages").await?;
        draft.particulars.governance = Vec::new();
        if let Some(account) = account.as_ref().filter(|one| is_governed(one)) {
            draft.particulars.governance = agreed(work, account, &asked)?;
        }
        let (account_id, sandbox) = match account {
            Some(account) => (Some(account.account_id), account.sandbox),
            None => (None, false),
        };
        let name = name(draft.name.as_deref(), &draft.particulars, &all)?;
        let order = Wish {
            name,
            span,
            particulars: draft.particulars,
            account_id,
            sandbox,
            keep_draft: self.keep_draft,
            staged: sandbox::arm::take(work).await?,
        };
        order.place(work, all, called).await
    }
}

/// The account that pays, opened where it is not there yet.
async fn pays(work: &mut Work<'_>, account: Option<&AccountRef>) -> Result<Option<Account>, Fault> {
    let Some(account) = account else {
        return Ok(None);
    };
    let (account, _) = accounts::find_or_open(work, account).await?;
    accounts::usable(&account)?;
    Ok(Some(account))
}

fn is_governed(account: &Account) -> bool {
    !account.governance_agents.is_empty()
}

/// What those said who govern the account; a plan is needed for them to go by.
fn agreed(work: &Work<'_>, account: &Account, asked: &CreateBuy) -> Result<Vec<Verdict>, Fault> {
    tracing::debug!(account = account.account_id, "is governed");
    if asked.draft.particulars.plan_id.is_none() {
        return Err(governance::questions::no_plan());
    }
    governance::admit(work, asked, asked.governed.as_ref())
}

/// The packages that carry out a proposal: its parts of the money, to the cent.
pub(in crate::engine) async fn proposed(
    work: &Work<'_>,
    draft: &BuyDraft,
) -> Result<Vec<PackageDraft>, Fault> {
    let said = &draft.particulars;
    let (Some(id), Some(total)) = (&said.proposal_id, &draft.total_budget) else {
        return Err(Fault::broken(
            "a checked order without packages or proposal",
        ));
    };
    let proposal = proposals::find_committed(work, id).await?;
    if let Some(order) = &proposal.insertion_order {
        accepted(order, said)?;
    }
    let total = money(total.amount, total.currency, "total_budget.amount")?;
    let weights: Vec<u64> = proposal
        .allocations
        .iter()
        .map(|one| u64::from(one.allocation_percentage))
        .collect();
    let parts = total.split(&weights).into_iter().zip(proposal.allocations);
    let package = |(budget, one): (Money, Allocation)| PackageDraft {
        product_id: one.product_id.into(),
        budget: budget.amount(),
        pricing_option_id: one
            .pricing_option_id
            .unwrap_or_else(|| "default".to_owned()),
        bid_price: None,
        impressions: None,
        pacing: Spread::Even,
        start_time: None,
        end_time: None,
        paused: false,
        creative_assignments: Vec::new(),
        creatives: Vec::new(),
        rest: Map::new(),
    };
    Ok(parts.map(package).collect())
}

/// Refuses an order that accepts another insertion order than the proposal's, or none where it
/// has to be signed.
fn accepted(order: &InsertionOrder, said: &Particulars) -> Result<(), Fault> {
    let accepted = said.io_acceptance.as_ref().and_then(|io| io.get("io_id"));
    let (code, field, message) = match accepted.and_then(|id| id.as_str()) {
        Some(id) if id == order.io_id => return Ok(()),
        None if !order.requires_signature => return Ok(()),
        None => {
            let message = format!("the insertion order {} has to be accepted", order.io_id);
            (adcp::error::Code::IoRequired, "io_acceptance", message)
        }
        Some(_) => {
            let message = format!("the insertion order of the proposal is {}", order.io_id);
            let code = if order.requires_signature {
                adcp::error::Code::IoRequired
            } else {
                adcp::error::Code::InvalidRequest
            };
            (code, "io_acceptance.io_id", message)
        }
    };
    Err(Fault::adcp(code, message).with("field", field))
}

/// An order whose packages are priced.
struct Wish {
    name: String,
    span: Span,
    particulars: Particulars,
    account_id: Option<String>,
    sandbox: bool,
    keep_draft: bool,
    /// What a tester wants told of its task, which it then is.
    staged: Option<Staged>,
}

/// What becomes of an order at once.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Agreed,
    Asked,
    Kept,
}

impl Wish {
    async fn place(
        self,
        work: &mut Work<'_>,
        all: Vec<Priced>,
        called: Option<Called>,
    ) -> Result<Ordered, Fault> {
        let currency = all.first().map(|one| one.budget.currency());
        let currency = currency.ok_or_else(|| Fault::broken("a buy without packages"))?;
        let total = Money::sum(currency, all.iter().map(|one| one.budget)).map_err(|wrong| {
            Fault::field(Problem::new(
                "packages",
                Code::INVALID_BUDGET,
                wrong.to_string(),
            ))
        })?;
        let fate = self.fate(work, &all, total).await?;
        let owner = work.caller().name.clone();
        let (order_id, now): (OrderId, _) = (work.mint(), work.now());
        let minted = || BuyId::from(format!("mb_{}", uuid::Uuid::from(order_id).simple()));
        let (id, names) = match called {
            Some(called) => (called.id, called.packages),
            None => (minted(), Vec::new()),
        };
        work.about(format!("media_buy/{id}"));
        let order = self.order(work, (order_id, &owner), total, fate).await?;
        let agreed = fate == Fate::Agreed;
        let place = Place {
            order: &order,
            buy: &id,
            name: &self.name,
            span: self.span,
            agreed,
            owner: &owner,
        };
        let mut taken = Vec::new();
        let mut packages = Vec::with_capacity(all.len());
        for one in all {
            packages.push(package(work, &place, one, &mut taken).await?);
        }
        for (package, name) in packages.iter_mut().zip(names) {
            package.id = name;
        }
        let history = vec![created(work, &owner, total)];
        let buy = MediaBuy {
            id,
            owner,
            account_id: self.account_id,
            order_id,
            name: self.name,
            currency,
            start: self.span.start,
            end: self.span.end,
            status: BuyStatus::Draft,
            sandbox: self.sandbox,
            packages,
            particulars: self.particulars,
            revision: 1,
            confirmed_at: None,
            creative_deadline: Some(self.span.start.max(now)),
            cancellation: None,
            rejection: None,
            approval_id: None,
            archived_at: None,
            history,
            upstream: None,
        };
        finish(work, buy, fate, (&taken, self.staged)).await
    }

    async fn order(
        &self,
        work: &mut Work<'_>,
        (id, owner): (OrderId, &str),
        total: Money,
        fate: Fate,
    ) -> Result<Stored<Order>, Fault> {
        let (first, last) = days(self.span.start, self.span.end);
        let draft = OrderDraft {
            name: self.name.clone(),
            publisher_id: None,
            brand_id: None,
            currency: total.currency(),
            budget: total.amount(),
            start: first,
            end: last,
            ext: None,
        };
        let account = account(work, owner).await?;
        orders::carry(work, draft, id, account, fate == Fate::Agreed)
    }

    async fn fate(&self, work: &Work<'_>, all: &[Priced], total: Money) -> Result<Fate, Fault> {
        let features = guard::features(work).await?;
        let flight = days(self.span.start, self.span.end);
        guard::afford(total, flight, features.max_daily_budget)?;
        let types = all.iter().map(|one| line_item_type(&one.product));
        let promised = !guaranteed(types).is_empty();
        let from = work.desk().sign_off_from;
        Ok(match (promised, self.keep_draft) {
            _ if self.staged.is_some() => Fate::Asked,
            (true, true) => Fate::Kept,
            _ if features.human_review_required => Fate::Asked,
            (false, _) => Fate::Agreed,
            (true, false) if total.amount().compare(from).is_lt() => Fate::Agreed,
            (true, false) => Fate::Asked,
        })
    }
}

/// The first entry of a buy's history.
fn created(work: &Work<'_>, owner: &str, total: Money) -> Entry {
    Entry {
        revision: 1,
        at: work.now(),
        by: owner.to_owned(),
        done: Done::Created,
        summary: format!("ordered for {total}"),
        package_id: None,
    }
}

async fn finish(
    work: &mut Work<'_>,
    mut buy: MediaBuy,
    fate: Fate,
    (taken, staged): (&[String], Option<Staged>),
) -> Result<Ordered, Fault> {
    let hand = hand(work);
    let approval = match fate {
        Fate::Kept => None,
        Fate::Agreed => {
            let ready = readiness::ready(work, &buy, taken).await?;
            buy.agree(hand, ready, "agreed as it was ordered")
                .map_err(refused)?;
            None
        }
        Fate::Asked => {
            let asked = ask_publisher(work, &buy, Wanted::Order, staged)?;
            sandbox::arm::name(work, &asked)?;
            sandbox::have_signed(work, &asked);
            buy.submit(hand, asked.id).map_err(refused)?;
            Some(asked)
        }
    };
    work.create(&buy)?;
    watch(work, &buy).await?;
    tell(work, &buy, "media_buys.created");
    if fate == Fate::Agreed {
        tell(work, &buy, "media_buys.agreed");
    }
    let affected = buy.packages.iter().map(|one| one.id.clone()).collect();
    let now = work.now();
    let hook = buy.particulars.push_notification_config.clone();
    let mut buy = BuyView::new(buy, 1, now, now);
    artifacts::beside(work, &mut buy).await?;
    if fate == Fate::Agreed {
        webhooks::tasks::ordered(work, hook.as_ref(), &buy)?;
    }
    Ok(Ordered {
        buy,
        approval,
        affected,
    })
}

/// What a buy is called: as its buyer says, or by its number, its brand, its first product.
fn name(said: Option<&str>, particulars: &Particulars, all: &[Priced]) -> Result<String, Fault> {
    if let Some(said) = said {
        return match text::check_line(said, LONGEST_NAME) {
            Ok(()) => Ok(said.to_owned()),
            Err(wrong) => {
                let problem = Problem::new("name", Code::INVALID_NAME, wrong.to_string());
                Err(Fault::field(problem))
            }
        };
    }
    let brand = particulars
        .brand
        .as_ref()
        .and_then(|brand| brand.get("domain"));
    let brand = brand.and_then(|domain| domain.as_str());
    let product = all.first().map(|one| one.product.name.as_str());
    let made = match (brand, particulars.po_number.as_deref()) {
        (Some(brand), Some(po)) => format!("{brand} · {po}"),
        (Some(brand), None) => brand.to_owned(),
        (None, Some(po)) => po.to_owned(),
        (None, None) => product.unwrap_or("Media buy").to_owned(),
    };
    let plain: String = text::inert(&made).chars().take(LONGEST_NAME).collect();
    Ok(match text::check_line(&plain, LONGEST_NAME) {
        Ok(()) => plain,
        Err(_) => "Media buy".to_owned(),
    })
}
