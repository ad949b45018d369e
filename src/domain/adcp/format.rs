//! The creative formats that are taken here, as agents read them. Refuses formats of others:
//! what is listed is ours, under our agent's name.

use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::wanted::FormatId;

/// The formats, as they are kept with the program.
const FORMATS: &str = include_str!("../../../assets/adcp/formats.json");

/// A format.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Format {
    /// Its name with us.
    pub id: String,
    /// `display`, `video`, `audio`, `native` or `rich_media`.
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// Everything else that is told of it.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// Every format.
pub fn all() -> &'static [Format] {
    static ALL: OnceLock<Vec<Format>> = OnceLock::new();
    ALL.get_or_init(|| serde_json::from_str(FORMATS).unwrap_or_default())
}

/// Which formats are wanted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct FormatFilters {
    /// Only these.
    pub format_ids: Option<Vec<FormatId>>,
    /// Only of this kind: `display`, `video`, `audio`, `native` or `rich_media`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Only those that take any of these: `image`, `video`, `html`, ...
    pub asset_types: Option<Vec<String>>,
    /// In pixels.
    pub max_width: Option<u32>,
    /// In pixels.
    pub max_height: Option<u32>,
    /// In pixels.
    pub min_width: Option<u32>,
    /// In pixels.
    pub min_height: Option<u32>,
    /// Only those that take on any size, or only the others.
    pub is_responsive: Option<bool>,
    /// Only those whose name contains this.
    pub name_search: Option<String>,
    /// Only those that are accessible to this level.
    pub wcag_level: Option<String>,
    /// Only those that can show a disclosure there.
    pub disclosure_positions: Option<Vec<String>>,
    /// Only those that can keep a disclosure so long.
    pub disclosure_persistence: Option<Vec<String>>,
    /// Only those that can be made into any of these.
    pub output_format_ids: Option<Vec<FormatId>>,
    /// Only those that can be made from any of these.
    pub input_format_ids: Option<Vec<FormatId>>,
}

impl FormatFilters {
    /// Whether a format passes.
    #[must_use]
    pub fn pass(&self, format: &Format) -> bool {
        let named = |wanted: &Vec<FormatId>| wanted.iter().any(|one| one.id == format.id);
        let takes = |types: &Vec<String>| {
            let assets = format.rest.get("assets").and_then(Value::as_array);
            assets.into_iter().flatten().any(|asset| {
                types
                    .iter()
                    .any(|kind| asset["asset_type"] == kind.as_str())
            })
        };
        let called = |text: &String| format.name.to_lowercase().contains(&text.to_lowercase());
        // Nothing here is promised about these, and nothing is made of anything else.
        let promised = self.wcag_level.is_none()
            && self.disclosure_positions.is_none()
            && self.disclosure_persistence.is_none()
            && self.output_format_ids.is_none()
            && self.input_format_ids.is_none();
        promised
            && self.format_ids.as_ref().is_none_or(named)
            && self.kind.as_ref().is_none_or(|only| *only == format.kind)
            && self.asset_types.as_ref().is_none_or(takes)
            && self.name_search.as_ref().is_none_or(called)
            && self.fits(format)
    }

    fn fits(&self, format: &Format) -> bool {
        let renders = format.rest.get("renders").and_then(Value::as_array);
        let sizes: Vec<&Value> = renders
            .into_iter()
            .flatten()
            .map(|render| &render["dimensions"])
            .collect();
        let responsive = sizes.iter().any(|size| size.get("responsive").is_some())
            || format.rest.contains_key("accepts_parameters");
        let any = |wanted: Option<u32>, name: &str, fits: fn(u64, u64) -> bool| {
            wanted.is_none_or(|wanted| {
                let mut real = sizes.iter().filter_map(|size| size[name].as_u64());
                real.any(|real| fits(real, u64::from(wanted)))
            })
        };
        self.is_responsive.is_none_or(|only| only == responsive)
            && any(self.max_width, "width", |real, most| real <= most)
            && any(self.max_height, "height", |real, most| real <= most)
            && any(self.min_width, "width", |real, least| real >= least)
            && any(self.min_height, "height", |real, least| real >= least)
    }
}

