//! Reads what a slot service answers, in whichever of its envelopes, field by field: nothing for
//! null, a word that nobody knows as itself. Refuses only what has no id, or no time.

use chrono::{DateTime, NaiveDateTime};
use serde_json::{Map, Value, json};

use super::super::{
    call::said,
    slots::{Page, Place, Taken},
};
use crate::domain::{
    slot::{
        booking::Status,
        guest::Guest,
        resource::{Card, ResourceType, slug_of},
        schedule::Schedule,
        upstream::{
            LONGEST_ID,
            shown::{ShownBooking, ShownResource, ShownSlot},
        },
    },
    text::inert,
    when::{Instant, stored},
    zone::Zone,
};

/// The longest text that is kept, in characters.
const LONGEST: usize = 2_000;
/// The longest name, which a row of a list has room for.
const LONGEST_NAME: usize = 200;
/// The most entries of a list that are read.
const MOST: usize = 20_000;
/// Under which names lists come.
const LISTS: [&str; 6] = ["data", "items", "results", "resources", "bookings", "slots"];

/// A list in one of its envelopes, or bare.
fn rows(body: &Value) -> Option<&Vec<Value>> {
    body.as_array().or_else(|| {
        let mut found = LISTS.iter().filter_map(|name| body.get(name));
        found.find_map(|inside| {
            let own = || LISTS.iter().find_map(|name| inside.get(name)?.as_array());
            inside.as_array().or_else(own)
        })
    })
}

/// A page.
pub(super) fn page<T>(
    body: &Value,
    place: &Place,
    read: impl Fn(&Value) -> Option<T>,
) -> Option<Page<T>> {
    let rows = rows(body)?;
    let number = |name: &str| body.get(name).and_then(Value::as_u64);
    let cursor = body.get("nextCursor").and_then(Value::as_str);
    let more = body.get("hasMore").and_then(Value::as_bool);
    let reached = u64::from(place.offset) + rows.len() as u64;
    let all = number("total").is_some_and(|total| reached >= total);
    Some(Page {
        rows: rows.iter().take(MOST).filter_map(read).collect(),
        length: rows.len(),
        last: rows.is_empty() || more == Some(false) || (all && place.cursor.is_none()),
        cursor: cursor.filter(|_| more != Some(false)).map(str::to_owned),
    })
}

/// What stands in an envelope of that name, or in `data`, or the whole.
pub(super) fn inside<'a>(body: &'a Value, name: &str) -> &'a Value {
    let object = |name: &str| body.get(name).filter(|inside| inside.is_object());
    let found = object(name).or_else(|| {
        let data = object("data")?;
        data.get(name).filter(|it| it.is_object()).or(Some(data))
    });
    found.unwrap_or(body)
}

/// An id, if that is one.
pub(super) fn id_of(body: &Value) -> Option<String> {
    let id = text(body, "id")?;
    (id.len() <= LONGEST_ID).then_some(id)
}

/// Something that can be booked.
pub(super) fn resource(one: &Value) -> Option<ShownResource> {
    let id = id_of(one)?;
    let name = text(one, "name").unwrap_or_else(|| id.clone());
    let name: String = line(&name).chars().take(LONGEST_NAME).collect();
    let kind = text(one, "type").and_then(|word| word.to_ascii_lowercase().parse().ok());
    Some(ShownResource {
        card: Card {
            kind: kind.unwrap_or(ResourceType::Service),
            slug: text(one, "slug").unwrap_or_else(|| slug_of(&name)),
            description: text(one, "description"),
            address_line1: text(one, "addressLine1"),
            city: text(one, "city"),
            state: text(one, "state"),
            postal_code: text(one, "postalCode"),
            name,
        },
        schedule: schedule(one),
        is_active: truth(one, "isActive").unwrap_or(true),
        published: truth(one, "published").unwrap_or(false),
        id,
    })
}

/// When and how something can be booked: all that it says, if that makes sense; else its clock,
/// how long a slot is and how many it serves.
fn schedule(one: &Value) -> Schedule {
    let zone = text(one, "timezone").and_then(|name| name.parse().ok());
    let zone = zone.unwrap_or(Zone::UTC);
    let mut said: Map<String, Value> = one.as_object().cloned().unwrap_or_default();
    said.retain(|_, value| !value.is_null());
    said.insert("timezone".to_owned(), json!(zone));
    let whole = serde_json::from_value::<Schedule>(Value::Object(said)).ok();
    let whole = whole.map(|mut schedule| {
        schedule.name_closures();
        schedule
    });
    whole
        .filter(|schedule| schedule.problems().is_empty())
        .unwrap_or_else(|| {
            let number = |names: [&str; 2], most: u32| {
                let mut found = names.iter().filter_map(|name| one.get(name)?.as_u64());
                let found = found.next().and_then(|found| u32::try_from(found).ok());
                found.filter(|found| (1..=most).contains(found))
            };
            Schedule {
                default_duration_minutes: number(["defaultDurationMinutes", "duration"], 1_440)
                    .unwrap_or(60),
                max_concurrent: number(["maxConcurrent", "capacity"], 100_000).unwrap_or(1),
                ..Schedule::closed(zone)
            }
        })
}

