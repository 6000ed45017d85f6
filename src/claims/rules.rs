//! The claim's table of steps, and every rule that needs no database.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc, Weekday};
use entity::expense_claim_lines::Model as Line;
use entity::expense_claims::{ClaimKind, ClaimStatus, Model as Claim};
use uuid::Uuid;

use ClaimStatus::{
    Approved, Confirmed, Draft, Paid, Rejected, Returned, Reversed, Submitted, Verified, Withdrawn,
};

use crate::auth::permissions::Action;
use crate::claims::json::{ClaimLineIn, ClaimVerdictIn};
use crate::claims::people::People;
use crate::clock::office_day;
use crate::error::{ApiError, ApiResult, FieldError, four_eyes, text};
use crate::http::call::Call;
use crate::http::document::LARGEST_AMOUNT;
use crate::http::text::code_key;
use crate::workflow::{Step, WaitingOn, only, whose_turn};

/// The life of a claim.
pub const STEPS: &[Step<ClaimStatus>] = &[
    Step {
        from: &[Draft, Returned],
        verb: "submit",
        to: Submitted,
        action: Action::ClaimExpenses,
        needs_reason: false,
        turn: Some("claimant"),
        who: "claimant",
        about: "at least one line, no day in the future; an invoice, and for travel a day without invoice, is claimed once",
    },
    Step {
        from: &[Submitted],
        verb: "confirm",
        to: Confirmed,
        action: Action::ConfirmClaim,
        needs_reason: false,
        turn: Some("board_head"),
        who: "board head, not the claimant",
        about: "the work was done",
    },
    Step {
        from: &[Confirmed],
        verb: "verify",
        to: Verified,
        action: Action::VerifyClaim,
        needs_reason: false,
        turn: Some("accountant"),
        who: "the accountant acting for the board today; no one who acted before",
        about: "for each line: allowed ≤ claimed, a cut has its reason; missing papers are refused all at once",
    },
    Step {
        from: &[Verified],
        verb: "approve",
        to: Approved,
        action: Action::ApproveClaim,
        needs_reason: false,
        turn: Some("chief_of_office"),
        who: "chief of office; no one who acted before",
        about: "something is allowed",
    },
    Step {
        from: &[Approved],
        verb: "pay",
        to: Paid,
        action: Action::PayClaim,
        needs_reason: false,
        turn: Some("cashier"),
        who: "cashier; no one who acted before",
        about: "exactly one payment, of the allowed amount",
    },
    Step {
        from: &[Submitted, Confirmed, Verified],
        verb: "return",
        to: Returned,
        action: Action::DeclineClaim,
        needs_reason: true,
        turn: None,
        who: "who holds it: board head, acting accountant, chief of office",
        about: "names all gaps; the claimant corrects and submits again",
    },
    Step {
        from: &[Submitted, Confirmed, Verified],
        verb: "reject",
        to: Rejected,
        action: Action::DeclineClaim,
        needs_reason: true,
        turn: None,
        who: "who holds it: board head, acting accountant, chief of office",
        about: "final; the invoices may be claimed again",
    },
    Step {
        from: &[Draft, Submitted],
        verb: "withdraw",
        to: Withdrawn,
        action: Action::ClaimExpenses,
        needs_reason: false,
        turn: None,
        who: "claimant",
        about: "final; the invoices may be claimed again",
    },
    Step {
        from: &[Approved],
        verb: "cancel-approval",
        to: Verified,
        action: Action::ApproveClaim,
        needs_reason: true,
        turn: None,
        who: "chief of office, not the claimant",
        about: "the claim waits for an approval again",
    },
    Step {
        from: &[Paid],
        verb: "reverse",
        to: Reversed,
        action: Action::ReverseClaim,
        needs_reason: true,
        turn: None,
        who: "a cashier and a chief of office, two people, not the claimant",
        about: "the first call signs and the claim stays paid; the second one writes the reversal of the payment",
    },
];

/// Working days within which each hand is to act, by the office's own habit: two to confirm, three to verify,
/// two to approve, two to pay.
fn days_to_act(status: ClaimStatus) -> Option<u32> {
    match status {
        Submitted | Verified | Approved => Some(2),
        Confirmed => Some(3),
        _ => None,
    }
}