/// Finds a format by its name with us.
#[must_use]
pub fn find(id: &str) -> Option<&'static Format> {
    all().iter().find(|format| format.id == id)
}

impl Format {
    /// The same among the kinds that later releases of the protocol know, as a product offers it:
    /// newer clients leave a product out that has no format of those.
    #[must_use]
    pub fn option(&self, agent_url: &str) -> Value {
        let assets = self.rest.get("assets").and_then(Value::as_array);
        let main = assets.and_then(|assets| assets.first()?["asset_type"].as_str());
        let kind = match (self.kind.as_str(), main) {
            ("native", _) => "native_in_feed",
            (_, Some("html")) => "html5",
            (_, Some("vast")) => "video_vast",
            (_, Some("daast")) => "audio_daast",
            (_, Some("video")) => "video_hosted",
            (_, Some("audio")) => "audio_hosted",
            (_, Some("image")) if self.size().is_some() => "image",
            _ => "responsive_creative",
        };
        let params = match self.size() {
            Some((width, height)) if kind == "video_hosted" => json!({
                "min_width": width, "max_width": width,
                "min_height": height, "max_height": height,
            }),
            Some((width, height)) => json!({ "width": width, "height": height }),
            None => json!({}),
        };
        json!({
            "format_option_id": self.id,
            "format_kind": kind,
            "params": params,
            "v1_format_ref": [{ "agent_url": agent_url, "id": self.id }],
        })
    }

    /// Its one size in pixels, where it has one.
    fn size(&self) -> Option<(u64, u64)> {
        let size = &self.rest.get("renders")?.get(0)?["dimensions"];
        Some((size["width"].as_u64()?, size["height"].as_u64()?))
    }

    /// As agents read it.
    #[must_use]
    pub fn wire(&self, agent_url: &str) -> Map<String, Value> {
        let mut wire = self.rest.clone();
        let id = json!({ "agent_url": agent_url, "id": self.id });
        wire.insert("format_id".into(), id);
        wire.insert("name".into(), json!(self.name));
        wire.insert("type".into(), json!(self.kind));
        wire
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passing(filters: Value) -> Vec<&'static str> {
        let filters: FormatFilters = serde_json::from_value(filters).expect("filters");
        let passing = all().iter().filter(|format| filters.pass(format));
        passing.map(|format| format.id.as_str()).collect()
    }

    #[test]
    fn every_format_is_one_of_the_later_kinds_too() {
        let kinds = all().iter().map(|format| {
            let option = format.option("https://seller.example");
            (format.id.as_str(), option["format_kind"].to_string())
        });
        let kinds: std::collections::BTreeMap<_, _> = kinds.collect();
        for (id, kind) in [
            ("display_300x250", "image"),
            ("display_html", "html5"),
            ("display_responsive", "responsive_creative"),
            ("video_1920x1080", "video_hosted"),
            ("video_vast", "video_vast"),
            ("audio_standard", "audio_hosted"),
            ("audio_daast", "audio_daast"),
            ("native_content", "native_in_feed"),
            ("rich_media_html", "html5"),
        ] {
            assert_eq!(kinds[id], format!("\"{kind}\""));
        }
        let option = find("video_1280x720").map(|format| format.option("https://seller.example"));
        let option = option.expect("a format");
        assert_eq!(option["params"]["max_height"], 720);
        assert_eq!(option["v1_format_ref"][0]["id"], "video_1280x720");
    }

    #[test]
    fn filters_leave_what_they_say() {
        assert_eq!(all().len(), 17);
        assert_eq!(
            passing(json!({"name_search": "leaderBOARD"})),
            ["display_728x90"]
        );
        assert_eq!(
            passing(json!({"asset_types": ["vast", "daast"]})),
            ["video_vast", "audio_daast"]
        );
        assert_eq!(passing(json!({"min_width": 1500})), ["video_1920x1080"]);
        assert_eq!(passing(json!({"max_width": 160})), ["display_160x600"]);
        assert!(passing(json!({"is_responsive": true})).contains(&"native_standard"));
        assert_eq!(passing(json!({"wcag_level": "AAA"})), Vec::<&str>::new());
    }
}
