//! The attachments' operations, in reading order.

use actix_web::body::SizedStream;
use actix_web::http::header::{
    Charset, ContentDisposition, DispositionParam, DispositionType, ETag, EntityTag, ExtendedValue,
};
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use entity::attachments::Column;
use uuid::Uuid;

use crate::error::{ApiError, ApiResult};
use crate::http::call::Call;
use crate::http::input::{File, Path, Query};
use crate::http::page::{self, Page, PageParams};
use crate::http::reply::{Reply, unchanged};
use crate::integration::attachments::json::{AttachmentBytes, AttachmentFilter, AttachmentIn, AttachmentOut};
use crate::integration::attachments::{leftovers, owners, rules, store, twins};
use crate::integration::history::{self, HistoryEntry};

/// List the files of a record.
///
/// In the order in which they came; of a record that the caller may not read there are none. `also_on` names other
/// claims with the very same bytes, for those who verify or oversee claims.
#[utoipa::path(
    tag = "integration",
    params(AttachmentFilter, PageParams),
    extensions(("x-action" = json!("attachment.read"))),
    responses((status = 200, description = "A page of files.", body = Page<AttachmentOut>))
)]
#[get("/v1/attachments")]
pub(crate) async fn list_attachments(
    call: Call,
    request: HttpRequest,
    filter: Query<AttachmentFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<AttachmentOut>>> {
    let owner = match owners::find(call.db(), &call, filter.owner_type, filter.owner_id).await {
        Ok(owner) => owner,
        Err(error) if error.code() == crate::error::Code::NotFound => {
            let total = params.include_total.filter(|wanted| *wanted).map(|_| 0);
            return Page { items: Vec::new(), next_cursor: None, total }.reply(&request);
        }
        Err(error) => return Err(error),
    };
    let page =
        page::load(&call, store::select(&filter), store::order(), Column::Id, &params, &*filter).await?;
    let items = twins::show(call.db(), &call, &owner, page.items).await?;
    Page { items, next_cursor: page.next_cursor, total: page.total }.reply(&request)
}

/// Add a file to a record.
///
/// The body is the file itself; what is to be said of it stands in the address. A PDF, JPEG or PNG of at most 10 MiB
/// unless the office set another limit (413); a record has at most 20 files (409 `too_many_files`), each of them once
/// (409 `duplicate`). Who may change the record in its present state may add files: of a claim the claimant while it is
/// draft or returned, of a booking the requester likewise, of an advance the requester until it is decided, of a travel
/// order who wrote it and its first traveller while it is draft, returned or approved, of a trip its driver and the dispatcher until it is verified,
/// of a conference who arranges it, of a task its lead until it is done.
#[utoipa::path(
    tag = "integration",
    params(AttachmentIn),
    request_body(
        content(
            (inline(AttachmentBytes) = "application/pdf"),
            (inline(AttachmentBytes) = "image/jpeg"),
            (inline(AttachmentBytes) = "image/png")
        ),
        description = "The bytes of the file, as they are."
    ),
    extensions(("x-action" = json!("attachment.manage"))),
    responses((status = 201, description = "Created.", body = AttachmentOut))
)]
#[post("/v1/attachments")]
pub(crate) async fn create_attachment(
    call: Call,
    new: Query<AttachmentIn>,
    file: File,
) -> ApiResult<Reply<AttachmentOut>> {
    let stored = store_bytes(&call, &new, &file).await?;
    let answer = call
        .write(async |tx| {
            let (row, owner) = store::insert(tx, &call, stored, &new, &file).await?;
            let shown = twins::show(tx.db(), &call, &owner, vec![row]).await?.pop();
            Reply::created(&shown.ok_or_else(|| ApiError::internal("a file vanished while it was shown"))?)
        })
        .await;
    // A refusal, and the answer that an earlier request got, leave the bytes without a row.
    let taken = answer.as_ref().is_ok_and(|reply| reply.status == 201 && !reply.replayed);
    if let Some(id) = stored.filter(|_| !taken) {
        leftovers::discard(&call.app, id).await;
    }
    answer
}

