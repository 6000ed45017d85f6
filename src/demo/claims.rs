//! The demo office's claims: some at every stage, with their hands, gaps, payments and history.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use entity::expense_claim_papers::{self, ClaimPaperKind};
use entity::expense_claims::{ClaimKind, ClaimStatus};
use entity::funding_source::FundingSource;
use entity::payments::{PaymentKind, PaymentMethod};
use entity::{expense_claim_gaps, expense_claim_lines, expense_claims, number_series, payments};
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use ClaimStatus::{Approved, Confirmed, Draft, Paid, Returned, Submitted, Verified};

use crate::budgets::commitments::{self, Document};
use crate::claims::{funds, papers, payments as cash, rules, store};
use crate::clock::office_day;
use crate::demo::{Demo, day, id, instant, link, optional, optional_day, reference, string};
use crate::demo::{advances, budgets};
use crate::error::{ApiError, ApiResult};
use crate::http::text::{code_key, search_key};
use crate::write::{Event, Tx};

/// A seller that does not exist, for the invoices behind demo lines.
pub(super) const SELLER: &str = "6001234567";

/// # Errors
/// When the database does not take them.
pub(super) async fn fill(tx: &Tx, demo: &Demo) -> ApiResult<()> {
    let mut last: BTreeMap<i64, i64> = BTreeMap::new();
    for row in demo.rows("expense_claims") {
        let (year, digits) = number(&string(row, "number"))?;
        let highest = last.entry(year).or_default();
        *highest = digits.max(*highest);
        fill_one(tx, demo, row).await?;
    }
    for (year, last_number) in last {
        let series = number_series::ActiveModel {
            series: Set("EC".to_owned()),
            year: Set(year),
            last_number: Set(last_number),
        };
        series.insert(tx.db()).await?;
    }
    Ok(())
}

async fn fill_one(tx: &Tx, demo: &Demo, row: &Value) -> ApiResult<()> {
    let hands = Hands::of(demo, row)?;
    let order_id = advances::known_order(tx, row).await?;
    let (claim, steps) = (claim(demo, row, &hands, order_id)?, steps(row)?);
    let version = i64::try_from(steps.len()).unwrap_or(i64::MAX - 1) + 1;
    let model = expense_claims::Model { version, ..claim };
    let claim = model.into_active_model().insert(tx.db()).await?;
    let lines = fill_lines(tx, demo, row, &claim).await?;
    fill_papers(tx, row, &claim).await?;
    let created = Event::new("create", store::TYPE, claim.id, 1).of_board(claim.board_id);
    tx.record(created.with(json!({"claimed_amount": claim.claimed_amount}))).await?;
    for (version, step) in (2..).zip(&steps) {
        // The audit trail is of the moment at which the demo was filled; this is when it happened.
        let mut details = json!({"happened_at": step.at, "staff_id": hands.of_step(&claim, step)});
        if let Some(gaps) = gaps_of(row, step) {
            details["gaps"] = gaps;
        }
        let event = Event::new(step.verb, store::TYPE, claim.id, version)
            .of_board(claim.board_id)
            .step(&step.from, &step.to)
            .because(step.reason.as_deref())
            .with(details);
        tx.record(event).await?;
    }
    if claim.status == Returned {
        fill_gaps(tx, row, &claim, &lines, steps.last()).await?;
    }
    if claim.status == Paid {
        fill_payment(tx, row, &claim).await?;
    }
    fill_money(tx, row, &claim, &lines).await?;
    Ok(())
}

/// What was missing, as the event of a return tells it.
fn gaps_of(row: &Value, step: &Taken) -> Option<Value> {
    let codes = row["gaps"].as_array().filter(|_| step.verb == "return")?;
    Some(codes.iter().map(|code| json!({"code": code})).collect())
}

/// One entry of a row's history.
struct Taken {
    at: DateTime<Utc>,
    by: Uuid,
    from: ClaimStatus,
    to: ClaimStatus,
    verb: &'static str,
    reason: Option<String>,
}

