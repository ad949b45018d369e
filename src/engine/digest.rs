//! A digest of what is asked, so that a key can be told from one that was used for something
//! else. The order of fields, the spaces between them and the zeros behind a number do not
//! matter, because the question was parsed and is written anew, in one way.

use sha2::{Digest, Sha256};

use super::{fault::Fault, operation::Operation};

/// The digest of a question.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn digest<O: Operation>(operation: &O) -> Result<String, Fault> {
    let written = serde_json::to_string(operation).map_err(Fault::broken)?;
    Ok(hex::encode(
        Sha256::new()
            .chain_update(O::NAME)
            .chain_update([0])
            .chain_update(plain_numbers(&written))
            .finalize(),
    ))
}

/// Writes JSON again without zeros at the end of decimals; texts stay as they are.
fn plain_numbers(json: &str) -> String {
    let mut plain = String::with_capacity(json.len());
    let mut number = String::new();
    let (mut quoted, mut escaped) = (false, false);
    for c in json.chars() {
        if !quoted && matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E') {
            number.push(c);
            continue;
        }
        plain.push_str(short(&number));
        number.clear();
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = quoted,
            '"' => quoted = !quoted,
            _ => {}
        }
        plain.push(c);
    }
    plain + short(&number)
}

/// A number, or the end of `true` and `false`, without what makes no difference.
fn short(number: &str) -> &str {
    if number.contains('.') && !number.contains(['e', 'E']) {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_one_way_and_texts_as_they_are() {
        for (written, plain) in [
            ("25000.00", "25000"),
            ("[1.50,-0.10,100,0.0,1e300]", "[1.5,-0.1,100,0,1e300]"),
            (
                r#"{"a 1.00":"b\" 2.00","c":true,"d":null,"e":false}"#,
                r#"{"a 1.00":"b\" 2.00","c":true,"d":null,"e":false}"#,
            ),
            (
                r#"{"\\":3.10,"x":"\\\"4.0"}"#,
                r#"{"\\":3.1,"x":"\\\"4.0"}"#,
            ),
        ] {
            assert_eq!(plain_numbers(written), plain);
        }
    }
}
