//! At whom a package is aimed, as its buyer says it. Refuses what is no aim, names that nothing
//! here is aimed by, countries that do not exist, and those that a product is not shown in: a buyer
//! who pays for Germany alone is told so before the order, not by its report.

use serde_json::{Map, Value};

use crate::domain::{opendirect::product::Product, text::echo};

/// Under which name an order carries it.
pub const OVERLAY: &str = "targeting_overlay";

/// What the protocol aims by.
const KNOWN: &[&str] = &[
    "geo_countries",
    "geo_countries_exclude",
    "geo_regions",
    "geo_regions_exclude",
    "geo_metros",
    "geo_metros_exclude",
    "geo_postal_areas",
    "geo_postal_areas_exclude",
    "daypart_targets",
    "axe_include_segment",
    "axe_exclude_segment",
    "audience_include",
    "audience_exclude",
    "frequency_cap",
    "property_list",
    "collection_list",
    "collection_list_exclude",
    "age_restriction",
    "device_platform",
    "device_type",
    "device_type_exclude",
    "store_catchments",
    "geo_proximity",
    "language",
    "keyword_targets",
    "negative_keywords",
    "ext",
    "context",
];

/// What the older callers aim by beside that; many of them with `_any_of` or `_none_of` behind.
const OLDER: &[&str] = &[
    "signals",
    "geo_country",
    "geo_region",
    "geo_metro",
    "geo_city",
    "geo_zip",
    "device_type",
    "device_platform",
    "os",
    "browser",
    "content_cat",
    "media_type",
    "audience",
    "audiences",
    "demographics",
    "interests",
    "dayparting",
    "keywords",
    "language",
    "key_value_pairs",
    "custom",
];

/// Where countries are named that it shall be shown in, and those that it shall not.
const SHOWN: [&str; 2] = ["geo_countries", "geo_country_any_of"];
const NOT_SHOWN: [&str; 2] = ["geo_countries_exclude", "geo_country_none_of"];

/// Every country of ISO 3166-1, by its two letters.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ \
    BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE \
    DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR \
    GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP \
    KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT \
    MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW \
    PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG \
    TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM \
    ZW";

/// What is wrong with an aim, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misaimed {
    /// Which of its names; empty where it is the whole of it.
    pub field: String,
    /// What is wrong, for people.
    pub message: String,
    /// Whether the aim is sound, and the product is shown nowhere in it.
    pub elsewhere: bool,
}

impl Misaimed {
    /// Where in an order or a package it is.
    #[must_use]
    pub fn place(&self) -> String {
        let dot = if self.field.is_empty() { "" } else { "." };
        format!("{OVERLAY}{dot}{}", self.field)
    }
}

fn wrong(field: &str, message: impl Into<String>) -> Misaimed {
    Misaimed {
        field: field.to_owned(),
        message: message.into(),
        elsewhere: false,
    }
}

/// Whether a product can be aimed so.
///
/// # Errors
/// With the first thing that is wrong.
pub fn check(overlay: &Value, product: &Product) -> Result<(), Misaimed> {
    let Value::Object(said) = overlay else {
        return Err(wrong(
            "",
            "must be an object, such as {\"geo_countries\": [\"US\"]}",
        ));
    };
    if let Some(strange) = said.keys().find(|name| !is_known(name)) {
        let message = "is nothing that can be aimed by here; leave it out";
        return Err(wrong(&echo(strange), message));
    }
    for name in NOT_SHOWN {
        countries(said, name)?;
    }
    for name in SHOWN {
        let Some(wanted) = countries(said, name)? else {
            continue;
        };
        let Some(places) = product.targeting.get("geo") else {
            continue;
        };
        let shown = |country: &&str| places.iter().any(|place| is_in(place, country));
        if !wanted.iter().any(shown) {
            let message = format!(
                "{} is shown in {}, and in none of these",
                product.id,
                places.join(", ")
            );
            return Err(Misaimed {
                elsewhere: true,
                ..wrong(name, message)
            });
        }
    }
    Ok(())
}

/// Whether a place of a product, such as `US` or `US-NY`, lies in a country.
fn is_in(place: &str, country: &str) -> bool {
    let own = place.split('-').next().unwrap_or(place);
    // What is called by a word is not judged here.
    own.len() != 2 || own.eq_ignore_ascii_case(country)
}

fn is_known(name: &str) -> bool {
    let plain = name
        .strip_suffix("_any_of")
        .or_else(|| name.strip_suffix("_none_of"))
        .unwrap_or(name);
    KNOWN.contains(&name) || OLDER.contains(&plain)
}

/// The countries under a name; nothing where it is not there.
fn countries<'a>(
    said: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<Vec<&'a str>>, Misaimed> {
    let list = match said.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(list)) if !list.is_empty() => list,
        Some(_) => return Err(wrong(name, "must be a list of countries such as [\"US\"]")),
    };
    let country = |one: &'a Value| {
        let code = one.as_str().unwrap_or_default();
        let known = code.len() == 2 && COUNTRIES.split_whitespace().any(|it| it == code);
        if known {
            return Ok(code);
        }
        let message = format!(
            "{} is no country: say it with two letters such as US",
            echo(one.as_str().unwrap_or("what is no text"))
        );
        Err(wrong(name, message))
    };
    list.iter().map(country).collect::<Result<_, _>>().map(Some)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn product(geo: &[&str]) -> Product {
        let mut product: Product = crate::domain::opendirect::line_draft::tests::product();
        let places = geo.iter().map(|place| (*place).to_owned()).collect();
        product.targeting.insert("geo".to_owned(), places);
        product
    }

    #[test]
    fn every_country_is_there_once() {
        let mut all: Vec<&str> = COUNTRIES.split_whitespace().collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!((count, all.len()), (250, 250));
    }

    #[test]
    fn what_is_no_aim_is_refused_by_its_name() {
        let product = product(&["US", "CA"]);
        let field = |overlay: Value| check(&overlay, &product).map_err(|it| it.field);
        assert_eq!(field(json!("x")), Err(String::new()));
        assert_eq!(field(json!([])), Err(String::new()));
        assert_eq!(field(json!({"zodiac": ["leo"]})), Err("zodiac".into()));
        for wrong in [
            json!("US"),
            json!([]),
            json!(["usa"]),
            json!(["ZZ"]),
            json!([1]),
        ] {
            let overlay = json!({"geo_countries": wrong});
            assert_eq!(field(overlay), Err("geo_countries".into()), "{wrong}");
        }
        assert_eq!(field(json!({})), Ok(()));
        assert_eq!(field(json!({"geo_countries": ["DE", "US"]})), Ok(()));
        assert_eq!(
            field(json!({"geo_country_any_of": ["CA"], "signals": ["x"]})),
            Ok(())
        );
    }

    #[test]
    fn a_product_is_not_sold_where_it_is_not_shown() {
        let told = check(
            &json!({"geo_countries": ["DE"]}),
            &product(&["US", "CA-ON"]),
        );
        let told = told.expect_err("not shown there");
        assert!(
            told.elsewhere && told.message.contains("US, CA-ON"),
            "{}",
            told.message
        );
        assert_eq!(
            check(&json!({"geo_countries": ["CA"]}), &product(&["CA-ON"])),
            Ok(())
        );
        assert_eq!(
            check(&json!({"geo_countries": ["DE"]}), &product(&["Europe"])),
            Ok(())
        );
    }
}
