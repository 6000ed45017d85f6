//! The service accounts' operations, in reading order.

use actix_web::{HttpRequest, get, patch, post};
use entity::service_accounts::{Column, Model};
use uuid::Uuid;

use crate::auth::caller::Caller;
use crate::auth::keys::{self, NewSecret};
use crate::error::{ApiError, ApiResult, FieldError, text};
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};
use crate::users::service_accounts::json::{
    ServiceAccountFilter, ServiceAccountIn, ServiceAccountOut, ServiceAccountPatch, ServiceKeyIn,
    ServiceKeyIssued, ServiceKeyRevokeIn,
};
use crate::users::service_accounts::{rules, store};
use crate::users::store::still_administrator;

/// List service accounts.
///
/// The logins of scripts, each with its keys (without the keys themselves).
#[utoipa::path(
    tag = "users",
    params(ServiceAccountFilter, PageParams),
    extensions(("x-action" = json!("user.read"))),
    responses((status = 200, description = "A page of service accounts.", body = Page<ServiceAccountOut>))
)]
#[get("/v1/service-accounts")]
pub(crate) async fn list_service_accounts(
    call: Call,
    request: HttpRequest,
    filter: Query<ServiceAccountFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<ServiceAccountOut>>> {
    let (select, order) = (store::select(&filter), store::order(filter.sort));
    let page = page::load(&call, select, order, Column::Id, &params, &*filter).await?;
    let mut keys = store::keys(call.db(), page.items.iter().map(|account| account.id)).await?;
    page.map(|account| {
        let keys = keys.remove(&account.id).unwrap_or_default();
        ServiceAccountOut::new(account, keys)
    })
    .reply(&request)
}

/// Make a service account.
///
/// It acts for its owner: it may do its scopes, as far as its owner may do them at that moment, and only in its boards
/// where it is limited to some. It has no key yet; issue one with `issue-key`.
#[utoipa::path(
    tag = "users",
    extensions(("x-action" = json!("user.manage"))),
    responses((status = 201, description = "Created.", body = ServiceAccountOut))
)]
#[post("/v1/service-accounts")]
pub(crate) async fn create_service_account(
    call: Call,
    body: Json<ServiceAccountIn>,
) -> ApiResult<Reply<ServiceAccountOut>> {
    let owner = Caller::of_user(&call.app, body.owner_id).await?;
    let owner = owner.ok_or_else(|| ApiError::unknown_reference("owner_id"))?;
    let mut broken = broken_owner(&owner);
    broken.extend(broken_rights(&call, &owner, &body.scopes, body.board_ids.as_deref()).await?);
    call.write(async |tx| {
        still_administrator(tx).await?;
        if !broken.is_empty() {
            return Err(ApiError::invalid(broken.clone()));
        }
        let account = store::insert(tx, &body).await?;
        Reply::created(&store::out(tx.db(), account).await?)
    })
    .await
}

/// Read a service account.
///
/// Its owner, scopes and boards, and its keys without the keys themselves.
#[utoipa::path(
    tag = "users",
    extensions(("x-action" = json!("user.read"))),
    responses((status = 200, description = "The service account.", body = ServiceAccountOut))
)]
#[get("/v1/service-accounts/{service_account_id}")]
pub(crate) async fn get_service_account(
    call: Call,
    service_account_id: Path<Uuid>,
) -> ApiResult<Reply<ServiceAccountOut>> {
    let account = store::find(call.db(), *service_account_id).await?;
    Reply::ok(&store::out(call.db(), account).await?)
}

/// Change a service account.
///
/// Its name, scopes and boards, and whether it is open. The owner stays: make another account for another person.
#[utoipa::path(
    tag = "users",
    extensions(("x-action" = json!("user.manage"))),
    responses((status = 200, description = "The service account.", body = ServiceAccountOut))
)]
#[patch("/v1/service-accounts/{service_account_id}")]
pub(crate) async fn update_service_account(
    call: Call,
    service_account_id: Path<Uuid>,
    body: Json<ServiceAccountPatch>,
) -> ApiResult<Reply<ServiceAccountOut>> {
    let seen = store::find(call.db(), *service_account_id).await?;
    let broken = broken_changes(&call, &seen, &body).await?;
    call.write(async |tx| {
        still_administrator(tx).await?;
        let account = store::find_for_update(tx, *service_account_id).await?;
        call.expect_version(account.version)?;
        if !broken.is_empty() {
            return Err(ApiError::invalid(broken.clone()));
        }
        // What was judged is what is changed, also for a caller who asked for no version.
        if account.version != seen.version {
            return Err(crate::error::version_conflict());
        }
        let account = store::update(tx, account, &body).await?;
        Reply::ok(&store::out(tx.db(), account).await?)
    })
    .await
}

