//! The forms' operations, in reading order.

use actix_web::{HttpRequest, HttpResponse, get};
use uuid::Uuid;

use crate::claims::advances;
use crate::error::ApiResult;
use crate::forms::{
    advance_request, answer, dispatch_order, payment_request, travel_expense_sheet, travel_permit,
};
use crate::http::call::Call;
use crate::http::input::Path;
use crate::travel::orders;
use crate::{claims, trips};

/// Print a dispatch order.
///
/// Lệnh điều xe as a PDF in Vietnamese, for driver, user of the car and dispatcher to sign: car, driver, route, times, the
/// bookings, and the readings as far as they are known; the rest are dots. A board finds its own bookings on it. A void
/// order says so. A trip that was not issued yet has none: 422 `form_not_ready`.
#[utoipa::path(
    tag = "trips",
    extensions(("x-action" = json!("trip.read"))),
    responses((status = 200, description = "The form.", body = String, content_type = "application/pdf"))
)]
#[get("/v1/trips/{trip_id}/dispatch-order")]
pub(crate) async fn get_trip_dispatch_order(
    call: Call,
    request: HttpRequest,
    trip_id: Path<Uuid>,
) -> ApiResult<HttpResponse> {
    let trip = trips::store::find(call.db(), &call, *trip_id).await?;
    let (name, sheet) = dispatch_order::sheet(call.db(), &call, trip).await?;
    answer::send(&call, &request, &name, sheet).await
}

/// Print a payment request.
///
/// Giấy đề nghị thanh toán as a PDF in Vietnamese: the costs, the sum in figures and in words, what was allowed once the
/// claim is verified, and the names of those who signed so far. A claim that its claimant still writes has none: 422
/// `form_not_ready`.
#[utoipa::path(
    tag = "claims",
    extensions(("x-action" = json!("claim.read"))),
    responses((status = 200, description = "The form.", body = String, content_type = "application/pdf"))
)]
#[get("/v1/expense-claims/{claim_id}/payment-request")]
pub(crate) async fn get_expense_claim_payment_request(
    call: Call,
    request: HttpRequest,
    claim_id: Path<Uuid>,
) -> ApiResult<HttpResponse> {
    let claim = claims::store::find(call.db(), &call, *claim_id).await?;
    let (name, sheet) = payment_request::sheet(call.db(), &call, claim).await?;
    answer::send(&call, &request, &name, sheet).await
}

/// Print a travel permit.
///
/// Giấy đi đường (mẫu C16-HD) as a PDF in Vietnamese, one page or more for each traveller: who goes where, why and until
/// when, the order behind it, what was advanced, and each leg with room for the stamp of the place. An order that is not
/// in force has none: 422 `form_not_ready`.
#[utoipa::path(
    tag = "travel",
    extensions(("x-action" = json!("travel.read"))),
    responses((status = 200, description = "The form.", body = String, content_type = "application/pdf"))
)]
#[get("/v1/travel-orders/{order_id}/travel-permit")]
pub(crate) async fn get_travel_order_permit(
    call: Call,
    request: HttpRequest,
    order_id: Path<Uuid>,
) -> ApiResult<HttpResponse> {
    let order = orders::store::find(call.db(), &call, *order_id).await?;
    let (name, sheet) = travel_permit::sheet(call.db(), &call, order).await?;
    answer::send(&call, &request, &name, sheet).await
}

/// Print a travel expense sheet.
///
/// Bảng kê thanh toán công tác phí (mẫu C17-HD) as a PDF in Vietnamese: the costs of a journey by their columns, what was
/// advanced for it, and what is then to be paid or paid back; what is allowed once the claim is verified, before that
/// what is asked. 422 `form_not_ready` for a claim of another kind, and for one that its claimant still writes.
#[utoipa::path(
    tag = "claims",
    extensions(("x-action" = json!("claim.read"))),
    responses((status = 200, description = "The form.", body = String, content_type = "application/pdf"))
)]
#[get("/v1/expense-claims/{claim_id}/travel-expense-sheet")]
pub(crate) async fn get_expense_claim_travel_expense_sheet(
    call: Call,
    request: HttpRequest,
    claim_id: Path<Uuid>,
) -> ApiResult<HttpResponse> {
    let claim = claims::store::find(call.db(), &call, *claim_id).await?;
    let (name, sheet) = travel_expense_sheet::sheet(call.db(), &call, claim).await?;
    answer::send(&call, &request, &name, sheet).await
}

/// Print the request of an advance.
///
/// Giấy đề nghị tạm ứng as a PDF in Vietnamese: the amount in figures and in words, the reason, the day by which it is
/// settled, and who approved it. An advance that was rejected or cancelled has none: 422 `form_not_ready`.
#[utoipa::path(
    tag = "claims",
    extensions(("x-action" = json!("claim.read"))),
    responses((status = 200, description = "The form.", body = String, content_type = "application/pdf"))
)]
#[get("/v1/advances/{advance_id}/advance-request")]
pub(crate) async fn get_advance_request(
    call: Call,
    request: HttpRequest,
    advance_id: Path<Uuid>,
) -> ApiResult<HttpResponse> {
    let advance = advances::store::find(call.db(), &call, *advance_id).await?;
    let (name, sheet) = advance_request::sheet(call.db(), &call, advance).await?;
    answer::send(&call, &request, &name, sheet).await
}
