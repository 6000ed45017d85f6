//! Which money bears a claim: its source, and the budget line of each cost. The accountant says so when verifying; a
//! claim of a travel order or a conference takes the money that was reserved for it.

use chrono::NaiveDate;
use entity::expense_claim_lines::Model as Line;
use entity::expense_claims::Model as Claim;
use entity::funding_source::FundingSource;
use uuid::Uuid;

use crate::budgets::booking::{Cost, book, kinds_of, not_paid};
use crate::budgets::commitments::{self, Document, Shares};
use crate::budgets::lines::store as budget;
use crate::claims::grounds::Ground;
use crate::claims::json::{ClaimVerdictIn, ClaimVerifyIn};
use crate::claims::store;
use crate::error::{ApiError, ApiResult, FieldError, text};
use crate::write::Tx;

/// Books the lines that are allowed something, and gives the source.
///
/// # Errors
/// 422 with everything that is wrong: another source than the order's, a kind without a sub-item, a line that is
/// missing, a choice without its reason.
pub async fn book_lines(
    tx: &Tx,
    claim: &Claim,
    lines: &mut [Line],
    body: &ClaimVerifyIn,
) -> ApiResult<FundingSource> {
    let ground = Ground::of(tx, claim).await?;
    let source = source(ground.as_ref(), body.funding_source)?;
    for line in lines.iter_mut() {
        (line.sub_item, line.sub_item_reason, line.budget_line_id) = (None, None, None);
    }
    book_on_chosen_line(tx, ground.as_ref(), lines, &body.lines).await?;
    let mut costs = Vec::new();
    let mut booked_lines = Vec::new();
    for line in lines.iter_mut() {
        if line.allowed_amount.unwrap_or_default() == 0 || line.budget_line_id.is_some() {
            continue;
        }
        let verdict = verdict_of(&body.lines, line.position);
        costs.push(Cost {
            field: verdict.map_or("lines".to_owned(), |(index, _)| format!("lines/{index}/sub_item")),
            kind: line.kind.clone(),
            on: ground.as_ref().map_or(line.incurred_on, |ground| ground.on),
            chosen: verdict.and_then(|(_, verdict)| verdict.sub_item.clone()),
        });
        booked_lines.push(line);
    }
    let reserved: Vec<Uuid> = match &ground {
        None => Vec::new(),
        Some(ground) => {
            let id = ground.document.id;
            let of_ground = commitments::of(tx.db(), [id]).await?.remove(&id);
            of_ground.into_iter().flat_map(|shown| shown.lines).map(|line| line.budget_line_id).collect()
        }
    };
    let booked = book(tx.db(), claim.board_id, source, &costs, &reserved).await?;
    let mut broken = Vec::new();
    for (line, booked) in booked_lines.into_iter().zip(booked) {
        line.sub_item = Some(booked.sub_item);
        line.budget_line_id = Some(booked.budget_line_id);
        if !booked.departs {
            continue;
        }
        let Some((index, verdict)) = verdict_of(&body.lines, line.position) else { continue };
        line.sub_item_reason = verdict.sub_item_reason.clone().filter(|reason| !reason.is_empty());
        if line.sub_item_reason.is_none() {
            let why = text("nêu lý do chọn tiểu mục khác", "say why another sub-item is chosen");
            broken.push(FieldError::body(&format!("lines/{index}/sub_item_reason"), "required", why));
        }
    }
    if broken.is_empty() { Ok(source) } else { Err(ApiError::invalid(broken)) }
}

fn verdict_of(verdicts: &[ClaimVerdictIn], line: i64) -> Option<(usize, &ClaimVerdictIn)> {
    verdicts.iter().enumerate().find(|(_, verdict)| verdict.line == line)
}

/// The source of the reserved money; where none is, the accountant's choice, autonomous funds unless another is given.
fn source(ground: Option<&Ground>, given: Option<FundingSource>) -> ApiResult<FundingSource> {
    match (ground.and_then(|ground| ground.source), given) {
        (Some(reserved), Some(given)) if reserved != given => Err(ApiError::rule(
            "funding_source",
            "sources_never_mix",
            text(
                "khác nguồn kinh phí của quyết định cử đi công tác hoặc hội nghị",
                "is another source than that of the travel order or the conference",
            ),
        )),
        (Some(reserved), _) => Ok(reserved),
        (None, given) => Ok(given.unwrap_or(FundingSource::Autonomous)),
    }
}

