//! Amounts in Vietnamese words, as they stand on vouchers: `Một triệu năm trăm nghìn đồng`.
//!
//! The style of the north: `linh` for an empty tens place, `nghìn` for a thousand, and `không trăm` where a lower group has
//! no hundreds. The crates for number words write `lẻ` and leave `không trăm` out (`một nghìn lẻ một`).

const DIGITS: [&str; 10] = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"];

/// The names of the groups of three digits below a billion, the highest first.
const GROUPS: [(i64, Option<&str>); 3] = [(1_000_000, Some("triệu")), (1_000, Some("nghìn")), (1, None)];

const BILLION: i64 = 1_000_000_000;

/// An amount of whole đồng, 0 or more, with a capital letter and its unit.
pub fn amount_in_words(amount: i64) -> String {
    let mut words = Vec::new();
    if amount >= BILLION {
        // A thousand billions are read as a number of billions: một nghìn tỷ.
        read_groups(amount / BILLION, &mut words);
        words.push("tỷ");
    }
    read_groups(amount % BILLION, &mut words);
    if words.is_empty() {
        words.push(DIGITS[0]);
    }
    words.push("đồng");
    capitalised(&words.join(" "))
}

/// Reads a number below a billion. A group of zeros is silent; a group below another one is read in full.
fn read_groups(number: i64, words: &mut Vec<&'static str>) {
    for (size, name) in GROUPS {
        let group = number / size % 1000;
        if group > 0 {
            let below = !words.is_empty();
            read_group(group, below, words);
            words.extend(name);
        }
    }
}

/// Reads three digits; `below` another group the hundreds are read even where there are none.
fn read_group(group: i64, below: bool, words: &mut Vec<&'static str>) {
    let (hundreds, tens, ones) = (group / 100, group / 10 % 10, group % 10);
    if hundreds > 0 || below {
        words.extend([digit(hundreds), "trăm"]);
    }
    match tens {
        0 if ones > 0 && (hundreds > 0 || below) => words.push("linh"),
        0 => {}
        1 => words.push("mười"),
        _ => words.extend([digit(tens), "mươi"]),
    }
    match (tens, ones) {
        (_, 0) => {}
        (2.., 1) => words.push("mốt"),
        (2.., 4) => words.push("tư"),
        (1.., 5) => words.push("lăm"),
        _ => words.push(digit(ones)),
    }
}

fn digit(digit: i64) -> &'static str {
    usize::try_from(digit).ok().and_then(|place| DIGITS.get(place)).copied().unwrap_or_default()
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_the_worked_examples_do() {
        let examples: Vec<(i64, String)> =
            serde_json::from_str(include_str!("amounts_in_words.json")).expect("a list of pairs");
        assert_eq!(examples.len(), 86);
        for (amount, words) in examples {
            assert_eq!(amount_in_words(amount), words, "{amount}");
        }
    }

    #[test]
    fn the_largest_amount_is_read_in_full() {
        let nines = "chín trăm chín mươi chín";
        let words = format!("{nines} nghìn {nines} tỷ {nines} triệu {nines} nghìn {nines} đồng");
        assert_eq!(amount_in_words(999_999_999_999_999), capitalised(&words));
        assert_eq!(amount_in_words(1_000_000_000_000), "Một nghìn tỷ đồng");
        assert_eq!(
            amount_in_words(1_005_000_000_005),
            "Một nghìn không trăm linh năm tỷ không trăm linh năm đồng"
        );
    }
}
