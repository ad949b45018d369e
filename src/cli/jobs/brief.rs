//! A brief from flags, from a file, or from standard input; flags win over the file.

use std::{fs, io::Read as _, path::PathBuf};

use clap::Args;
use serde_json::{Map, Value, json};

use super::{Ended, PATIENCE, finish, is_at_rest, out, verdict};
use crate::{
    domain::{money::Amount, text::echo},
    engine::{bookings::submit::SubmitBrief, question},
    session::Session,
};

/// Send a brief.
#[derive(Debug, Args)]
pub struct New {
    /// The same as `--file`.
    #[arg(value_name = "FILE", conflicts_with = "file")]
    from: Option<PathBuf>,
    /// A JSON file with a brief, or with `{"brief": ...}`; `-` reads standard input.
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The campaign's name.
    #[arg(long)]
    name: Option<String>,
    /// An objective, such as `brand_awareness`; may be repeated.
    #[arg(long = "objective", value_name = "OBJECTIVE")]
    objectives: Vec<String>,
    /// What may be spent, such as 25000 or 25,000.
    #[arg(long, value_name = "AMOUNT")]
    budget: Option<String>,
    /// The currency of the budget.
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// The first day.
    #[arg(long, value_name = "YYYY-MM-DD")]
    start: Option<String>,
    /// The last day.
    #[arg(long, value_name = "YYYY-MM-DD")]
    end: Option<String>,
    /// The audience, as a JSON object.
    #[arg(long, value_name = "JSON")]
    audience: Option<String>,
    /// A key performance indicator, such as `max_cpm=20`; may be repeated.
    #[arg(long = "kpi", value_name = "NAME=NUMBER")]
    kpis: Vec<String>,
    /// A channel to use; any where none is named; may be repeated.
    #[arg(long = "channel", value_name = "CHANNEL")]
    channels: Vec<String>,
    /// Approve every recommendation in advance.
    #[arg(long)]
    auto_approve: bool,
    /// Do not wait for the recommendations.
    #[arg(long)]
    no_wait: bool,
}

impl New {
    /// Joins file and flags into what is asked.
    pub fn read(&self) -> Result<SubmitBrief, Ended> {
        let mut asked = self.file()?;
        if !asked.contains_key("brief") && !asked.is_empty() {
            asked = Map::from_iter([("brief".to_owned(), Value::Object(asked))]);
        }
        let brief = asked.entry("brief").or_insert_with(|| json!({}));
        if let Value::Object(brief) = brief {
            self.lay_over(brief)?;
        }
        if self.auto_approve {
            asked.insert("auto_approve".into(), true.into());
        }
        let mut text =
            serde_json::to_string(&asked).map_err(|error| Ended::Usage(error.to_string()))?;
        if let Some(budget) = self.budget.as_deref().map(str::trim) {
            // Laid in as text, so that every digit that was typed is read, and nothing else is.
            let wrong = |why| Ended::Usage(format!("--budget {} {why}", echo(budget)));
            Amount::typed(budget).map_err(wrong)?;
            text = text.replacen("\"%budget%\"", &budget.replace(',', ""), 1);
        }
        Ok(question::read(text.as_bytes())?)
    }

    fn file(&self) -> Result<Map<String, Value>, Ended> {
        let Some(path) = self.from.as_ref().or(self.file.as_ref()) else {
            return Ok(Map::new());
        };
        let mut text = String::new();
        let read = if path.as_os_str() == "-" {
            std::io::stdin().lock().read_to_string(&mut text).map(drop)
        } else {
            fs::read_to_string(path).map(|whole| text = whole)
        };
        read.map_err(|error| Ended::Usage(format!("{} cannot be read: {error}", path.display())))?;
        Ok(question::read(text.as_bytes())?)
    }

    fn lay_over(&self, brief: &mut Map<String, Value>) -> Result<(), Ended> {
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                brief.insert(name.to_owned(), value);
            }
        };
        let text = |of: &Option<String>| of.clone().map(Value::from);
        let list = |of: &Vec<String>| (!of.is_empty()).then(|| json!(of));
        set("name", text(&self.name));
        set("objectives", list(&self.objectives));
        set("budget", self.budget.as_ref().map(|_| "%budget%".into()));
        set("currency", text(&self.currency));
        set("start_date", text(&self.start));
        set("end_date", text(&self.end));
        set("channels", list(&self.channels));
        set("kpis", self.kpis()?);
        if let Some(audience) = &self.audience {
            set(
                "target_audience",
                Some(question::read(audience.as_bytes())?),
            );
        }
        brief.entry("target_audience").or_insert_with(|| json!({}));
        Ok(())
    }

    fn kpis(&self) -> Result<Option<Value>, Ended> {
        let mut kpis = Map::new();
        for kpi in &self.kpis {
            let (name, number) = kpi
                .split_once('=')
                .ok_or_else(|| Ended::Usage(format!("--kpi {kpi}: write NAME=NUMBER")))?;
            let number: Value = serde_json::from_str(number).unwrap_or_else(|_| number.into());
            kpis.insert(name.to_owned(), number);
        }
        Ok((!kpis.is_empty()).then_some(Value::Object(kpis)))
    }
}

/// Sends the brief and, unless told not to, waits for what is recommended.
pub async fn send(
    session: &Session,
    new: &New,
    brief: SubmitBrief,
    as_json: bool,
) -> Result<(), Ended> {
    let started = session.ask(brief).await?;
    if new.no_wait {
        if as_json {
            return out::json(&started);
        }
        return out::line(&started.job_id.to_string());
    }
    let job = session
        .wait_for_job(started.job_id, PATIENCE, is_at_rest)
        .await?;
    finish(Ok(job.clone()), as_json)?;
    verdict(&job)
}