/// The row's history in the service's own steps. That funds are there is said by the accountant's step here.
fn steps(row: &Value) -> ApiResult<Vec<Taken>> {
    let mut steps = Vec::new();
    for entry in row["history"].as_array().into_iter().flatten() {
        let (from, to) = (status(&string(entry, "from"))?, status(&string(entry, "to"))?);
        let verb = match to {
            Submitted => "submit",
            Confirmed => "confirm",
            Verified => "verify",
            Approved => "approve",
            Paid => "pay",
            _ => "return",
        };
        if from != to {
            let reason = entry["reason_vi"].as_str().map(str::to_owned);
            steps.push(Taken {
                at: instant(entry, "at")?,
                by: reference(entry, "by")?,
                from,
                to,
                verb,
                reason,
            });
        }
    }
    Ok(steps)
}

fn status(name: &str) -> ApiResult<ClaimStatus> {
    Ok(match name {
        "draft" => Draft,
        "submitted" => Submitted,
        "incomplete" | "returned" => Returned,
        "confirmed" => Confirmed,
        "checked" | "funded" => Verified,
        "approved" => Approved,
        "paid" => Paid,
        other => return Err(ApiError::internal(format!("demo: {other} is no status of a claim"))),
    })
}

/// Who took part in a claim.
struct Hands {
    confirmed_by: Option<Uuid>,
    verified_by: Option<Uuid>,
    approved_by: Option<Uuid>,
    paid_by: Option<Uuid>,
}

impl Hands {
    /// From the history; where it lets somebody confirm who heads nothing here, or approve after another
    /// part, one of the two chiefs of office stands in who has no other part.
    fn of(demo: &Demo, row: &Value) -> ApiResult<Self> {
        let steps = steps(row)?;
        let by = |verb: &str| steps.iter().find(|step| step.verb == verb).map(|step| step.by);
        let claimant = Some(reference(row, "claimant")?);
        let (verified_by, paid_by) = (by("verify"), by("pay"));
        let chiefs = [id("p_linh"), id("p_an")];
        let free = |taken: &[Option<Uuid>]| chiefs.into_iter().find(|chief| !taken.contains(&Some(*chief)));
        let heads = |person: &Uuid| {
            let roles = ["board_head", "account_holder", "deputy_account_holder"];
            demo.rows("logins").any(|login| {
                login["person"].as_str().map(id) == Some(*person)
                    && roles
                        .iter()
                        .any(|role| login["roles"].as_array().is_some_and(|all| all.contains(&json!(role))))
            })
        };
        let approver = by("approve");
        let confirmed_by = by("confirm").and_then(|person| {
            if heads(&person) && Some(person) != claimant {
                Some(person)
            } else {
                free(&[claimant, approver])
            }
        });
        let approved_by = approver.and_then(|person| {
            let taken = [claimant, confirmed_by, verified_by];
            if taken.contains(&Some(person)) { free(&taken) } else { Some(person) }
        });
        Ok(Self { confirmed_by, verified_by, approved_by, paid_by })
    }

    fn of_step(&self, claim: &expense_claims::Model, step: &Taken) -> Option<Uuid> {
        match step.verb {
            "submit" => Some(claim.claimant_id),
            "confirm" => self.confirmed_by,
            "verify" => self.verified_by,
            "approve" => self.approved_by,
            "pay" => self.paid_by,
            _ => Some(step.by),
        }
    }
}

