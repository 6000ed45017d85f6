//! The claim's table of steps, and every rule that needs no database.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use entity::expense_claim_lines::Model as Line;
use entity::expense_claim_papers::ClaimPaperKind;
use entity::expense_claims::{ClaimKind, ClaimStatus, Model as Claim};
use uuid::Uuid;

use ClaimStatus::{
    Approved, Confirmed, Draft, Paid, Rejected, Returned, Reversed, Submitted, Verified, Withdrawn,
};

use crate::auth::permissions::Action;
use crate::claims::json::{ClaimLineIn, ClaimPaperIn, ClaimVerdictIn};
use crate::claims::norms;
use crate::claims::people::People;
use crate::clock::after_working_days;
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
        about: "at least one line, no day in the future; a travel claim has its completed travel order and keeps within it; an invoice, and for travel a day without invoice, is claimed once",
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
        about: "for each line: allowed ≤ claimed and ≤ norm, a cut has its reason; missing papers are refused all at once",
    },
    Step {
        from: &[Verified],
        verb: "approve",
        to: Approved,
        action: Action::ApproveClaim,
        needs_reason: false,
        turn: Some("chief_of_office"),
        who: "chief of office; no one who acted before",
        about: "something is allowed, and the commitment of the travel order or the conference has it",
    },
    Step {
        from: &[Approved],
        verb: "pay",
        to: Paid,
        action: Action::PayClaim,
        needs_reason: false,
        turn: Some("cashier"),
        who: "cashier; no one who acted before",
        about: "exactly one payment; an outstanding advance is set off, and of a journey or a conference the commitment becomes spending",
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

/// Until when the hand that has a claim is to act.
pub fn due_at(status: ClaimStatus, waiting_since: DateTime<Utc>) -> Option<DateTime<Utc>> {
    days_to_act(status).map(|days| after_working_days(waiting_since, days))
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
    let due_at = due_at(claim.status, claim.waiting_since);
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

/// Whether the caller's roles allow a step. A claim is its claimant's also where another board sent them on the journey.
///
/// # Errors
/// 403 `forbidden`, naming the roles that may.
pub fn may(call: &Call, claim: &Claim, step: &Step<ClaimStatus>) -> ApiResult<()> {
    match step.action {
        Action::ClaimExpenses => call.may_own(step.action, claim.board_id, claim.claimant_id),
        action => call.may(action, claim.board_id),
    }
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

/// What is wrong with the papers of a claim that has so many lines.
pub fn broken_papers(papers: &[ClaimPaperIn], lines: usize) -> Vec<FieldError> {
    let mut broken = Vec::new();
    for (index, paper) in papers.iter().enumerate() {
        let unknown = paper.line.is_some_and(|line| usize::try_from(line).is_ok_and(|line| line >= lines));
        if unknown {
            let detail = text("hồ sơ không có dòng này", "the claim has no such line");
            broken.push(FieldError::body(&format!("papers/{index}/line"), "unknown_line", detail));
        }
        if paper.stamped.is_some() && paper.kind != ClaimPaperKind::TravelPermit {
            let detail = text("chỉ giấy đi đường có dấu xác nhận", "only a travel permit is stamped");
            broken.push(FieldError::body(&format!("papers/{index}/stamped"), "not_a_permit", detail));
        }
    }
    broken
}

/// Whether a claim can be submitted on a day; everything that is wrong at once.
pub fn submittable(kind: ClaimKind, lines: &[Line], today: NaiveDate) -> Vec<FieldError> {
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
        if kind != ClaimKind::Travel && norms::of_travel(&line.kind) {
            let only = text(
                "khoản này chỉ có trong hồ sơ công tác phí (travel)",
                "is paid by the travel rules: only in claims of the kind travel",
            );
            broken.push(FieldError::body(
                &format!("lines/{}/kind", line.position),
                "travel_claims_only",
                only,
            ));
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
const ONCE_A_DAY: [&str; 4] = ["lodging_late_check_out", "lodging_lump_sum", "per_diem", "same_day_per_diem"];

/// The key that an allowance, or a travel cost without an invoice, has as long as it is claimed: person, day
/// and kind.
pub fn person_day_key(claim: &Claim, line: &Line) -> Option<String> {
    if line.kind == "monthly_travel_lump_sum" {
        // A month is paid once, on whatever day it is claimed.
        return Some(format!("{}:{}:{}", claim.claimant_id, line.incurred_on.format("%Y-%m"), line.kind));
    }
    let allowance = ONCE_A_DAY.contains(&line.kind.as_str());
    let counts = allowance || (claim.kind == ClaimKind::Travel && line.invoice_number.is_none());
    counts.then(|| format!("{}:{}:{}", claim.claimant_id, line.incurred_on, line.kind))
}

/// What the norms leave for a line beside others of its kind and day: they share one norm.
fn left_of_norm(lines: &[Line], line: &Line) -> Option<i64> {
    let norm = line.norm_amount?;
    let any_day = norms::shared_by_all_days(&line.kind);
    let same = |other: &&Line| other.kind == line.kind && (any_day || other.incurred_on == line.incurred_on);
    let others = lines.iter().filter(same).filter(|other| other.id != line.id);
    Some((norm - others.filter_map(|other| other.allowed_amount).sum::<i64>()).max(0))
}

/// The most that can be allowed of a line beside what is allowed of the others.
fn most(lines: &[Line], line: &Line) -> i64 {
    left_of_norm(lines, line).map_or(line.claimed_amount, |norm| norm.min(line.claimed_amount))
}

/// The accountant's verdict on every line: what is left out is allowed in full, or up to what the norm leaves.
///
/// # Errors
/// 422 with every broken verdict.
pub fn judge(mut lines: Vec<Line>, verdicts: &[ClaimVerdictIn]) -> ApiResult<Vec<Line>> {
    lines.iter_mut().for_each(|line| (line.allowed_amount, line.cut_reason) = (None, None));
    let mut broken = Vec::new();
    let mut judged = Vec::new();
    for (index, verdict) in verdicts.iter().enumerate() {
        let mut wrong = |field: &str, code, vi: &str, en: &str| {
            broken.push(FieldError::body(&format!("lines/{index}/{field}"), code, text(vi, en)));
        };
        let Some(at) = lines.iter().position(|line| line.position == verdict.line) else {
            wrong("line", "unknown_line", "hồ sơ không có dòng này", "the claim has no such line");
            continue;
        };
        if judged.contains(&verdict.line) {
            wrong("line", "duplicate", "mỗi dòng chỉ nêu một lần", "names a line twice");
            continue;
        }
        judged.push(verdict.line);
        let (most, line) = (most(&lines, &lines[at]), &mut lines[at]);
        let given = verdict.cut_reason.clone().filter(|reason| !reason.is_empty());
        let by_norm = most < line.claimed_amount && verdict.allowed_amount == most;
        let reason = given.or_else(|| by_norm.then(|| norms::over_norm(line).vi));
        let cut = verdict.allowed_amount < line.claimed_amount;
        if verdict.allowed_amount > line.claimed_amount {
            wrong(
                "allowed_amount",
                "out_of_range",
                "không vượt quá số đề nghị",
                "must not exceed what is claimed",
            );
        } else if verdict.allowed_amount > most {
            let norm = norms::over_norm(line);
            wrong("allowed_amount", "over_norm", &norm.vi, &norm.en);
        } else if cut && reason.is_none() {
            wrong("cut_reason", "required", "cắt giảm phải nêu lý do", "a cut needs its reason");
        } else if !cut && reason.is_some() {
            wrong("cut_reason", "not_a_cut", "dòng này không bị cắt giảm", "this line is not cut");
        }
        line.allowed_amount = Some(verdict.allowed_amount);
        line.cut_reason = reason;
    }
    for at in 0..lines.len() {
        if judged.contains(&lines[at].position) {
            continue;
        }
        let (most, line) = (most(&lines, &lines[at]), &mut lines[at]);
        line.allowed_amount = Some(most);
        // The history is read by everyone; the office's language is Vietnamese.
        line.cut_reason = (most < line.claimed_amount).then(|| norms::over_norm(line).vi);
    }
    if broken.is_empty() { Ok(lines) } else { Err(ApiError::invalid(broken)) }
}
