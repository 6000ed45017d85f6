//! Starting a claim from a travel order: the lines are proposed from what the journey may cost.

use actix_web::post;
use chrono::NaiveDate;
use entity::expense_claim_papers::ClaimPaperKind;
use entity::expense_claims::{ClaimKind, Model};
use entity::travel_orders::TravelOrderStatus;
use uuid::Uuid;

use crate::auth::permissions::Action;
use crate::claims::json::{ClaimIn, ClaimLineIn, ClaimOut, ClaimPaperIn};
use crate::claims::orders::{self, Journey};
use crate::claims::{rules, steps, store, view};
use crate::error::{ApiError, ApiResult, text};
use crate::http::call::Call;
use crate::http::input::Path;
use crate::http::reply::Reply;
use crate::travel::orders::store as travel;
use crate::write::Tx;

/// The most lines that a claim can have.
const MOST_LINES: usize = 100;

/// Start the claim of a journey.
///
/// Writes a draft of a `travel` expense claim for a traveller of an order that is approved or completed. Its lines
/// are proposed from the estimate of the journey as it was, else as it is planned: one for each kind of cost and day,
/// claimed at the norm. The claimant changes what was otherwise. A claimant has one claim of an order (409
/// `duplicate`); a rejected, withdrawn or reversed one makes way for another.
#[utoipa::path(
    tag = "claims",
    extensions(("x-action" = json!("claim.claim"))),
    responses((status = 201, description = "Created.", body = ClaimOut))
)]
#[post("/v1/travel-orders/{order_id}/start-claim")]
pub(crate) async fn start_expense_claim(call: Call, order_id: Path<Uuid>) -> ApiResult<Reply<ClaimOut>> {
    call.write(async |tx| {
        let claim = start(&call, tx, *order_id).await?;
        Reply::created(&view::one(&call, tx.db(), claim).await?)
    })
    .await
}

async fn start(call: &Call, tx: &Tx, order_id: Uuid) -> ApiResult<Model> {
    let order = travel::find_for_update(tx, call, order_id).await?;
    call.expect_version(order.version)?;
    let claimant_id = call.staff_id()?;
    call.may_own(Action::ClaimExpenses, order.board_id, claimant_id)?;
    let Some(order) = orders::of_traveller(tx.db(), Some(order), claimant_id).await? else {
        return Err(ApiError::forbidden(text(
            "Chỉ người đi công tác lập được hồ sơ.",
            "Only its travellers claim a journey.",
        )));
    };
    orders::stands_at(&order, &[TravelOrderStatus::Approved, TravelOrderStatus::Completed])?;
    let journey = Journey::of(tx.db(), order, claimant_id).await?;
    let body = ClaimIn {
        board_id: journey.order.board_id,
        kind: ClaimKind::Travel,
        purpose: journey.order.purpose.clone(),
        travel_order_id: Some(journey.order.id),
        conference_id: None,
        lines: proposed(&journey)?,
        papers: permit(&journey),
    };
    let total = rules::total(&body.lines).map_err(|error| ApiError::invalid(vec![error]))?;
    let claim = store::insert(tx, &body, claimant_id, total).await?;
    steps::look_up(tx, claim, Some(&journey)).await
}

/// One line for each kind and day of which something may be paid, day by day.
fn proposed(journey: &Journey) -> ApiResult<Vec<ClaimLineIn>> {
    let mut lines: Vec<ClaimLineIn> = Vec::new();
    let costs = journey.estimate.iter().flat_map(|estimate| &estimate.lines).filter(|cost| cost.amount > 0);
    for cost in costs {
        let same = |line: &&mut ClaimLineIn| line.kind == cost.kind && line.incurred_on == cost.on;
        match lines.iter_mut().find(same) {
            Some(line) => {
                line.claimed_amount += cost.amount;
                line.description = short(&format!("{} + {}", line.description, cost.working));
            }
            None => lines.push(line(&cost.kind, cost.on, &cost.working, cost.amount)),
        }
    }
    lines.sort_by_key(|line| line.incurred_on);
    if lines.len() <= MOST_LINES {
        return Ok(lines);
    }
    let long = text(
        "chuyến đi có quá 100 dòng chi; hãy lập hồ sơ theo từng phần",
        "the journey has more than 100 lines; write the claim by hand",
    );
    Err(ApiError::new(crate::error::Code::ValidationFailed, long))
}

fn line(kind: &str, on: NaiveDate, working: &str, amount: i64) -> ClaimLineIn {
    ClaimLineIn {
        kind: kind.to_owned(),
        incurred_on: on,
        description: short(working),
        claimed_amount: amount,
        invoice: None,
        refuel_id: None,
    }
}

fn short(text: &str) -> String {
    text.chars().take(500).collect()
}

/// The permit lies in the file with the stamp that was seen when the journey was completed.
fn permit(journey: &Journey) -> Vec<ClaimPaperIn> {
    let stamped = journey.order.permit_stamped;
    let permit = ClaimPaperIn { kind: ClaimPaperKind::TravelPermit, line: None, stamped };
    stamped.map(|_| permit).into_iter().collect()
}