/// Issue a key.
///
/// The answer shows the key, this once: only its digest is stored. It works until the end of `expires_on`, at most 365
/// days from now; there is no key without an end. The answer to a repeated request (`Idempotency-Key`) has `key` null.
#[utoipa::path(
    tag = "users",
    extensions(("x-action" = json!("user.manage"))),
    responses((status = 200, description = "The key.", body = ServiceKeyIssued))
)]
#[post("/v1/service-accounts/{service_account_id}/issue-key")]
pub(crate) async fn issue_service_account_key(
    call: Call,
    service_account_id: Path<Uuid>,
    body: Json<ServiceKeyIn>,
) -> ApiResult<Reply<ServiceKeyIssued>> {
    let new = NewSecret::make(keys::KEY)?;
    call.write(async |tx| {
        still_administrator(tx).await?;
        let account = store::find_for_update(tx, *service_account_id).await?;
        let last_day = rules::last_day(body.expires_on, call.today());
        let key = store::issue(tx, account, &new, last_day?).await?;
        let kept = ServiceKeyIssued {
            service_account_id: key.account_id,
            key_id: key.id,
            key: None,
            prefix: key.prefix,
            expires_at: key.expires_at,
        };
        Reply::plain(&ServiceKeyIssued { key: Some(new.secret.clone()), ..kept.clone() })?.keeping(&kept)
    })
    .await
}

/// Revoke a key.
///
/// It ends at once: the next request with it is refused. The other keys of the account go on.
#[utoipa::path(
    tag = "users",
    extensions(("x-action" = json!("user.manage"))),
    responses((status = 200, description = "The service account.", body = ServiceAccountOut))
)]
#[post("/v1/service-accounts/{service_account_id}/revoke-key")]
pub(crate) async fn revoke_service_account_key(
    call: Call,
    service_account_id: Path<Uuid>,
    body: Json<ServiceKeyRevokeIn>,
) -> ApiResult<Reply<ServiceAccountOut>> {
    call.write(async |tx| {
        still_administrator(tx).await?;
        let account = store::find_for_update(tx, *service_account_id).await?;
        call.expect_version(account.version)?;
        let account = store::revoke(tx, account, body.key_id, &body.reason).await?;
        Reply::ok(&store::out(tx.db(), account).await?)
    })
    .await
}

/// Read a service account's history.
///
/// Scopes and boards as they were set, keys issued and revoked: who did it, when, why. What the account itself did
/// stands in the history of the records.
#[utoipa::path(
    tag = "users",
    params(PageParams),
    extensions(("x-action" = json!("user.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/service-accounts/{service_account_id}/history")]
pub(crate) async fn get_service_account_history(
    call: Call,
    request: HttpRequest,
    service_account_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let account = store::find(call.db(), *service_account_id).await?;
    history::of(&call, &request, account.id, &params).await
}

/// What somebody signs they sign as staff, and a script signs for its owner.
fn broken_owner(owner: &Caller) -> Vec<FieldError> {
    let nobody = || {
        let detail = text("phải là tài khoản của một cán bộ", "must be the login of a member of staff");
        FieldError::body("owner_id", "staff_required", detail)
    };
    owner.staff_id.is_none().then(nobody).into_iter().collect()
}

async fn broken_rights(
    call: &Call,
    owner: &Caller,
    scopes: &[String],
    boards: Option<&[Uuid]>,
) -> ApiResult<Vec<FieldError>> {
    let known = store::known_boards(call.db(), boards).await?;
    Ok(rules::broken(owner, scopes, boards, &known))
}

/// A change of scopes or boards is judged as if the account were made now; other changes leave them alone.
async fn broken_changes(
    call: &Call,
    account: &Model,
    body: &ServiceAccountPatch,
) -> ApiResult<Vec<FieldError>> {
    if body.scopes.is_none() && body.board_ids.is_none() {
        return Ok(Vec::new());
    }
    let Some(owner) = Caller::of_user(&call.app, account.owner_id).await? else {
        let detail = text("chủ tài khoản đã bị đóng", "has an owner whose login is closed");
        return Ok(vec![FieldError::body("scopes", "beyond_owner", detail)]);
    };
    let now = ServiceAccountOut::new(account.clone(), Vec::new());
    let scopes = body.scopes.as_ref().unwrap_or(&now.scopes);
    let boards = body.board_ids.as_ref().unwrap_or(&now.board_ids);
    broken_rights(call, &owner, scopes, boards.as_deref()).await
}
