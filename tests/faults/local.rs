//! Nodes of the engine inside this process, each with a store of its own, and a seller that
//! sells whatever is asked of it and counts.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, mpsc},
};

use async_trait::async_trait;
use flightdeck::{
    domain::{
        booking::{
            audience::AudiencePlan,
            brief::CampaignBrief,
            job::{Job, Research},
            lines::Placed,
            negotiation::{SellerAnswer, Talks},
            shelf::Shelf,
        },
        ids::{JobId, ProductId, SellerId, TenantId},
        money::Currency,
        policy::Permission,
        tenant::{caller::Caller, role::Role},
        when::{Flight, Instant},
    },
    engine::{
        clock::ManualClock,
        core::Core,
        cursor::Secret,
        desk::Desk,
        fault::Fault,
        operation::{Kind, Operation},
        reconcile::{Runner, run_job::RunJob},
        sellers::Sellers,
        work::Work,
    },
    peers::seller::{Bid, LineRequest, Seller, SellerFault},
    store::{Shared, open::Database},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::noon;

/// A node.
pub struct Node {
    /// Its own way to the database.
    pub store: Shared,
    /// Its engine.
    pub core: Core,
    /// What it does in the background.
    pub runner: Runner,
}

/// Opens a node on a database, beside others that are there.
pub async fn node(database: &Database, clock: &ManualClock, shop: &Arc<Shop>) -> Node {
    let store = flightdeck::store::open::open(database).await;
    let store = store.expect("a database");
    let secret = Secret::read(&Secret::fresh()).expect("a secret");
    let core = Core::new(
        Arc::clone(&store),
        Arc::new(clock.clone()),
        Desk::new(secret),
    );
    let seller: Arc<dyn Seller> = Arc::clone(shop) as _;
    let jobs = RunJob::new(Arc::new(Sellers::new(vec![seller])));
    let runner = Runner::new(core.clone(), vec![Arc::new(jobs)]);
    Node {
        store,
        core,
        runner,
    }
}

/// An admin of a tenant.
pub fn admin(tenant: &TenantId) -> Caller {
    Caller::new("ada", tenant.clone(), Role::Admin)
}

/// A moment at which the shop stands still until it is told to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// When impressions are to be held.
    Reserve,
    /// When a line is to be booked.
    Book,
}

/// Where somebody stands still.
pub struct Pause {
    /// When.
    pub at: Moment,
    /// Told when it has come to that.
    pub reached: mpsc::Sender<()>,
    /// What it waits for.
    pub on: mpsc::Receiver<()>,
}

/// A seller that sells whatever is asked of it.
#[derive(Default)]
pub struct Shop {
    pause: Mutex<Option<Pause>>,
    /// How often each line was asked to be booked.
    pub booked: Mutex<BTreeMap<String, u32>>,
}

impl Shop {
    /// A shop that stands still once.
    pub fn that_pauses(pause: Pause) -> Self {
        Self {
            pause: Mutex::new(Some(pause)),
            ..Self::default()
        }
    }

    /// Stands still as a stopped process does: the whole thread, and with it the renewal of
    /// every lease that is held on it.
    fn stand_still(&self, at: Moment) {
        let mut pause = self.pause.lock().expect("nobody panicked");
        if pause.as_ref().is_some_and(|pause| pause.at == at) {
            let pause = pause.take().expect("looked at");
            pause.reached.send(()).expect("somebody waits for it");
            pause.on.recv().expect("somebody wakes it");
        }
    }
}

#[async_trait]
impl Seller for Shop {
    fn id(&self) -> SellerId {
        "shop".into()
    }

    async fn shelf(&self, _: &TenantId) -> Result<Arc<Shelf>, SellerFault> {
        Ok(Arc::default())
    }

    async fn taken(&self, _: &TenantId, _: Flight) -> Result<HashMap<ProductId, u64>, SellerFault> {
        Ok(HashMap::new())
    }

    async fn answer(&self, _: &TenantId, _: &Bid) -> Result<SellerAnswer, SellerFault> {
        Err(SellerFault::Refused("prices are fixed".into()))
    }

    async fn reserve(&self, _: &TenantId, wanted: &LineRequest) -> Result<Placed, SellerFault> {
        self.stand_still(Moment::Reserve);
        Ok(Placed {
            order_id: wanted.job.to_string(),
            line_id: format!("{}/{}", wanted.job, wanted.product),
        })
    }

    async fn book(&self, _: &TenantId, placed: &Placed) -> Result<Instant, SellerFault> {
        self.stand_still(Moment::Book);
        let mut booked = self.booked.lock().expect("nobody panicked");
        *booked.entry(placed.line_id.clone()).or_default() += 1;
        Ok(noon())
    }

    async fn release(&self, _: &TenantId, _: &Placed) -> Result<(), SellerFault> {
        Ok(())
    }
}

/// Puts a job that waits for a decision into the house, with one recommendation of the shop.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Stage {
    /// What the recommendation costs, in cents.
    pub cost: i64,
}

impl Operation for Stage {
    const NAME: &'static str = "test.stage";
    const ABOUT: &'static str = "Put a job that waits for a decision into the house.";
    const KIND: Kind = Kind::Command(Permission::WriteBookings);
    type Output = JobId;

    async fn perform(self, work: &mut Work<'_>) -> Result<JobId, Fault> {
        let job = waiting(work.mint(), self.cost);
        work.create(&job)?;
        Ok(job.id)
    }
}

fn waiting(id: JobId, cost: i64) -> Job {
    let sent: CampaignBrief = serde_json::from_value(json!({
        "name": "Staged", "objectives": ["reach"], "budget": 10_000,
        "start_date": "2026-07-01", "end_date": "2026-07-31", "target_audience": {},
        "channels": ["ctv"],
    }))
    .expect("a brief");
    let brief = sent.check(noon().date_naive(), Currency::USD, &Talks::default());
    let brief = brief.expect("a sound brief");
    let mut job = Job::new(id, sent, brief, false, "ada".into());
    let usd = |minor: i64| json!({ "minor": minor, "currency": "USD" });
    let allocation = serde_json::from_value(json!({
        "channel": "ctv", "budget": usd(1_000_000), "share_bp": 10_000, "rationale": "staged",
    }));
    let recommendation = serde_json::from_value(json!({
        "product_id": "prod_001", "seller": "shop", "product_name": "A product",
        "publisher": "The Publisher", "channel": "ctv", "format": "video",
        "impressions": cost, "cpm": usd(1_000), "cost": usd(cost), "targeting": {},
        "priority": 1, "status": "pending", "rationale": "staged", "delivery_type": "Guaranteed",
        "available": 1_000_000,
        "fit": {
            "score_bp": 1, "audience_bp": 1, "format_bp": 1, "price_bp": 1,
            "availability_bp": 1, "confidence_bp": 1
        },
    }));
    let allocation = allocation.expect("an allocation");
    let recommendation = recommendation.expect("a recommendation");
    let steps = || {
        job.receive(AudiencePlan::default())?;
        job.allocate(vec![allocation])?;
        let channel = job.unsearched()[0];
        job.research(channel, Research::Found(vec![recommendation]))?;
        job.consolidate()
    };
    steps().expect("a job on its way");
    job
}
