//! A map of free shape as fields: takes out what a field can show, keeps the rest as it is,
//! and puts everything back where it stood. Loses nothing: what was not edited comes out
//! exactly as it went in.

use serde_json::{Map, Number, Value};

use super::part::{Group, Part};
use crate::domain::booking::{kpis::is_share, wants::Kind};

/// A map that is shown as fields.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Split {
    /// What no field shows.
    rest: Map<String, Value>,
    taken: Vec<Taken>,
}

/// A value that a field shows.
#[derive(Debug, Clone, PartialEq)]
struct Taken {
    part: Part,
    path: Vec<String>,
    value: Value,
    shown: String,
}

impl Split {
    /// Takes a map apart; gives what each field shows.
    pub fn of(group: Group, map: &Map<String, Value>) -> (Self, Vec<(Part, String)>) {
        let mut split = Self {
            rest: map.clone(),
            taken: Vec::new(),
        };
        for part in Part::all().filter(|part| part.group() == group) {
            let path = match part.kind() {
                Some(kind) => audience_path(kind, &split.rest),
                None => kpi_path(part, &split.rest),
            };
            let Some(path) = path else { continue };
            let Some(value) = take_out(&mut split.rest, &path) else {
                continue;
            };
            let shown = match value.as_f64().filter(|_| part.is_rate()) {
                Some(share) if is_share(share) => moved(share, 2).to_string(),
                _ => shown(&value).unwrap_or_default(),
            };
            split.taken.push(Taken {
                part,
                path,
                value,
                shown,
            });
        }
        let texts = split.taken.iter();
        let texts = texts.map(|one| (one.part, one.shown.clone())).collect();
        (split, texts)
    }

    /// Puts it together again with what the fields say now.
    pub fn map<'a>(&self, group: Group, text: impl Fn(Part) -> &'a str) -> Map<String, Value> {
        let mut map = self.rest.clone();
        for part in Part::all().filter(|part| part.group() == group) {
            if group.raw() == Some(part) {
                continue;
            }
            let text = text(part).trim();
            if text.is_empty() {
                continue;
            }
            let taken = self.taken.iter().find(|one| one.part == part);
            let (path, value) = match taken {
                Some(one) if one.shown.trim() == text => (one.path.clone(), one.value.clone()),
                Some(one) => (one.path.clone(), written(text, part, Some(&one.value))),
                None => {
                    let usual: Vec<String> = match part.usual().0 {
                        [] => vec![part.wire().to_owned()],
                        path => path.iter().map(|step| (*step).to_owned()).collect(),
                    };
                    (usual, written(text, part, None))
                }
            };
            put(&mut map, &path, value);
        }
        map
    }

    /// The keys that no field shows.
    pub fn kept(&self) -> impl Iterator<Item = &str> {
        self.rest.keys().map(String::as_str)
    }
}

/// What a field shows of a value, where it can show all of it on one line.
fn shown(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(all) if !all.is_empty() => {
            let plain = |one: &Value| match one {
                Value::String(text) if !text.contains(',') && !text.trim().is_empty() => {
                    Some(text.trim().to_owned())
                }
                _ => None,
            };
            let texts: Option<Vec<String>> = all.iter().map(plain).collect();
            texts.map(|texts| texts.join(", "))
        }
        _ => None,
    }
}

/// A number with its point moved, without what a float adds to it.
fn moved(number: f64, places: i32) -> f64 {
    let moved = number * 10f64.powi(places);
    format!("{moved:.12}").parse().unwrap_or(moved)
}

/// The first value of that kind that a field can show.
fn audience_path(kind: Kind, map: &Map<String, Value>) -> Option<Vec<String>> {
    for (key, value) in map {
        let own = Kind::read(key);
        if own == kind && shown(value).is_some_and(|text| !text.trim().is_empty()) {
            return Some(vec![key.clone()]);
        }
        if let (Kind::Other, Value::Object(inner)) = (own, value) {
            let fits = |(key, value): &(&String, &Value)| {
                Kind::read(key) == kind && shown(value).is_some_and(|text| !text.trim().is_empty())
            };
            if let Some((below, _)) = inner.iter().find(fits) {
                return Some(vec![key.clone(), below.clone()]);
            }
        }
    }
    None
}

/// The number of that name.
fn kpi_path(part: Part, map: &Map<String, Value>) -> Option<Vec<String>> {
    if part.group() != Group::Kpis || part == Part::Kpis {
        return None;
    }
    let priced = matches!(part, Part::TargetCpm | Part::MaxCpm);
    let alias = priced.then(|| format!("{}_usd", part.wire()));
    let names = [Some(part.wire().to_owned()), alias];
    let mut names = names.into_iter().flatten();
    let name = names.find(|name| matches!(map.get(name), Some(Value::Number(_))))?;
    Some(vec![name])
}

fn take_out(map: &mut Map<String, Value>, path: &[String]) -> Option<Value> {
    match path {
        [key] => map.remove(key),
        [key, below] => {
            let Value::Object(inner) = map.get_mut(key)? else {
                return None;
            };
            let value = inner.remove(below);
            if inner.is_empty() {
                map.remove(key);
            }
            value
        }
        _ => None,
    }
}

