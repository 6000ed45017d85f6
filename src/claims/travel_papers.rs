//! What the file of a travel claim must hold: the order, the stamped permit, and for each way its ticket, for
//! flights also the boarding pass. The invoices of lodging are looked after with all other invoices (`papers.rs`).

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::expense_claim_lines::Model as Line;
use entity::expense_claim_papers::{ClaimPaperKind, Model as Paper};
use entity::expense_claims::{ClaimKind, Model as Claim};

use crate::error::{Text, text};
use crate::http::document::ProblemGap;
use crate::http::language::Language;

/// Everything that a travel claim lacks, all at once. `flights` are the days on which a leg of the order is flown.
/// A line of which nothing is allowed lacks nothing.
pub fn missing(
    claim: &Claim,
    lines: &[Line],
    papers: &[Paper],
    flights: &BTreeSet<NaiveDate>,
    language: Language,
) -> Vec<ProblemGap> {
    if claim.kind != ClaimKind::Travel || is_monthly(lines) {
        return Vec::new();
    }
    let gap = |code: &str, line: Option<i64>, detail: Text| ProblemGap {
        code: code.to_owned(),
        line,
        detail: detail.get(language).to_owned(),
    };
    let mut gaps = Vec::new();
    if claim.travel_order_id.is_none() {
        let order = text("Thiếu quyết định cử đi công tác.", "The travel order is missing.");
        gaps.push(gap("travel_authorization_missing", None, order));
    }
    gaps.extend(permit(papers).map(|(code, detail)| gap(code, None, detail)));
    for line in lines.iter().filter(|line| line.kind == "ticket" && line.allowed_amount != Some(0)) {
        let (number, day) = (line.position + 1, line.incurred_on);
        if line.invoice_number.is_none() && !has(papers, ClaimPaperKind::Ticket, line) {
            let detail = text(
                format!("Dòng {number} ngày {day} thiếu vé."),
                format!("The ticket of line {number} of {day} is missing."),
            );
            gaps.push(gap("ticket_missing", Some(line.position), detail));
        }
        if flights.contains(&day) && !has(papers, ClaimPaperKind::BoardingPass, line) {
            let detail = text(
                format!("Dòng {number} ngày {day} thiếu thẻ lên máy bay."),
                format!("The boarding pass of line {number} of {day} is missing."),
            );
            gaps.push(gap("boarding_pass_missing", Some(line.position), detail));
        }
    }
    gaps
}

/// Lump sums of a month are paid to those who are often on the move, without single orders and permits.
pub fn is_monthly(lines: &[Line]) -> bool {
    let monthly = |line: &Line| line.kind == "monthly_travel_lump_sum";
    !lines.is_empty() && lines.iter().all(monthly)
}

fn permit(papers: &[Paper]) -> Option<(&'static str, Text)> {
    let mut permits = papers.iter().filter(|paper| paper.kind == ClaimPaperKind::TravelPermit).peekable();
    if permits.peek().is_none() {
        let missing = text("Thiếu giấy đi đường.", "The travel permit is missing.");
        return Some(("travel_permit_missing", missing));
    }
    if permits.any(|permit| permit.stamped == Some(true)) {
        return None;
    }
    let stamp = text(
        "Giấy đi đường thiếu dấu xác nhận nơi đến.",
        "The travel permit has no stamp of the place visited.",
    );
    Some(("travel_permit_stamp_missing", stamp))
}

/// A paper that names no line stands for all of them.
fn has(papers: &[Paper], kind: ClaimPaperKind, line: &Line) -> bool {
    let proves = |paper: &&Paper| paper.line_position.is_none_or(|position| position == line.position);
    papers.iter().filter(|paper| paper.kind == kind).any(|paper| proves(&paper))
}
