//! The imports' operations, in reading order.

use actix_web::{HttpRequest, get, post, web};
use uuid::Uuid;

use crate::auth::permissions::Action;
use crate::budgets::imports::json::{BudgetImportFilter, BudgetImportIn, BudgetImportOut, EXAMPLE};
use crate::budgets::imports::steps::Upload;
use crate::budgets::imports::{rows, rules, steps, store};
use crate::error::{ApiError, ApiResult};
use crate::http::call::Call;
use crate::http::input::{File, Path, Query};
use crate::http::page::{self, Order, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::attachments::json::AttachmentBytes;
use crate::integration::attachments::rules::not_a_name;
use crate::integration::history::{self, HistoryEntry};

/// List budget imports.
///
/// The latest first, for who reads the budget of the whole office.
#[utoipa::path(
    tag = "budgets",
    params(BudgetImportFilter, PageParams),
    extensions(("x-action" = json!("budget.read"))),
    responses((status = 200, description = "A page of imports.", body = Page<BudgetImportOut>))
)]
#[get("/v1/budget-imports")]
pub(crate) async fn list_budget_imports(
    call: Call,
    request: HttpRequest,
    filter: Query<BudgetImportFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<BudgetImportOut>>> {
    use entity::budget_imports::Column;
    let order = Order { column: Column::CreatedAt, descending: true };
    page::load(&call, store::select(&call, &filter), order, Column::Id, &params, &*filter)
        .await?
        .map(BudgetImportOut::from)
        .reply(&request)
}

/// Import a year's appropriations.
///
/// The body is the sheet itself, CSV (UTF-8, with commas or semicolons) or XLSX (the first visible sheet), recognised by
/// its bytes; at most 5,000 lines. The chief accountant imports; each row becomes a planned budget line as if it had been
/// entered by itself, all of them or none, and `activate` puts them in force together.
///
/// The first row names the columns, in any order, in English or Vietnamese, with or without diacritics: `board` (Mã ban), `source` (Nguồn kinh phí: `autonomous`
/// or 13, `non_autonomous` or 12), `sub_item` (Tiểu mục), `amount` (Số tiền: the digits of whole đồng, without separators),
/// `document_number` (Số quyết định), `issuer` (Cơ quan ban hành), `signed_on` (Ngày ký: 2028-12-20 or 20/12/2028). All are needed and no others
/// are taken.
///
/// 422 names everything that is wrong at once: `#/rows/12/amount` is the amount in row 12 of the sheet as a spreadsheet
/// counts rows, `#/rows/12` the row as a whole, `#/columns/C` a heading, `#` the file. The same bytes for the same year
/// change nothing: 200 with the import that they made before.
#[utoipa::path(
    tag = "budgets",
    params(BudgetImportIn),
    request_body(
        content(
            (inline(AttachmentBytes) = "text/csv", example = json!(EXAMPLE)),
            (inline(AttachmentBytes) = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (inline(AttachmentBytes) = "application/vnd.ms-excel")
        ),
        description = "The bytes of the sheet, as they are. Some browsers name a CSV file `application/vnd.ms-excel`."
    ),
    extensions(("x-action" = json!("budget.manage"))),
    responses(
        (status = 200, description = "These bytes were imported before; nothing has changed.", body = BudgetImportOut),
        (status = 201, description = "Created.", body = BudgetImportOut)
    )
)]
#[post("/v1/budget-imports")]
pub(crate) async fn create_budget_import(
    call: Call,
    new: Query<BudgetImportIn>,
    file: File,
) -> ApiResult<Reply<BudgetImportOut>> {
    rules::whole_office(&call, Action::ManageBudget)?;
    let upload = upload(&call, &new, file).await?;
    call.write(async |tx| {
        let (import, is_new) = steps::import(tx, call.app.contract, tx.id(), &upload).await?;
        let shown = steps::one(&call, import);
        if is_new { Reply::created(&shown) } else { Reply::ok(&shown) }
    })
    .await
}

/// Reads the file, away from the threads that answer requests and before the transaction begins.
async fn upload(call: &Call, new: &BudgetImportIn, file: File) -> ApiResult<Upload> {
    let imported_by = call.staff_id()?;
    let size_bytes = i64::try_from(file.bytes.len()).map_err(ApiError::internal)?;
    let bytes = file.bytes;
    let mut parsed = web::block(move || rows::parse(&bytes)).await.map_err(ApiError::internal)?;
    parsed.broken.extend(not_a_name(&new.file_name).map(|error| (0, error)));
    let BudgetImportIn { year, file_name } = new.clone();
    Ok(Upload { year, file_name, size_bytes, sha256: file.sha256, parsed, imported_by })
}

/// Read a budget import.
///
/// Which file it was, what it brought, who sent it and who put it in force.
#[utoipa::path(
    tag = "budgets",
    extensions(("x-action" = json!("budget.read"))),
    responses((status = 200, description = "The import.", body = BudgetImportOut))
)]
#[get("/v1/budget-imports/{import_id}")]
pub(crate) async fn get_budget_import(
    call: Call,
    import_id: Path<Uuid>,
) -> ApiResult<Reply<BudgetImportOut>> {
    let import = store::find(call.db(), &call, *import_id).await?;
    Reply::ok(&steps::one(&call, import))
}

/// Read a budget import's history.
///
/// Who imported and who activated it. The history of each line stands with the line.
#[utoipa::path(
    tag = "budgets",
    params(PageParams),
    extensions(("x-action" = json!("budget.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/budget-imports/{import_id}/history")]
pub(crate) async fn get_budget_import_history(
    call: Call,
    request: HttpRequest,
    import_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let import = store::find(call.db(), &call, *import_id).await?;
    history::of(&call, &request, import.id, &params).await
}

/// Activate a budget import.
///
/// A chief of office who neither imported it nor corrected one of its lines puts all lines that are planned still in force, all of them
/// or none: their planned amounts are appropriated, by entries that lead to the import.
#[utoipa::path(
    tag = "budgets",
    extensions(("x-action" = json!("budget.decide")), ("x-moves-money" = json!(true))),
    responses((status = 200, description = "The import.", body = BudgetImportOut))
)]
#[post("/v1/budget-imports/{import_id}/activate")]
pub(crate) async fn activate_budget_import(
    call: Call,
    import_id: Path<Uuid>,
) -> ApiResult<Reply<BudgetImportOut>> {
    call.write(async |tx| {
        let import = steps::activate(&call, tx, *import_id).await?;
        Reply::ok(&steps::one(&call, import))
    })
    .await
}