/// A booking.
pub(super) fn booking(one: &Value) -> Option<ShownBooking> {
    let starts_at = first(one, ["startsAt", "startTime", "start"])?;
    let word = text(one, "status").unwrap_or_default();
    let plain = word.to_ascii_lowercase().replace(['-', ' '], "_");
    let status = match &*plain {
        "cancelled" | "canceled" => Some(Status::Cancelled),
        "no_show" | "noshow" => Some(Status::NoShow),
        "completed" => Some(Status::Completed),
        "confirmed" => Some(Status::Confirmed),
        _ => None,
    };
    let of = one.get("resource").unwrap_or(&Value::Null);
    let resource = text(one, "resourceId").or_else(|| text(of, "id"));
    Some(ShownBooking {
        id: id_of(one)?,
        word: status.is_none().then(|| word.chars().take(40).collect()),
        status: status.unwrap_or(Status::Confirmed),
        resource: resource.filter(|id| id.len() <= LONGEST_ID)?,
        resource_name: text(one, "resourceName")
            .or_else(|| text(of, "name"))
            .unwrap_or_default(),
        lead: text(one, "leadId").unwrap_or_default(),
        ends_at: first(one, ["endsAt", "endTime", "end"]).unwrap_or(starts_at),
        starts_at,
        guest: guest(one),
        created_at: first(one, ["createdAt", "created_at", "created"]),
        cancelled_at: first(one, ["cancelledAt", "canceledAt", "cancelled_at"]),
    })
}

fn guest(one: &Value) -> Guest {
    let there = one.get("guest").or_else(|| one.get("contact"));
    let of = |name: &str| text(one, name).or_else(|| text(there?, name));
    let short = |name: &str| of(name).map(|text| line(&text)).unwrap_or_default();
    Guest {
        first_name: short("firstName"),
        last_name: short("lastName"),
        email: short("email"),
        phone: of("phone").map(|text| line(&text)),
        notes: of("notes"),
        interest: of("interest").map(|text| line(&text)),
        source: one
            .get("source")
            .filter(|source| !source.is_null())
            .cloned(),
    }
}

/// Slots, by when they begin.
pub(super) fn slots(body: &Value) -> Option<Vec<ShownSlot>> {
    let mut all: Vec<ShownSlot> = rows(body)?.iter().take(MOST).filter_map(slot).collect();
    all.sort_by_key(|slot| slot.start);
    Some(all)
}

fn slot(one: &Value) -> Option<ShownSlot> {
    let slot_id = text(one, "slotId").or_else(|| text(one, "id"))?;
    let start = first(one, ["startsAt", "startTime", "start"])?.timestamp();
    let count = |name: &str| {
        let found = one.get(name).and_then(Value::as_u64);
        found.and_then(|found| u32::try_from(found).ok())
    };
    Some(ShownSlot {
        slot_id,
        start,
        end: first(one, ["endsAt", "endTime", "end"]).map_or(start, |at| at.timestamp()),
        remaining: count("remaining").unwrap_or(1),
        capacity: count("capacity").or_else(|| count("maxConcurrent")),
    })
}

/// What is said of a slot that somebody else has.
pub(super) fn taken(body: &Value) -> Taken {
    let error = body.get("error").filter(|error| error.is_object());
    let of = |name: &str| body.get(name).or_else(|| error?.get(name));
    let inside = |name: &str| error?.get("details")?.get(name);
    let others = of("alternatives").or_else(|| inside("alternatives"));
    let others = others.and_then(Value::as_array).into_iter().flatten();
    let mut alternatives: Vec<ShownSlot> = others.take(50).filter_map(slot).collect();
    alternatives.sort_by_key(|slot| slot.start);
    let code = of("code").and_then(Value::as_str);
    let plain = |code: &&str| {
        let fits = |c: char| c.is_ascii_uppercase() || c == '_';
        code.len() <= 40 && code.chars().all(fits)
    };
    Taken {
        words: said(body).unwrap_or_else(|| "it is no longer free".to_owned()),
        code: code.filter(plain).map(str::to_owned),
        alternatives,
    }
}

