//! Text at the door: trimmed, in NFC, without characters that PostgreSQL cannot hold; and the key by which
//! people search without accents.

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::error::{FieldError, Place, text};

/// NFC without spaces at the ends.
pub fn clean(text: &str) -> String {
    text.trim().nfc().collect()
}

/// The search key: lower case, no diacritics, `đ` as `d`, no punctuation inside words, single spaces.
/// `Đắk Lắk`, `dak lak` and `DAK  LAK` have one key; so have `H'Linh` and `hlinh`.
pub fn search_key(text: &str) -> String {
    let folded =
        text.to_lowercase().nfd().filter(|c| !is_combining_mark(*c)).map(plain_letter).collect::<String>();
    let kept: String = folded
        .chars()
        .filter(|c| !matches!(c, '\'' | '’' | '‘' | 'ʼ'))
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Letters with a stroke have no decomposition, so they are named: Vietnamese `đ`, and `ƀ` of the Ê Đê names.
fn plain_letter(letter: char) -> char {
    match letter {
        'đ' => 'd',
        'ƀ' => 'b',
        other => other,
    }
}

/// A pattern for `LIKE … ESCAPE '\'` that finds the key anywhere; what the caller typed is taken literally.
pub fn contains_pattern(query: &str) -> String {
    let key = search_key(query);
    // A query of signs alone is no key; it finds nothing instead of everything.
    if key.is_empty() { "\u{1}".to_owned() } else { format!("%{key}%") }
}

/// The key by which two spellings of a code or a document number are the same: compatibility forms folded,
/// upper case, no spaces.
pub fn code_key(code: &str) -> String {
    code.nfkc().flat_map(char::to_uppercase).filter(|c| !c.is_whitespace()).collect()
}

/// Cleans every string of a body and collects what no text may be: blank where something was written, or
/// holding control characters. Secrets are left as they were typed, but for NFC.
pub fn clean_body(value: &mut Value, pointer: &str, broken: &mut Vec<FieldError>) {
    match value {
        Value::String(string) => {
            let secret = pointer.ends_with("password") || pointer.ends_with("_token");
            let cleaned = if secret { string.nfc().collect() } else { clean(string) };
            if cleaned.is_empty() && !string.is_empty() {
                broken.push(field(pointer, "blank", "không được để trống", "must not be blank"));
            } else if cleaned.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')) {
                broken.push(field(
                    pointer,
                    "control_character",
                    "không được chứa ký tự điều khiển",
                    "must not contain control characters",
                ));
            } else if cleaned.chars().any(is_invisible) {
                broken.push(field(
                    pointer,
                    "invisible_character",
                    "không được chứa ký tự vô hình hoặc đổi hướng chữ",
                    "must not contain invisible characters or such that turn the direction of writing",
                ));
            } else if is_dated(pointer) && !plausible_year(&cleaned) {
                broken.push(field(
                    pointer,
                    "out_of_range",
                    "năm phải từ 1900 đến 2199",
                    "the year must be from 1900 to 2199",
                ));
            }
            *string = cleaned;
        }
        // The schema takes 1.0 for an integer; we ask for 1, so that no amount is ever rounded on its way in.
        Value::Number(number) if number.is_f64() => broken.push(field(
            pointer,
            "integer_spelling",
            "viết số nguyên không có phần thập phân và số mũ",
            "must be spelled without fraction and exponent",
        )),
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                clean_body(item, &format!("{pointer}/{index}"), broken);
            }
        }
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                clean_body(member, &format!("{pointer}/{name}"), broken);
            }
        }
        _ => {}
    }
}

/// Two texts that look the same must be the same: no zero-width, soft-hyphen, bidi or tag characters.
fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Fields that hold a day or an instant are known by their names.
fn is_dated(pointer: &str) -> bool {
    let name = pointer.rsplit('/').next().unwrap_or_default();
    ["_at", "_on", "_from", "_to", "_before", "_by", "_date"].iter().any(|end| name.ends_with(end))
        || matches!(name, "on" | "from" | "to")
}

/// Years outside make no sense in an office, and the databases do not agree on how to hold them.
fn plausible_year(text: &str) -> bool {
    let digits = text.as_bytes();
    let dated = digits.len() >= 10 && digits[..4].iter().all(u8::is_ascii_digit) && digits[4] == b'-';
    !dated || matches!(&digits[..2], b"19" | b"20" | b"21")
}

fn field(pointer: &str, code: &'static str, vi: &str, en: &str) -> FieldError {
    FieldError { place: Place::Body(pointer.to_owned()), code, detail: text(vi, en) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_without_diacritics() {
        for (text, key) in
            [("Đắk Lắk", "dak lak"), ("H'Ƀlĭ Kbuôr", "hbli kbuor"), ("Y Čhin  Ktul", "y chin ktul")]
        {
            assert_eq!(search_key(text), key);
        }
    }
}