/// Writes the bytes, and nothing where the request will be refused anyway; the transaction words the refusal.
async fn store_bytes(call: &Call, new: &AttachmentIn, file: &File) -> ApiResult<Option<Uuid>> {
    let owner = match owners::find(call.db(), call, new.owner_type, new.owner_id).await {
        Ok(owner) => owner,
        Err(error) if error.code() == crate::error::Code::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if owner.permit_change(call).and_then(|()| rules::check(new, file)).is_err() {
        return Ok(None);
    }
    let id = call.app.ids.at(call.now());
    leftovers::note(&call.app, &call.app.db.writer, id).await?;
    match call.app.blobs.put(id, file.bytes.clone()).await {
        Ok(()) => Ok(Some(id)),
        Err(error) => {
            leftovers::discard(&call.app, id).await;
            Err(error)
        }
    }
}

/// Read what is known of a file.
///
/// Its name, size, digest and record; the bytes are at `…/content`.
#[utoipa::path(
    tag = "integration",
    extensions(("x-action" = json!("attachment.read"))),
    responses((status = 200, description = "The file without its bytes.", body = AttachmentOut))
)]
#[get("/v1/attachments/{attachment_id}")]
pub(crate) async fn get_attachment(call: Call, attachment_id: Path<Uuid>) -> ApiResult<Reply<AttachmentOut>> {
    let (row, owner) = store::find(call.db(), &call, *attachment_id).await?;
    let shown = twins::show(call.db(), &call, &owner, vec![row]).await?.pop();
    Reply::ok(&shown.ok_or_else(|| ApiError::internal("a file vanished while it was shown"))?)
}

/// Read the bytes of a file.
///
/// As they were sent, to be saved under the file's name. The ETag is their SHA-256.
#[utoipa::path(
    tag = "integration",
    extensions(("x-action" = json!("attachment.read"))),
    responses((
        status = 200,
        description = "The bytes.",
        content(
            (inline(AttachmentBytes) = "application/pdf"),
            (inline(AttachmentBytes) = "image/jpeg"),
            (inline(AttachmentBytes) = "image/png")
        )
    ))
)]
#[get("/v1/attachments/{attachment_id}/content")]
pub(crate) async fn get_attachment_content(
    call: Call,
    request: HttpRequest,
    attachment_id: Path<Uuid>,
) -> ApiResult<HttpResponse> {
    let (row, _) = store::find(call.db(), &call, *attachment_id).await?;
    let mut response = HttpResponse::Ok();
    response.insert_header(ETag(EntityTag::new_strong(row.sha256.clone())));
    if unchanged(&request, &row.sha256) {
        return Ok(response.status(actix_web::http::StatusCode::NOT_MODIFIED).finish());
    }
    let found = call.app.blobs.get(row.id).await?;
    let name = ExtendedValue {
        charset: Charset::Ext("UTF-8".to_owned()),
        language_tag: None,
        value: row.file_name.into_bytes(),
    };
    response.insert_header(ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::FilenameExt(name)],
    });
    let size = found.meta.size;
    Ok(response.content_type(row.media_type).body(SizedStream::new(size, found.into_stream())))
}

/// Delete a file.
///
/// With its bytes; by whom and while it is possible, see the adding of files. That it was there stays in the audit.
#[utoipa::path(
    tag = "integration",
    extensions(("x-action" = json!("attachment.manage"))),
    responses((status = 204, description = "Gone."))
)]
#[delete("/v1/attachments/{attachment_id}")]
pub(crate) async fn delete_attachment(call: Call, attachment_id: Path<Uuid>) -> ApiResult<Reply<()>> {
    let answer = call
        .write(async |tx| {
            store::delete(tx, &call, *attachment_id).await?;
            Reply::gone()
        })
        .await?;
    leftovers::discard(&call.app, *attachment_id).await;
    Ok(answer)
}

/// Read a file's history.
///
/// Who added it and when.
#[utoipa::path(
    tag = "integration",
    params(PageParams),
    extensions(("x-action" = json!("attachment.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/attachments/{attachment_id}/history")]
pub(crate) async fn get_attachment_history(
    call: Call,
    request: HttpRequest,
    attachment_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let (row, _) = store::find(call.db(), &call, *attachment_id).await?;
    history::of(&call, &request, row.id, &params).await
}