fn claim(
    demo: &Demo,
    row: &Value,
    hands: &Hands,
    travel_order_id: Option<Uuid>,
) -> ApiResult<expense_claims::Model> {
    let (year, digits) = number(&string(row, "number"))?;
    let number = format!("EC-{year}-{digits:06}");
    let purpose = purpose(demo, row);
    let status = status(&string(row, "status"))?;
    let created_at = morning(day(row, "created_on")?);
    let changed_at = steps(row)?.last().map_or(created_at, |step| step.at);
    let returned =
        row["history"].as_array().and_then(|history| history.last()).filter(|_| status == Returned);
    let verified = matches!(status, Verified | Approved | Paid);
    Ok(expense_claims::Model {
        id: reference(row, "ref")?,
        search: search_key(&format!("{number} {purpose}")),
        number,
        board_id: reference(row, "board")?,
        kind: match string(row, "kind").as_str() {
            "fuel" => ClaimKind::Fuel,
            "hospitality" => ClaimKind::Reception,
            "conference" => ClaimKind::Conference,
            "other" => ClaimKind::Other,
            _ => ClaimKind::Travel,
        },
        claimant_id: reference(row, "claimant")?,
        purpose,
        travel_order_id,
        conference_id: None,
        deadline_on: optional_day(row, "claim_deadline"),
        submitted_on: steps(row)?.first().map(|step| office_day(step.at)),
        funding_source: verified.then_some(if row["funding_source"] == "12" {
            FundingSource::NonAutonomous
        } else {
            FundingSource::Autonomous
        }),
        status,
        waiting_since: changed_at,
        claimed_amount: amount(row, "claimed_total_vnd")?,
        allowed_amount: if verified { Some(amount(row, "allowed_total_vnd")?) } else { None },
        confirmed_by_id: hands.confirmed_by,
        verified_by_id: hands.verified_by,
        approved_by_id: hands.approved_by,
        paid_by_id: hands.paid_by,
        payment_id: (status == Paid).then(|| payment_id(row)),
        reversal_asked_by_id: None,
        reversal_reason: None,
        decision_reason: returned.and_then(|entry| entry["reason_vi"].as_str()).map(str::to_owned),
        version: 1,
        created_at,
        updated_at: changed_at,
        created_by_id: None,
    })
}

/// What the claim is about: the title of the file behind it.
fn purpose(demo: &Demo, row: &Value) -> String {
    if let Some(purpose) = optional(row, "purpose_vi") {
        return purpose;
    }
    let titles = [
        ("travel_order", "travel_orders", "purpose_vi"),
        ("conference", "conferences", "title_vi"),
        ("guest_delegation", "guest_delegations", "title_vi"),
    ];
    let title = titles.iter().find_map(|(link, kind, field)| {
        let wanted = row[*link].as_str()?;
        let target = demo.rows(kind).find(|target| target["ref"].as_str() == Some(wanted))?;
        target[*field].as_str().map(str::to_owned)
    });
    title.unwrap_or_else(|| match row["month"].as_str() {
        Some(month) => format!("Khoán công tác phí tháng {month}"),
        None => format!("Nhiên liệu xe cơ quan, lập ngày {}", string(row, "created_on")),
    })
}

async fn fill_lines(
    tx: &Tx,
    demo: &Demo,
    row: &Value,
    claim: &expense_claims::Model,
) -> ApiResult<Vec<expense_claim_lines::Model>> {
    let last_day = day(row, "created_on")?;
    let order = demo.rows("travel_orders").find(|order| order["ref"] == row["travel_order"]);
    let first_day = order.and_then(|order| optional_day(order, "from_date")).unwrap_or(last_day);
    let has_invoices = (row["documents"].as_array().into_iter().flatten())
        .any(|paper| string(paper, "kind").ends_with("invoice") && paper["present"] == true);
    let (year, digits) = number(&string(row, "number"))?;
    let mut lines = Vec::new();
    for (index, cost) in (0_u64..).zip(row["lines"].as_array().into_iter().flatten()) {
        let on_trip = first_day.checked_add_days(Days::new(index)).unwrap_or(first_day);
        let incurred_on = on_trip.min(last_day);
        let kind = string(cost, "expense_kind");
        let invoiced = has_invoices && papers::invoice_rule(&kind, incurred_on).is_some();
        let (claimed, allowed) = (amount(cost, "claimed_vnd")?, amount(cost, "allowed_vnd")?);
        let verified = claim.allowed_amount.is_some();
        let (booked, budget_line_id) =
            if verified && allowed > 0 { booking(demo, row, cost)? } else { (None, None) };
        let line = expense_claim_lines::Model {
            id: id(&format!("{}/line/{index}", string(row, "ref"))),
            claim_id: claim.id,
            position: i64::try_from(index).unwrap_or_default(),
            kind,
            incurred_on,
            description: string(cost, "calculation"),
            claimed_amount: claimed,
            allowed_amount: verified.then_some(allowed),
            cut_reason: (verified && allowed < claimed).then(|| string(cost, "refusal_code")),
            invoice_seller_tax_code: invoiced.then(|| SELLER.to_owned()),
            invoice_number: invoiced.then(|| format!("{year}{digits:04}{index}")),
            invoice_issued_on: invoiced.then_some(incurred_on),
            live_invoice_key: None,
            live_person_day_key: None,
            refuel_id: None,
            live_refuel_id: None,
            norm_amount: None,
            norm: None,
            sub_item: budget_line_id.and(booked),
            sub_item_reason: None,
            budget_line_id,
        };
        let line = if matches!(claim.status, Draft | Returned) { line } else { alive(claim, line) };
        lines.push(line.into_active_model().insert(tx.db()).await?);
    }
    Ok(lines)
}

