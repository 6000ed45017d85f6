//! The conference estimate: what a conference or a reception may cost by the rates in force, every amount with its
//! working. A calculator: it stores nothing. A missing rate is an error that names what is missing, never a guess.
//!
//! [`bound`] prices what a rate binds: refreshments, meals, lodging, hospitality. [`json::ConferenceCostIn`] is what it
//! costs by itself.

use std::collections::BTreeSet;

use actix_web::post;
use sea_orm::ConnectionTrait;

use crate::conferences::costs::estimates::bound::Asked;
use crate::conferences::costs::estimates::json::{
    ConferenceCostIn, ConferenceCostLine, ConferenceEstimateIn, ConferenceEstimateOut,
};
use crate::decimal::decimal;
use crate::error::{ApiError, ApiResult, FieldError, text};
use crate::http::call::Call;
use crate::http::document::LARGEST_AMOUNT;
use crate::http::input::Json;
use crate::http::language::Language;
use crate::http::reply::Reply;
use crate::travel::estimates::pricing::Missing;
use crate::travel::estimates::result::weakest;
use crate::travel::estimates::working::dong;
use crate::travel::rates::lookup::Book;

pub mod bound;
pub mod json;

/// Estimate a conference.
///
/// What a conference or a reception may cost by the rates in force, computed anew each time; nothing is stored.
/// Refreshments for each delegate and half day, meal support for delegates without salary, lodging by lump sum, and
/// hospitality up to its ceiling, each with its rate, document and day; other costs as they are. A gift is refused with
/// `gift_not_allowed`, hospitality above its ceiling with `over_ceiling`, and a rate that nobody knows with
/// `rate_not_found`; `errors` names all of them.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("conference.estimate"))),
    responses((status = 200, description = "The estimate.", body = ConferenceEstimateOut))
)]
#[post("/v1/conference-estimates")]
pub(crate) async fn create_conference_estimate(
    call: Call,
    body: Json<ConferenceEstimateIn>,
) -> ApiResult<Reply<ConferenceEstimateOut>> {
    Reply::plain(&compute(call.db(), call.language, &body).await?)
}

/// Computes what a conference may cost, with its working in this language. Errors point into the body as it was sent.
///
/// # Errors
/// 422 with everything that is wrong, or `rate_not_found` naming what is missing.
pub async fn compute(
    db: &impl ConnectionTrait,
    language: Language,
    body: &ConferenceEstimateIn,
) -> ApiResult<ConferenceEstimateOut> {
    let days = days(body);
    let (first, last) = (days.iter().min().copied(), days.iter().max().copied());
    let (first, last) = (first.unwrap_or(body.on), last.unwrap_or(body.on));
    let book = Book::of_conferences(db, (first, last), body.table.as_deref()).await?;
    let mut asked =
        Asked { book: &book, language, on: body.on, missing: Missing::default(), broken: Vec::new() };
    let mut lines = Vec::new();
    lines.extend(body.refreshments.iter().enumerate().filter_map(|(at, one)| asked.refreshments(at, one)));
    lines.extend(body.meal_support.iter().enumerate().filter_map(|(at, one)| asked.meal_support(at, one)));
    lines.extend(body.lodging.iter().enumerate().filter_map(|(at, one)| asked.lodging(at, one)));
    lines.extend(body.hospitality.iter().enumerate().filter_map(|(at, one)| asked.hospitality(at, one)));
    lines.extend(body.other.iter().enumerate().filter_map(|(at, one)| other(&mut asked, at, one)));
    let Asked { missing, mut broken, .. } = asked;
    if days.is_empty() {
        let needed = text("cần ít nhất một khoản chi", "at least one cost is needed");
        broken.push(FieldError::body("other", "required", needed));
    }
    if broken.is_empty() {
        missing.refuse()?;
        return result(lines);
    }
    broken.extend(missing.into_errors());
    Err(ApiError::invalid(broken))
}

/// The days of all items.
fn days(body: &ConferenceEstimateIn) -> Vec<chrono::NaiveDate> {
    let own = body.refreshments.iter().map(|one| one.on);
    let own = own.chain(body.meal_support.iter().map(|one| one.on));
    let own = own.chain(body.lodging.iter().map(|one| one.on));
    let own = own.chain(body.hospitality.iter().map(|one| one.on));
    own.chain(body.other.iter().map(|one| one.on)).map(|on| on.unwrap_or(body.on)).collect()
}

/// A cost without a rate: so many at a price.
fn other(asked: &mut Asked<'_>, at: usize, cost: &ConferenceCostIn) -> Option<ConferenceCostLine> {
    let item = format!("other/{at}");
    if cost.kind == "gift" {
        asked.broken.push(bound::gift(&format!("{item}/kind")));
        return None;
    }
    if bound::is_bound(&cost.kind) {
        let own = text(
            format!("{} có định mức; hãy nêu ở phần riêng của khoản này", cost.kind),
            format!("{} has a rate; name it in its own part", cost.kind),
        );
        asked.broken.push(FieldError::body(&format!("{item}/kind"), "norm_bound", own));
        return None;
    }
    let exact = i128::from(cost.quantity) * i128::from(cost.unit_amount);
    let amount = asked.within(&format!("{item}/unit_amount"), exact)?;
    let unit = dong(cost.unit_amount);
    let working =
        text(format!("{} x {}", cost.quantity, unit.vi), format!("{} x {}", cost.quantity, unit.en));
    Some(ConferenceCostLine {
        item,
        kind: cost.kind.clone(),
        on: cost.on.unwrap_or(asked.on),
        description: Some(cost.description.clone()),
        quantity: decimal(cost.quantity * 100),
        unit: "each".to_owned(),
        rate_amount: cost.unit_amount,
        amount,
        ceiling_amount: None,
        reason: None,
        working: working.get(asked.language).to_owned(),
        rates: Vec::new(),
    })
}

fn result(lines: Vec<ConferenceCostLine>) -> ApiResult<ConferenceEstimateOut> {
    let total: i128 = lines.iter().map(|line| i128::from(line.amount)).sum();
    let total = i64::try_from(total).ok().filter(|total| *total <= LARGEST_AMOUNT);
    let total_amount = total.ok_or_else(|| {
        ApiError::rule("other", "out_of_range", text("tổng số tiền quá lớn", "the sum is too large"))
    })?;
    let rates = || lines.iter().flat_map(|line| &line.rates);
    let documents: BTreeSet<String> = rates().filter_map(|rate| rate.document_number.clone()).collect();
    let verification = weakest(rates());
    Ok(ConferenceEstimateOut {
        total_amount,
        verification,
        document_numbers: documents.into_iter().collect(),
        lines,
    })
}
