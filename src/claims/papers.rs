//! Which kinds of cost need which paper, as dated rows with the document that asks for it.
//!
//! Only papers that a line can carry stand here; kinds without a row need none that the service could miss,
//! and the accountant names the rest by hand when a claim is returned.

use chrono::NaiveDate;
use entity::expense_claim_lines::Model as Line;

use crate::error::{Text, text};
use crate::http::document::ProblemGap;
use crate::http::language::Language;

/// The code of the one gap that is computed.
pub const INVOICE_MISSING: &str = "invoice_missing";

/// One row: these kinds of cost need an invoice on these days.
pub struct Rule {
    pub kinds: &'static [&'static str],
    /// The first day, e.g. `2019-01-01`.
    pub valid_from: &'static str,
    /// The last day; nothing while the rule is in force.
    pub valid_to: Option<&'static str>,
    pub document_number: &'static str,
    pub article: Option<&'static str>,
    /// How sure the row is: `verified` was seen in a public digest, `demo` is a choice for demonstration.
    pub verification: &'static str,
}

/// A new rule is a new row; a rule that ends gets its last day and stays.
pub const INVOICES: &[Rule] = &[
    Rule {
        kinds: &["lodging_receipt"],
        valid_from: "2017-07-01",
        valid_to: None,
        document_number: "40/2017/TT-BTC",
        article: Some("Điều 7 khoản 3"),
        verification: "verified",
    },
    Rule {
        kinds: &["hospitality_meal", "hospitality_drinks"],
        valid_from: "2018-11-01",
        valid_to: None,
        document_number: "71/2018/TT-BTC",
        article: None,
        verification: "demo",
    },
    Rule {
        kinds: &[
            "building_repair",
            "conference_backdrop",
            "conference_equipment_hire",
            "conference_hall_hire",
            "conference_lodging",
            "conference_printing",
            "conference_refreshments",
            "conference_vehicle_hire",
            "fuel",
            "hired_vehicle",
            "it_equipment_repair",
            "office_car_fuel",
            "office_equipment_repair",
            "vehicle_inspection_fee",
            "vehicle_insurance",
            "vehicle_repair",
        ],
        valid_from: "2019-01-01",
        valid_to: None,
        document_number: "01-QC/VPTU",
        article: None,
        verification: "demo",
    },
];

/// The row that asks for an invoice for a cost of this kind on this day.
pub fn invoice_rule(kind: &str, on: NaiveDate) -> Option<&'static Rule> {
    let day = on.to_string();
    INVOICES.iter().find(|rule| {
        rule.kinds.contains(&kind)
            && rule.valid_from <= day.as_str()
            && rule.valid_to.is_none_or(|last| day.as_str() <= last)
    })
}

/// Everything that the lines lack, in their order. A line of which nothing is allowed lacks nothing.
pub fn missing(lines: &[Line], language: Language) -> Vec<ProblemGap> {
    let gap = |line: &Line| {
        let rule = invoice_rule(&line.kind, line.incurred_on)?;
        let lacks = line.invoice_number.is_none() && line.allowed_amount != Some(0);
        lacks.then(|| ProblemGap {
            code: INVOICE_MISSING.to_owned(),
            line: Some(line.position),
            detail: detail(line, rule).get(language).to_owned(),
        })
    };
    lines.iter().filter_map(gap).collect()
}

fn detail(line: &Line, rule: &Rule) -> Text {
    let article = rule.article.map_or(String::new(), |article| format!(", {article}"));
    let source = format!("{}{article}", rule.document_number);
    text(
        format!("Khoản {} ngày {} thiếu hóa đơn ({source}).", line.kind, line.incurred_on),
        format!("The {} of {} lacks its invoice ({source}).", line.kind, line.incurred_on),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_holds_from_its_first_day() {
        let on = |day: &str| invoice_rule("lodging_receipt", day.parse().unwrap_or_default()).is_some();
        assert!(!on("2017-06-30"));
        assert!(on("2017-07-01"));
        assert!(invoice_rule("per_diem", NaiveDate::default()).is_none());
    }

    #[test]
    fn no_kind_has_two_rules_on_one_day() {
        let all: Vec<_> = INVOICES.iter().flat_map(|rule| rule.kinds).collect();
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(all.len(), distinct.len());
    }
}