fn put(map: &mut Map<String, Value>, path: &[String], value: Value) {
    match path {
        [key] => {
            map.insert(key.clone(), value);
        }
        [key, below] => {
            let inner = map.entry(key.clone()).or_insert_with(|| Map::new().into());
            match inner {
                Value::Object(inner) => {
                    inner.insert(below.clone(), value);
                }
                // Something else has that name: it stays, and the value stands beside it.
                _ => {
                    map.insert(below.clone(), value);
                }
            }
        }
        _ => {}
    }
}

/// What was typed, in the shape in which it stood there before.
fn written(text: &str, part: Part, before: Option<&Value>) -> Value {
    if part.group() == Group::Kpis {
        let Ok(number) = serde_json::from_str::<Number>(text) else {
            return text.into();
        };
        // On the wire what is at most 1 is a share: what was typed is a percentage.
        let percent = number.as_f64().filter(|_| part.is_rate());
        return match percent.filter(|percent| is_share(*percent)) {
            Some(percent) => moved(percent, -2).into(),
            None => Value::Number(number),
        };
    }
    let list = match before {
        Some(value) => value.is_array(),
        None => part.usual().1,
    };
    if list {
        return listed(text).into();
    }
    text.into()
}

/// The entries of a line, between its commas.
#[must_use]
pub fn listed(text: &str) -> Vec<String> {
    let entries = text.split(',').map(str::trim);
    let entries = entries.filter(|one| !one.is_empty());
    entries.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    fn split(group: Group, value: &Value) -> (Split, BTreeMap<Part, String>) {
        let (split, texts) = Split::of(group, value.as_object().expect("an object"));
        (split, texts.into_iter().collect())
    }

    fn joined(group: Group, split: &Split, texts: &BTreeMap<Part, String>) -> Value {
        let text = |part| texts.get(&part).map_or("", String::as_str);
        split.map(group, text).into()
    }

    #[test]
    fn what_nobody_edits_comes_out_as_it_went_in() {
        for audience in [
            json!({}),
            json!({"demographics": {"age": "18-34"}, "interests": ["gaming", "technology"]}),
            json!({"age": {"min": 18}, "geo": ["US", ["DE"]], "x": null, "demographics": {}}),
            json!({"age": 25, "demographics": {"age": "30", "mood": [1]}, "cities": "a, b"}),
            json!({"demographics": "women 25-54", "gender": "", "interests": ["a,b"]}),
        ] {
            let (split, texts) = split(Group::Audience, &audience);
            assert_eq!(joined(Group::Audience, &split, &texts), audience);
        }
        let kpis = json!({"target_cpm_usd": 10, "ctr": "1%", "lift": {"points": 3}, "vcr": 0.7});
        let (split, texts) = split(Group::Kpis, &kpis);
        assert_eq!(texts[&Part::TargetCpm], "10");
        assert_eq!(joined(Group::Kpis, &split, &texts), kpis);
        assert_eq!(split.kept().collect::<Vec<_>>(), ["ctr", "lift"]);
    }

    #[test]
    fn what_is_edited_keeps_its_place_and_its_shape() {
        let audience = json!({"who": {"ages": "18-34", "mood": 1}, "countries": ["US"]});
        let (split, mut texts) = split(Group::Audience, &audience);
        assert_eq!(texts[&Part::Age], "18-34");
        texts.insert(Part::Age, "25-54".into());
        texts.insert(Part::Geo, "US, CA".into());
        texts.insert(Part::Interests, "gaming".into());
        texts.insert(Part::Gender, "female".into());
        assert_eq!(
            joined(Group::Audience, &split, &texts),
            json!({
                "who": {"ages": "25-54", "mood": 1}, "countries": ["US", "CA"],
                "interests": ["gaming"], "demographics": {"gender": "female"},
            })
        );
        texts.insert(Part::Geo, String::new());
        let value = joined(Group::Audience, &split, &texts);
        assert_eq!(value.get("countries"), None);
    }

    #[test]
    fn a_rate_is_told_in_percent_however_it_is_sent() {
        let kpis = json!({"ctr": 0.004, "vcr": 70, "viewability": 0.07});
        let (split, mut texts) = split(Group::Kpis, &kpis);
        assert_eq!(texts[&Part::Ctr], "0.4");
        assert_eq!(texts[&Part::Vcr], "70");
        assert_eq!(texts[&Part::Viewability], "7");
        assert_eq!(joined(Group::Kpis, &split, &texts), kpis);
        texts.insert(Part::Ctr, "0.5".into());
        texts.insert(Part::Vcr, "1".into());
        texts.insert(Part::Viewability, "0".into());
        let edited = joined(Group::Kpis, &split, &texts);
        assert_eq!(edited, json!({"ctr": 0.005, "vcr": 0.01, "viewability": 0}));
    }

    #[test]
    fn a_kpi_that_is_no_number_is_kept_to_be_complained_about() {
        let (split, mut texts) = split(Group::Kpis, &json!({}));
        texts.insert(Part::Ctr, "ten".into());
        texts.insert(Part::Vcr, "70.5".into());
        let value = joined(Group::Kpis, &split, &texts);
        assert_eq!(value, json!({"ctr": "ten", "vcr": 70.5}));
    }
}
