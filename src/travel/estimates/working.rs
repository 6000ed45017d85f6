//! The working of an amount in words.

use crate::error::{Text, text};

/// An amount as people write it: `1.500.000 đ`, in English `1,500,000 đ`.
pub fn dong(amount: i64) -> Text {
    text(grouped(amount, '.') + " đ", grouped(amount, ',') + " đ")
}

fn grouped(amount: i64, separator: char) -> String {
    let digits = amount.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(separator);
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 ngày x 300.000 đ`.
pub fn once(vi: &str, en: &str, amount: i64) -> Text {
    let amount = dong(amount);
    text(format!("1 {vi} x {}", amount.vi), format!("1 {en} x {}", amount.en))
}

/// `phòng 1.100.000 đ, mức trần 1.000.000 đ, chia 2 người`.
pub fn room(price: i64, ceiling: i64, sharing: usize) -> Text {
    let (price, ceiling) = (dong(price), dong(ceiling));
    let (mut vi, mut en) = (
        format!("phòng {}, mức trần {}", price.vi, ceiling.vi),
        format!("room {}, ceiling {}", price.en, ceiling.en),
    );
    if sharing > 1 {
        vi += &format!(", chia {sharing} người");
        en += &format!(", shared by {sharing}");
    }
    text(vi, en)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped_by_thousands() {
        for (amount, vi, en) in [
            (0, "0 đ", "0 đ"),
            (999, "999 đ", "999 đ"),
            (1000, "1.000 đ", "1,000 đ"),
            (1_500_000, "1.500.000 đ", "1,500,000 đ"),
        ] {
            assert_eq!(dong(amount), text(vi, en));
        }
    }
}