/// The same time of the day, so many working days later. The office works from Monday to Friday.
fn after_working_days(since: DateTime<Utc>, days: u32) -> DateTime<Utc> {
    let mut at = since;
    let mut left = days;
    while left > 0 {
        let Some(next) = at.checked_add_days(Days::new(1)) else { return at };
        at = next;
        if !matches!(office_day(at).weekday(), Weekday::Sat | Weekday::Sun) {
            left -= 1;
        }
    }
    at
}

/// Whose turn it is.
pub fn waiting_on(claim: &Claim, people: &People) -> Option<WaitingOn> {
    let without = |staff: Vec<Uuid>, hands: &[Option<Uuid>]| -> Vec<Uuid> {
        staff.into_iter().filter(|person| !hands.contains(&Some(*person))).collect()
    };
    let (role, staff) = match whose_turn(STEPS, &claim.status) {
        Some("claimant") => ("claimant", vec![claim.claimant_id]),
        Some("board_head") => {
            ("board_head", without(people.heads(claim.board_id), &hands_before(claim, "confirm")))
        }
        Some("accountant") => {
            let acting = people.accountant(claim.board_id).into_iter().collect();
            ("accountant", without(acting, &hands_before(claim, "verify")))
        }
        Some("chief_of_office") => {
            ("chief_of_office", without(people.chiefs(), &hands_before(claim, "approve")))
        }
        Some(role) => (role, without(people.cashiers(), &hands_before(claim, "pay"))),
        None => second_signature(claim, people)?,
    };
    let due_at = days_to_act(claim.status).map(|days| after_working_days(claim.waiting_since, days));
    Some(WaitingOn { role: role.to_owned(), staff, since: claim.waiting_since, due_at })
}

/// Who may complete a reversal that one person has signed.
fn second_signature(claim: &Claim, people: &People) -> Option<(&'static str, Vec<Uuid>)> {
    if claim.status != Paid {
        return None;
    }
    let first = claim.reversal_asked_by_id?;
    let (role, mut staff) = if people.is_cashier(first) {
        ("chief_of_office", people.chiefs())
    } else if people.is_chief(first) {
        ("cashier", people.cashiers())
    } else {
        return None;
    };
    staff.retain(|person| *person != first && *person != claim.claimant_id);
    Some((role, staff))
}

/// The hands through which a claim has gone before a step, the claimant's first. The step's own hand is not
/// among them: who repeats a step learns that it has been taken.
fn hands_before(claim: &Claim, verb: &str) -> [Option<Uuid>; 4] {
    let Claim { claimant_id, confirmed_by_id, verified_by_id, approved_by_id, .. } = claim;
    let all = [Some(*claimant_id), *confirmed_by_id, *verified_by_id, *approved_by_id];
    let acted = match (verb, claim.status) {
        ("pay", _) => 4,
        ("approve", _) | ("return" | "reject", Verified) => 3,
        ("verify", _) | ("return" | "reject", Confirmed) => 2,
        _ => 1,
    };
    let mut before = [None; 4];
    before.iter_mut().zip(all).take(acted).for_each(|(place, hand)| *place = hand);
    before
}

/// Whether a step is this very person's to take, beyond what the permission page says.
///
/// # Errors
/// 403 `forbidden` or `four_eyes`.
pub fn person(call: &Call, claim: &Claim, verb: &str, people: &People) -> ApiResult<()> {
    match verb {
        "submit" | "withdraw" => {
            return only(
                call,
                claim.claimant_id,
                "Chỉ người đề nghị làm được bước này.",
                "Only the claimant takes this step.",
            );
        }
        "verify" => acting(call, claim, people)?,
        "return" | "reject" => holder(call, claim, people)?,
        "reverse" if claim.status == Paid => {
            signature(claim, people, call.staff_id()?)?;
        }
        _ => {}
    }
    let me = call.staff_id()?;
    if hands_before(claim, verb).contains(&Some(me)) { Err(four_eyes()) } else { Ok(()) }
}

