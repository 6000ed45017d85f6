//! The digest of figures: by it anybody can tell that they are still those that were approved.
//!
//! Canonical JSON is that of RFC 8785: the names of each object in order, no spaces, UTF-8. All numbers of figures are
//! whole and no text needs more than the escapes that every writer of JSON uses, so a few lines in any language do it,
//! e.g. in Python `json.dumps(figures, sort_keys=True, separators=(",", ":"), ensure_ascii=False)`.

use entity::reviews::Model;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The SHA-256 of the canonical JSON, in lower-case hexadecimal digits.
pub fn of(figures: &Value) -> String {
    let mut text = String::new();
    write(figures, &mut text);
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a review's figures are those of its digest; nothing where it has none.
pub fn holds(review: &Model) -> Option<bool> {
    let figures = review.figures.as_ref()?;
    Some(review.figures_sha256.as_deref() == Some(of(figures).as_str()))
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Array(items) => {
            text.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        Value::Object(members) => {
            // Whatever order the database and the library keep.
            let mut names: Vec<&String> = members.keys().collect();
            names.sort_unstable();
            text.push('{');
            for (place, name) in names.into_iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write(members.get(name).unwrap_or(&Value::Null), text);
            }
            text.push('}');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_names_does_not_count() {
        let one: Value =
            serde_json::from_str(r#"{"b":[1,{"d":"Đắk Lắk","c":null}],"a":"2.50"}"#).expect("JSON");
        let other: Value =
            serde_json::from_str(r#"{ "a": "2.50", "b": [1, {"c": null, "d": "Đắk Lắk"}] }"#).expect("JSON");
        assert_eq!(of(&one), of(&other));
        let mut text = String::new();
        write(&one, &mut text);
        assert_eq!(text, r#"{"a":"2.50","b":[1,{"c":null,"d":"Đắk Lắk"}]}"#);
        assert_ne!(of(&one), of(&serde_json::json!({"a": "2.50"})));
    }
}