/// Where one budget line bears the whole ground, it bears the claim's lines too, unless a verdict says otherwise.
async fn book_on_chosen_line(
    tx: &Tx,
    ground: Option<&Ground>,
    lines: &mut [Line],
    verdicts: &[ClaimVerdictIn],
) -> ApiResult<()> {
    let Some((ground, line_id)) = ground.and_then(|ground| Some((ground, ground.budget_line_id?))) else {
        return Ok(());
    };
    let Some(chosen) = budget::by_ids(tx.db(), [line_id]).await?.pop() else { return Ok(()) };
    let kinds: Vec<(&str, NaiveDate)> = lines.iter().map(|line| (line.kind.as_str(), ground.on)).collect();
    let kinds = kinds_of(tx.db(), &kinds).await?;
    let mut broken = Vec::new();
    for (line, kind) in lines.iter_mut().zip(kinds) {
        let verdict = verdict_of(verdicts, line.position);
        let other = verdict.is_some_and(|(_, verdict)| verdict.sub_item.is_some());
        if line.allowed_amount.unwrap_or_default() == 0 || other {
            continue;
        }
        if kind.as_ref().is_some_and(|kind| !kind.allowed) {
            broken.push(not_paid("lines", &line.kind));
        }
        // The ground's reason is told where the line is not the kind's own.
        if kind.and_then(|kind| kind.sub_item).as_ref() != Some(&chosen.sub_item) {
            line.sub_item_reason.clone_from(&ground.reason);
        }
        line.sub_item = Some(chosen.sub_item.clone());
        line.budget_line_id = Some(chosen.id);
    }
    if broken.is_empty() { Ok(()) } else { Err(ApiError::invalid(broken)) }
}

/// What each budget line bears of a verified claim.
///
/// # Errors
/// 422 `budget_line_missing` for a claim that was verified before there were budget lines.
pub fn shares(lines: &[Line]) -> ApiResult<Shares> {
    let mut shares = Shares::new();
    for line in lines {
        let allowed = line.allowed_amount.unwrap_or_default();
        if allowed == 0 {
            continue;
        }
        let Some(line_id) = line.budget_line_id else {
            let again = text(
                "hồ sơ chưa được ghi vào dòng dự toán; hãy trả lại để thẩm tra lại",
                "the claim is not booked on budget lines; return it and have it verified again",
            );
            return Err(ApiError::rule("lines", "budget_line_missing", again));
        };
        *shares.entry(line_id).or_default() += allowed;
    }
    Ok(shares)
}

/// What the other approved claims of an order or a conference will take of its money.
async fn promised(tx: &Tx, ground: &Ground, claim_id: Uuid) -> ApiResult<Shares> {
    let beside = store::approved_beside(tx.db(), ground.document.id, claim_id).await?;
    let mut promised = Shares::new();
    for line in store::lines_of(tx.db(), beside).await?.into_values().flatten() {
        if let Some(line_id) = line.budget_line_id {
            *promised.entry(line_id).or_default() += line.allowed_amount.unwrap_or_default();
        }
    }
    Ok(promised)
}

/// Reserves what is allowed: on its own budget lines, or out of what the order of the journey or the conference has
/// reserved.
///
/// # Errors
/// 409 `budget_insufficient` or `commitment_exceeded` with the figures.
pub async fn reserve(tx: &Tx, claim: &Claim, lines: &[Line]) -> ApiResult<()> {
    let shares = shares(lines)?;
    match Ground::of(tx, claim).await? {
        None => commitments::commit(tx, Document::claim(claim.id), &shares).await.map(drop),
        Some(ground) => {
            let promised = promised(tx, &ground, claim.id).await?;
            commitments::cover(tx, ground.document, &shares, &promised).await
        }
    }
}

/// Gives back what the approval reserved; the money of an order or a conference stays with it.
///
/// # Errors
/// When the database does not answer.
pub async fn give_back(tx: &Tx, claim: &Claim) -> ApiResult<()> {
    if claim.travel_order_id.is_some() || claim.conference_id.is_some() {
        return Ok(());
    }
    commitments::release(tx, Document::claim(claim.id)).await.map(drop)
}

/// Turns what is reserved into spending.
///
/// # Errors
/// As [`reserve`].
pub async fn spend(tx: &Tx, claim: &Claim, lines: &[Line]) -> ApiResult<()> {
    let shares = shares(lines)?;
    let paid = Document::claim(claim.id);
    let (document, promised) = match Ground::of(tx, claim).await? {
        None => (paid, Shares::new()),
        Some(ground) => (ground.document, promised(tx, &ground, claim.id).await?),
    };
    commitments::spend(tx, document, paid, &shares, &promised).await.map(drop)
}

/// Takes the spending of a reversed payment back: to the reserved money of its order or conference, else to what is
/// available.
///
/// # Errors
/// When the database does not take it.
pub async fn take_back(tx: &Tx, claim: &Claim) -> ApiResult<()> {
    let paid = Document::claim(claim.id);
    match Ground::of(tx, claim).await? {
        Some(ground) => commitments::unspend(tx, ground.document, paid).await.map(drop),
        None => commitments::close_and_unspend(tx, paid).await,
    }
}
