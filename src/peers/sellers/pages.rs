//! Reads a list page by page, whole or not at all: bounded in pages and in things, also where the
//! other side gives the first page again and again, or less than it says that it has.

use serde_json::Value;
use std::collections::HashSet;
use url::Url;

use super::{
    Catalogue, Silent, Usual,
    http::Http,
    offered,
    reading::{count, field, text},
};

/// How many are asked for at a time.
const PAGE: usize = 100;
/// The most pages that are read of one list.
const MOST_PAGES: usize = 200;

/// Reads all products that a seller lists at `GET products`.
///
/// # Errors
/// When any page of it cannot be read, or there are more than are read of one seller.
pub async fn products(http: &Http, usual: &Usual) -> Result<Catalogue, Silent> {
    let url = http.at(&["products"]);
    let ids = ["product_id", "productid", "productId", "id"];
    let all = list(http, &url, "products", &ids, http.bounds.products).await?;
    let mut catalogue = Catalogue::default();
    for one in &all {
        match offered::product(one, usual) {
            Ok(offered) => catalogue.offered.push(offered),
            Err(why) => *catalogue.left_out.entry(why).or_default() += 1,
        }
    }
    Ok(catalogue)
}

/// Reads a whole list of things that have ids.
///
/// # Errors
/// When any page of it cannot be read, or it is longer than `most`.
pub async fn list(
    http: &Http,
    url: &Url,
    name: &str,
    ids: &[&str],
    most: usize,
) -> Result<Vec<Value>, Silent> {
    let mut all = Vec::new();
    let mut known = HashSet::new();
    for _ in 0..MOST_PAGES {
        let mut page = url.clone();
        page.query_pairs_mut()
            .append_pair("limit", &PAGE.to_string())
            .append_pair("offset", &all.len().to_string());
        let body = http.read(page).await?;
        let found = match &body {
            Value::Array(found) => found,
            body => field(body, &[name, "items", "data"])
                .and_then(Value::as_array)
                .ok_or_else(|| Silent(format!("its answer has no {name} in it")))?,
        };
        let before = all.len();
        for one in found {
            // What has no id cannot be told from another; it is counted all the same.
            let id = text(one, ids).unwrap_or_else(|| format!(" {}", all.len()));
            if known.insert(id) {
                all.push(one.clone());
            }
        }
        if all.len() > most {
            return Err(Silent(format!("it has more than {most} {name}")));
        }
        let total = count(&body, &["total_count", "totalCount", "total"]);
        let total = total.and_then(|total| usize::try_from(total).ok());
        // A short page proves nothing: servers give fewer at a time than they are asked for.
        let ended = all.len() == before;
        match total {
            Some(total) if all.len() >= total => return Ok(all),
            Some(total) if ended => {
                let got = all.len();
                return Err(Silent(format!(
                    "it says that it has {total} {name} and gave {got}"
                )));
            }
            _ if ended => return Ok(all),
            _ => {}
        }
    }
    Err(Silent(format!("its list of {name} does not end")))
}