/// Who holds a claim is who may send it back. In the other states nobody does, and the state is refused.
fn holder(call: &Call, claim: &Claim, people: &People) -> ApiResult<()> {
    match claim.status {
        Submitted => call.may(Action::ConfirmClaim, claim.board_id),
        Confirmed => call.may(Action::VerifyClaim, claim.board_id).and_then(|()| acting(call, claim, people)),
        Verified => call.may(Action::ApproveClaim, claim.board_id),
        _ => Ok(()),
    }
}

/// Being an accountant of the board is not enough: somebody may stand in today.
fn acting(call: &Call, claim: &Claim, people: &People) -> ApiResult<()> {
    let acting = people.accountant(claim.board_id);
    if acting.is_some() && acting == call.caller.staff_id {
        return Ok(());
    }
    Err(ApiError::forbidden(text(
        "Hôm nay kế toán khác phụ trách ban này.",
        "Another accountant acts for this board today.",
    )))
}

/// What a call of `reverse` means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// The first of two: it only signs.
    First,
    /// The second one: the payment is reversed.
    Second { cashier: Uuid, chief: Uuid },
}

/// Two people, one as cashier and one as chief of office. A signature counts while its owner has the role.
///
/// # Errors
/// 403 for the same person again, or for the same role.
pub fn signature(claim: &Claim, people: &People, me: Uuid) -> ApiResult<Signature> {
    let counts = |person: &Uuid| people.is_cashier(*person) || people.is_chief(*person);
    let Some(first) = claim.reversal_asked_by_id.filter(counts) else { return Ok(Signature::First) };
    if first == me {
        return Err(four_eyes());
    }
    // Who paid signs for the cash desk, never as the chief over their own payment.
    let chief = |person: Uuid| people.is_chief(person) && claim.paid_by_id != Some(person);
    if people.is_cashier(first) && chief(me) {
        return Ok(Signature::Second { cashier: first, chief: me });
    }
    if chief(first) && people.is_cashier(me) {
        return Ok(Signature::Second { cashier: me, chief: first });
    }
    Err(ApiError::forbidden(text(
        "Cần thêm chữ ký của vai trò còn lại: thủ quỹ hoặc chánh văn phòng.",
        "The other signature is missing: a cashier's or a chief of office's.",
    )))
}

/// The sum of a claim's lines.
///
/// # Errors
/// A sum that is no amount any more, as an error of the field `lines`.
pub fn total(lines: &[ClaimLineIn]) -> Result<i64, FieldError> {
    let sum = lines.iter().try_fold(0_i64, |sum, line| sum.checked_add(line.claimed_amount));
    sum.filter(|sum| *sum <= LARGEST_AMOUNT).ok_or_else(|| {
        FieldError::body(
            "lines",
            "out_of_range",
            text(
                "tổng các dòng vượt quá số tiền lớn nhất",
                "the lines add up to more than the largest amount",
            ),
        )
    })
}

/// Whether a claim can be submitted on a day; everything that is wrong at once.
pub fn submittable(lines: &[Line], today: NaiveDate) -> Vec<FieldError> {
    if lines.is_empty() {
        let needed = text("cần ít nhất một dòng chi", "a claim needs at least one line");
        return vec![FieldError::body("lines", "required", needed)];
    }
    let future = |position: i64, field: &str| {
        let detail = text("không được ở tương lai", "must not be in the future");
        FieldError::body(&format!("lines/{position}/{field}"), "out_of_range", detail)
    };
    let mut broken = Vec::new();
    for line in lines {
        if line.incurred_on > today {
            broken.push(future(line.position, "incurred_on"));
        }
        if line.invoice_issued_on.is_some_and(|day| day > today) {
            broken.push(future(line.position, "invoice/issued_on"));
        }
    }
    broken
}

/// The key that an invoice has as long as it is claimed: seller, year and number, however they are spelt.
/// Numbers of nothing but digits lose their leading zeros: `00000123` and `123` are one invoice.
pub fn invoice_key(line: &Line) -> Option<String> {
    let (seller, number) = (line.invoice_seller_tax_code.as_deref()?, line.invoice_number.as_deref()?);
    Some(key_of_invoice(seller, number, line.invoice_issued_on?))
}

