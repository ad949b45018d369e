//! One way to write JSON, RFC 8785, so that the same request has the same digest whoever wrote
//! it: members by their names, numbers as ECMAScript writes them, no spaces. Refuses to know
//! what is written.

use std::fmt::Write as _;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// What counts for nothing when two requests are compared. The protocol's list, and closed.
const IGNORED: &[&str] = &["idempotency_key", "context", "governance_context"];

/// The digest of a request, without what changes between the first time and a retry.
#[must_use]
pub fn digest(request: &Map<String, Value>) -> String {
    let mut counted = request.clone();
    counted.retain(|name, _| !IGNORED.contains(&name.as_str()));
    let authentication = counted
        .get_mut("push_notification_config")
        .and_then(|config| config.get_mut("authentication"))
        .and_then(Value::as_object_mut);
    if let Some(authentication) = authentication {
        authentication.remove("credentials");
    }
    hex::encode(Sha256::digest(write(&Value::Object(counted))))
}

/// Writes a value in the one way.
#[must_use]
pub fn write(value: &Value) -> String {
    let mut out = String::new();
    put(&mut out, value);
    out
}

fn put(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(&self::number(number.as_f64().unwrap_or(0.0))),
        // serde_json escapes exactly what the standard wants escaped, in the same spelling.
        Value::String(_) => out.push_str(&value.to_string()),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                put(out, item);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort_by(|a, b| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (at, name) in names.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                out.push_str(&Value::String(name.clone()).to_string());
                out.push(':');
                put(out, &fields[name]);
            }
            out.push('}');
        }
    }
}

/// A number as ECMAScript writes it.
fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    // Rust finds the shortest digits that read back as the same number, as ECMAScript does.
    let short = format!("{:e}", value.abs());
    let (digits, exponent) = short.split_once('e').unwrap_or((&short, "0"));
    let digits = digits.replace('.', "");
    let point: i32 = exponent.parse::<i32>().unwrap_or(0) + 1;
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let zeros = |n: i32| "0".repeat(usize::try_from(n).unwrap_or(0));
    let mut written = String::from(if value < 0.0 { "-" } else { "" });
    if count <= point && point <= 21 {
        written.push_str(&digits);
        written.push_str(&zeros(point - count));
    } else if 0 < point && point <= 21 {
        let (whole, rest) = digits.split_at(usize::try_from(point).unwrap_or(0));
        written.push_str(whole);
        written.push('.');
        written.push_str(rest);
    } else if -6 < point && point <= 0 {
        written.push_str("0.");
        written.push_str(&zeros(-point));
        written.push_str(&digits);
    } else {
        let (first, rest) = digits.split_at(1);
        written.push_str(first);
        if !rest.is_empty() {
            written.push('.');
            written.push_str(rest);
        }
        let sign = if point > 0 { '+' } else { '-' };
        // Writing to a string cannot fail.
        write!(written, "e{sign}{}", (point - 1).abs()).unwrap_or_default();
    }
    written
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_written_as_the_standard_prints_them() {
        for (bits, wanted) in [
            (0x0000_0000_0000_0000, "0"),
            (0x8000_0000_0000_0000, "0"),
            (0x0000_0000_0000_0001, "5e-324"),
            (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0x4340_0000_0000_0000, "9007199254740992"),
            (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
            (0x44b5_2d02_c7e1_4af6, "1e+23"),
            (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
            (0x444b_1ae4_d6e2_ef50, "1e+21"),
            (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
            (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
            (0x41b3_de43_5555_5553, "333333333.3333332"),
            (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
        ] {
            assert_eq!(number(f64::from_bits(bits)), wanted);
        }
    }

    #[test]
    fn the_example_of_the_standard_is_written_as_it_says() {
        let value: Value = serde_json::from_str(
            r#"{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
                "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
                "literals": [null, true, false]}"#,
        )
        .expect("json");
        let wanted = "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
            \"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
        assert_eq!(write(&value), wanted);
        let names = json!({"\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": 7});
        assert_eq!(
            write(&names),
            "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\u{fb33}\":3}"
        );
    }

    #[test]
    fn only_what_the_protocol_names_is_left_out() {
        let request = |value: Value| value.as_object().cloned().expect("an object");
        let base = json!({"a": 1, "ext": {}, "push_notification_config": {"url": "u", "authentication": {"schemes": ["Bearer"]}}});
        let same = json!({"a": 1.0, "ext": {}, "idempotency_key": "k", "context": {"x": 1}, "governance_context": "g",
            "push_notification_config": {"url": "u", "authentication": {"schemes": ["Bearer"], "credentials": "s"}}});
        let base = digest(&request(base));
        assert_eq!(digest(&request(same)), base);
        for other in [
            json!({"a": 1, "push_notification_config": {"url": "u", "authentication": {"schemes": ["Bearer"]}}}),
            json!({"a": 1, "ext": {}, "b": null, "push_notification_config": {"url": "u", "authentication": {"schemes": ["Bearer"]}}}),
            json!({"a": 1, "ext": {}, "push_notification_config": {"url": "v", "authentication": {"schemes": ["Bearer"]}}}),
        ] {
            assert_ne!(digest(&request(other)), base);
        }
    }
}