/// The sub-item of a cost and the line that bears it.
fn booking(demo: &Demo, row: &Value, cost: &Value) -> ApiResult<(Option<String>, Option<Uuid>)> {
    let sub_item = optional(cost, "sub_item").or_else(|| {
        let code = match cost["expense_kind"].as_str()? {
            "per_diem" => "6702",
            "lodging_lump_sum" => "6703",
            _ => return None,
        };
        Some(code.to_owned())
    });
    let Some(code) = &sub_item else { return Ok((None, None)) };
    let named = link(cost, "budget_line");
    let (year, _) = number(&string(row, "number"))?;
    let source = if row["funding_source"] == "12" { "12" } else { "13" };
    let line = named.or_else(|| budgets::line_of(demo, year, &string(row, "board"), source, code));
    Ok((sub_item, line))
}

/// The money of an approved or paid claim that has no travel order; that of the others is its order's.
async fn fill_money(
    tx: &Tx,
    row: &Value,
    claim: &expense_claims::Model,
    lines: &[expense_claim_lines::Model],
) -> ApiResult<()> {
    if claim.travel_order_id.is_some() || !matches!(claim.status, Approved | Paid) {
        return Ok(());
    }
    let mut at = tx.nested().await?;
    let shares = funds::shares(lines)?;
    at.now = steps(row)?.iter().find(|step| step.to == Approved).map_or(tx.now, |step| step.at);
    commitments::commit(&at, Document::claim(claim.id), &shares).await?;
    if claim.status == Paid {
        at.now = claim.updated_at;
        let none = commitments::Shares::new();
        let own = Document::claim(claim.id);
        commitments::spend(&at, own, own, &shares, &none).await?;
    }
    at.commit().await
}

/// A line of a claim that is under way holds its invoice or its day.
fn alive(claim: &expense_claims::Model, line: expense_claim_lines::Model) -> expense_claim_lines::Model {
    let (invoice, person_day) = (rules::invoice_key(&line), rules::person_day_key(claim, &line));
    expense_claim_lines::Model { live_invoice_key: invoice, live_person_day_key: person_day, ..line }
}

/// The papers that the row says are there; what has a record of its own, such as the order, is none of them.
async fn fill_papers(tx: &Tx, row: &Value, claim: &expense_claims::Model) -> ApiResult<()> {
    let present = row["documents"].as_array().into_iter().flatten().filter(|paper| paper["present"] == true);
    for (position, paper) in (0..).zip(present) {
        let kind = match string(paper, "kind").as_str() {
            "travel_permit" => ClaimPaperKind::TravelPermit,
            "ticket" => ClaimPaperKind::Ticket,
            "boarding_pass" => ClaimPaperKind::BoardingPass,
            _ => continue,
        };
        let paper = expense_claim_papers::ActiveModel {
            id: Set(id(&format!("{}/paper/{position}", string(row, "ref")))),
            claim_id: Set(claim.id),
            position: Set(position),
            kind: Set(kind),
            line_position: Set(None),
            stamped: Set(paper["stamped"].as_bool()),
        };
        paper.insert(tx.db()).await?;
    }
    Ok(())
}