/// The key of an invoice: seller, year and number, however they are spelt.
pub fn key_of_invoice(seller: &str, number: &str, issued_on: NaiveDate) -> String {
    // Dashes, dots and slashes are typed in many ways; letters and digits make the number.
    let spelt: String = code_key(number).chars().filter(|c| c.is_alphanumeric()).collect();
    let digits = spelt.bytes().all(|byte| byte.is_ascii_digit());
    let number = if digits { spelt.trim_start_matches('0') } else { &spelt };
    format!("{}:{}:{number}", code_key(seller), issued_on.year())
}

/// Allowances: a person gets each of them once a day, whatever the claim is called and whatever lies beside it.
const ONCE_A_DAY: [&str; 4] =
    ["per_diem", "same_day_per_diem", "lodging_lump_sum", "monthly_travel_lump_sum"];

/// The key that an allowance, or a travel cost without an invoice, has as long as it is claimed: person, day
/// and kind.
pub fn person_day_key(claim: &Claim, line: &Line) -> Option<String> {
    let allowance = ONCE_A_DAY.contains(&line.kind.as_str());
    let counts = allowance || (claim.kind == ClaimKind::Travel && line.invoice_number.is_none());
    counts.then(|| format!("{}:{}:{}", claim.claimant_id, line.incurred_on, line.kind))
}

/// The accountant's verdict on every line: what is left out is allowed in full.
///
/// # Errors
/// 422 with every broken verdict.
pub fn judge(mut lines: Vec<Line>, verdicts: &[ClaimVerdictIn]) -> ApiResult<Vec<Line>> {
    for line in &mut lines {
        line.allowed_amount = Some(line.claimed_amount);
        line.cut_reason = None;
    }
    let mut broken = Vec::new();
    let mut judged = Vec::new();
    for (index, verdict) in verdicts.iter().enumerate() {
        let mut wrong = |field: &str, code, vi: &str, en: &str| {
            broken.push(FieldError::body(&format!("lines/{index}/{field}"), code, text(vi, en)));
        };
        let Some(line) = lines.iter_mut().find(|line| line.position == verdict.line) else {
            wrong("line", "unknown_line", "hồ sơ không có dòng này", "the claim has no such line");
            continue;
        };
        if judged.contains(&verdict.line) {
            wrong("line", "duplicate", "mỗi dòng chỉ nêu một lần", "names a line twice");
            continue;
        }
        judged.push(verdict.line);
        let reason = verdict.cut_reason.as_deref().filter(|reason| !reason.is_empty());
        let cut = verdict.allowed_amount < line.claimed_amount;
        if verdict.allowed_amount > line.claimed_amount {
            wrong(
                "allowed_amount",
                "out_of_range",
                "không vượt quá số đề nghị",
                "must not exceed what is claimed",
            );
        } else if cut && reason.is_none() {
            wrong("cut_reason", "required", "cắt giảm phải nêu lý do", "a cut needs its reason");
        } else if !cut && reason.is_some() {
            wrong("cut_reason", "not_a_cut", "dòng này không bị cắt giảm", "this line is not cut");
        }
        line.allowed_amount = Some(verdict.allowed_amount);
        line.cut_reason = reason.map(str::to_owned);
    }
    if broken.is_empty() { Ok(lines) } else { Err(ApiError::invalid(broken)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap_or_default()
    }

    #[test]
    fn a_weekend_does_not_count() {
        // Friday, 16:00 in the office.
        let due = after_working_days(at("2025-12-12T16:00:00+07:00"), 2);
        assert_eq!(due, at("2025-12-16T16:00:00+07:00"));
    }

    #[test]
    fn days_are_the_office_s() {
        // Monday, 01:00 in the office; in UTC it is still Sunday.
        let due = after_working_days(at("2025-12-15T01:00:00+07:00"), 1);
        assert_eq!(due, at("2025-12-16T01:00:00+07:00"));
    }
}
