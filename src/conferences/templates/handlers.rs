//! The templates' operations, in reading order.

use actix_web::{HttpRequest, get, post};
use uuid::Uuid;

use crate::conferences::tasks::show;
use crate::conferences::templates::apply::apply;
use crate::conferences::templates::json::{
    TaskTemplateFilter, TaskTemplateIn, TaskTemplateOut, TemplateAppliedOut, TemplateApplyIn,
};
use crate::conferences::templates::store;
use crate::conferences::{rules, store as conferences, told};
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::input::{Json, Path, Query};
use crate::http::page::{self, Order, Page, PageParams};
use crate::http::reply::Reply;
use crate::integration::history::{self, HistoryEntry};

/// List task templates.
///
/// All versions by code; `on` gives those for conferences that open on a day.
#[utoipa::path(
    tag = "conferences",
    params(TaskTemplateFilter, PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of templates.", body = Page<TaskTemplateOut>))
)]
#[get("/v1/task-templates")]
pub(crate) async fn list_task_templates(
    call: Call,
    request: HttpRequest,
    filter: Query<TaskTemplateFilter>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<TaskTemplateOut>>> {
    use entity::task_templates::Column;
    let order = Order { column: Column::Code, descending: false };
    let Page { items, next_cursor, total } =
        page::load(&call, store::select(&filter), order, Column::Id, &params, &*filter).await?;
    let items = items.into_iter().map(TaskTemplateOut::try_from).collect::<ApiResult<Vec<_>>>()?;
    Page { items, next_cursor, total }.reply(&request)
}

/// Enter a task template.
///
/// A new template, or another version of one: for conferences that open on its first day or later. The version that
/// runs so far ends on the day before; it is never changed. Codes that are unknown, dependencies in a circle and
/// duties that the register does not have are named all at once.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("template.manage"))),
    responses((status = 201, description = "Created.", body = TaskTemplateOut))
)]
#[post("/v1/task-templates")]
pub(crate) async fn create_task_template(
    call: Call,
    body: Json<TaskTemplateIn>,
) -> ApiResult<Reply<TaskTemplateOut>> {
    call.write(async |tx| {
        let template = store::insert(tx, tx.id(), &body).await?;
        Reply::created(&TaskTemplateOut::try_from(template)?)
    })
    .await
}

/// Read a task template.
///
/// The tasks with who leads and who helps, when they are due, what they deliver, and what they wait for.
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "The template.", body = TaskTemplateOut))
)]
#[get("/v1/task-templates/{template_id}")]
pub(crate) async fn get_task_template(
    call: Call,
    template_id: Path<Uuid>,
) -> ApiResult<Reply<TaskTemplateOut>> {
    Reply::ok(&TaskTemplateOut::try_from(store::find(call.db(), *template_id).await?)?)
}

/// Read a task template's history.
///
/// Who entered this version, and when another one took over.
#[utoipa::path(
    tag = "conferences",
    params(PageParams),
    extensions(("x-action" = json!("directory.read"))),
    responses((status = 200, description = "A page of the history.", body = Page<HistoryEntry>))
)]
#[get("/v1/task-templates/{template_id}/history")]
pub(crate) async fn get_task_template_history(
    call: Call,
    request: HttpRequest,
    template_id: Path<Uuid>,
    params: Query<PageParams>,
) -> ApiResult<Reply<Page<HistoryEntry>>> {
    let template = store::find(call.db(), *template_id).await?;
    history::of(&call, &request, template.id, &params).await
}

/// Apply a template to a conference.
///
/// For its coordinator and the chief of office. All tasks of the template are given out at once, or none: the lead of
/// each is the body that leads the duty on the opening day, in person its head, or the accountant who acts for the
/// board on the due day; the coordinator of the conference checks, and the chief of office what the coordinator leads.
/// A body that leads does not help as well, and nobody helps twice. Every reason why a task cannot be given out is
/// told. A template is applied to a conference once (409).
#[utoipa::path(
    tag = "conferences",
    extensions(("x-action" = json!("task.coordinate"))),
    responses((status = 200, description = "The tasks.", body = TemplateAppliedOut))
)]
#[post("/v1/conferences/{conference_id}/apply-template")]
pub(crate) async fn apply_conference_template(
    call: Call,
    conference_id: Path<Uuid>,
    body: Json<TemplateApplyIn>,
) -> ApiResult<Reply<TemplateAppliedOut>> {
    call.write(async |tx| {
        let conference = conferences::find_for_update(tx, &call, *conference_id).await?;
        call.expect_version(conference.version)?;
        rules::may_apply(&call, &conference)?;
        let template = TaskTemplateOut::try_from(store::named(tx.db(), body.template_id).await?)?;
        let applied = apply(tx, conference, &template).await?;
        told::given_out(tx, call.caller.staff_id, &applied.tasks).await?;
        Reply::ok(&TemplateAppliedOut {
            conference_id: applied.conference.id,
            version: applied.conference.version,
            template_id: template.id,
            brought_forward: applied.brought_forward,
            tasks: show::outs(tx.db(), &call, applied.tasks, &[]).await?,
        })
    })
    .await
}