async fn fill_gaps(
    tx: &Tx,
    row: &Value,
    claim: &expense_claims::Model,
    lines: &[expense_claim_lines::Model],
    returned: Option<&Taken>,
) -> ApiResult<()> {
    let Some(returned) = returned else { return Ok(()) };
    let reason = returned.reason.clone().unwrap_or_default();
    let codes: Vec<&str> = row["gaps"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    // The reason tells one thing after the other; where it does not, each gap gets all of it.
    let parts: Vec<&str> = reason.split(';').map(str::trim).collect();
    let detail = |index: usize| match parts.get(index) {
        Some(part) if parts.len() == codes.len() => (*part).to_owned(),
        _ => reason.clone(),
    };
    let given = codes.iter().enumerate().map(|(index, code)| ((*code).to_owned(), None, detail(index)));
    let missing = papers::missing(lines, crate::http::language::Language::Vi);
    let missing = missing.into_iter().map(|gap| (gap.code, gap.line, gap.detail));
    for (index, (code, line, detail)) in given.chain(missing).enumerate() {
        let gap = expense_claim_gaps::ActiveModel {
            id: Set(id(&format!("{}/gap/{index}", string(row, "ref")))),
            claim_id: Set(claim.id),
            line_position: Set(line),
            code: Set(code),
            detail: Set(detail),
            found_at: Set(returned.at),
            found_by_id: Set(returned.by),
        };
        gap.insert(tx.db()).await?;
    }
    Ok(())
}

/// The payment of what is allowed, without what an advance covered.
async fn fill_payment(tx: &Tx, row: &Value, claim: &expense_claims::Model) -> ApiResult<()> {
    let paid = &row["payment"];
    let (year, digits) = number(&string(row, "number"))?;
    let voucher = paid["voucher_number"].as_str().map(str::to_owned);
    let voucher = voucher.unwrap_or_else(|| format!("PC-{year}-{digits:06}"));
    let missing = || ApiError::internal("demo: a payment without hands");
    let covered = row["advance_vnd"].as_i64().unwrap_or_default();
    let payment = payments::ActiveModel {
        id: Set(payment_id(row)),
        kind: Set(PaymentKind::Claim),
        claim_id: Set(Some(claim.id)),
        advance_id: Set(link(row, "advance")),
        board_id: Set(claim.board_id),
        amount: Set(claim.allowed_amount.unwrap_or(claim.claimed_amount) - covered),
        set_off_amount: Set(covered),
        method: Set(if paid["method"] == "transfer" { PaymentMethod::Transfer } else { PaymentMethod::Cash }),
        paid_on: Set(day(paid, "paid_on")?),
        voucher_key: Set(code_key(&voucher)),
        voucher_number: Set(voucher),
        reverses_id: Set(None),
        reason: Set(None),
        paid_by_id: Set(claim.paid_by_id.ok_or_else(missing)?),
        approved_by_id: Set(claim.approved_by_id.ok_or_else(missing)?),
        created_at: Set(claim.updated_at),
        created_by_id: Set(None),
    };
    let payment = payment.insert(tx.db()).await?;
    let event = Event::new("create", cash::TYPE, payment.id, 1).of_board(payment.board_id);
    tx.record(event.with(json!({"claim_id": claim.id, "amount": payment.amount}))).await
}

fn payment_id(row: &Value) -> Uuid {
    id(&format!("{}/payment", string(row, "ref")))
}

/// Year and digits of a number such as `TT-2025-165`.
pub(super) fn number(text: &str) -> ApiResult<(i64, i64)> {
    let mut parts = text.split('-').skip(1).map(str::parse::<i64>);
    match (parts.next(), parts.next()) {
        (Some(Ok(year)), Some(Ok(digits))) => Ok((year, digits)),
        _ => Err(ApiError::internal(format!("demo: {text} is no number of a record"))),
    }
}

pub(super) fn amount(row: &Value, field: &str) -> ApiResult<i64> {
    row[field].as_i64().ok_or_else(|| ApiError::internal(format!("demo: {field} is no amount in {row}")))
}

/// 09:00 in the office.
pub(super) fn morning(day: NaiveDate) -> DateTime<Utc> {
    day.and_hms_opt(2, 0, 0).unwrap_or_default().and_utc()
}