/// A booking that is wanted.
pub(super) fn order(slot: &str, guest: &Guest) -> Value {
    let mut body = json!({
        "slotId": slot,
        "firstName": guest.first_name,
        "lastName": guest.last_name,
        "email": guest.email,
    });
    for (name, value) in [
        ("phone", &guest.phone),
        ("notes", &guest.notes),
        ("interest", &guest.interest),
    ] {
        if let Some(value) = value {
            body[name] = json!(value);
        }
    }
    if let Some(source) = &guest.source {
        body["source"] = match source {
            Value::String(word) => json!({ "channel": word }),
            other => other.clone(),
        };
    }
    body
}

/// A text, if there is one: nothing for null and for the empty one.
fn text(one: &Value, name: &str) -> Option<String> {
    let found = match one.get(name)? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let short: String = found.chars().take(LONGEST).collect();
    let lines: Vec<String> = short.lines().map(inert).collect();
    Some(lines.join("\n")).filter(|text| !text.trim().is_empty())
}

/// A text in one line.
fn line(text: &str) -> String {
    text.lines().collect::<Vec<_>>().join(" ")
}

fn truth(one: &Value, name: &str) -> Option<bool> {
    one.get(name).and_then(Value::as_bool)
}

/// The first of some instants that is there; without a zone, in UTC.
fn first<const N: usize>(one: &Value, names: [&str; N]) -> Option<Instant> {
    names.iter().find_map(|name| {
        let text = one.get(name)?.as_str()?.trim();
        let zoned = DateTime::parse_from_rfc3339(text).map(|at| at.to_utc());
        let naive = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok();
        let read = zoned.ok().or_else(|| naive().map(|at| at.and_utc()));
        read.map(stored)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_in_each_of_their_envelopes() {
        let one = json!({"id": "r1", "name": "Room", "timezone": "America/Denver"});
        for (body, last) in [
            (json!([one]), false),
            (json!({"data": [one]}), false),
            (
                json!({"data": [one], "total": 1, "page": 1, "pageSize": 25}),
                true,
            ),
            (
                json!({"data": [one], "nextCursor": null, "hasMore": false}),
                true,
            ),
            (json!({"resources": [one]}), false),
            (json!({"data": {"resources": [one]}}), false),
            (json!({"data": []}), true),
        ] {
            let page = page(&body, &Place::default(), resource).expect("a page");
            assert_eq!((page.last, page.rows.len()), (last, page.length), "{body}");
        }
        let more = json!({"data": [one], "nextCursor": "abc", "hasMore": true});
        let more = page(&more, &Place::default(), resource).expect("a page");
        assert_eq!((more.last, more.cursor.as_deref()), (false, Some("abc")));
        assert!(page(&json!({"error": "no"}), &Place::default(), resource).is_none());
    }

    #[test]
    fn what_is_missing_or_strange_leaves_a_booking_readable() {
        let one = json!({"id": "b1", "status": "pending", "resourceId": "r1",
            "startsAt": "2026-06-15T10:00:00-06:00", "firstName": "Mo\nrgan", "lastName": null,
            "email": "m@example.com", "notes": "two\nlines"});
        let shown = booking(inside(&json!({"booking": one}), "booking")).expect("a booking");
        assert_eq!(shown.status, Status::Confirmed);
        assert_eq!(shown.word.as_deref(), Some("pending"));
        assert_eq!(shown.starts_at.timestamp(), 1_781_539_200);
        assert_eq!(shown.guest.first_name, "Mo rgan");
        assert_eq!(shown.guest.notes.as_deref(), Some("two\nlines"));
        assert!(booking(&json!({"id": "b1"})).is_none());
    }

    #[test]
    fn a_conflict_brings_what_is_free() {
        let slot = json!({"slotId": "s2", "startsAt": "2026-06-15T17:00:00Z", "remaining": 3});
        for body in [
            json!({"error": "Slot is no longer available", "code": "SLOT_TAKEN", "alternatives": [slot]}),
            json!({"error": {"code": "SLOT_TAKEN", "message": "Slot is no longer available",
                "details": {"alternatives": [slot]}}}),
        ] {
            let taken = taken(&body);
            assert_eq!(taken.words, "Slot is no longer available");
            assert_eq!(taken.code.as_deref(), Some("SLOT_TAKEN"));
            assert_eq!(taken.alternatives[0].slot_id, "s2");
        }
    }
}
