//! What operators need: whether the service lives, whether it can work, its figures, its documents.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::App;
use crate::error::{ApiError, ApiResult, Code};
use crate::http::input::Path;
use crate::http::language::Language;
use crate::http::reply::Reply;

pub mod docs;
pub mod metrics;
pub mod verify;

pub const ABOUT: &str = "Health, figures and documents of the service itself.";

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(get_liveness).service(get_readiness).service(get_metrics).service(get_problem);
}

/// The state of the service.
#[derive(Serialize, ToSchema)]
struct Health {
    /// `ok`
    status: String,
}

/// Whether the process lives.
///
/// Asks nothing of the database: a process whose database is away is alive.
#[utoipa::path(
    tag = "ops",
    security(()),
    extensions(("x-action" = json!("visit"))),
    responses((status = 200, description = "It lives.", body = Health))
)]
#[get("/livez")]
async fn get_liveness() -> ApiResult<Reply<Health>> {
    Reply::plain(&Health { status: "ok".to_owned() })
}

/// Whether the service can work.
///
/// Asks the database, and whether its schema is the one that this build needs; 503 if not.
#[utoipa::path(
    tag = "ops",
    security(()),
    extensions(("x-action" = json!("visit"))),
    responses((status = 200, description = "It can work.", body = Health))
)]
#[get("/readyz")]
async fn get_readiness(app: web::Data<App>) -> ApiResult<Reply<Health>> {
    match app.db.is_current().await {
        Ok(true) => Reply::plain(&Health { status: "ok".to_owned() }),
        Ok(false) => Err(ApiError::unavailable("the schema is not up to date")),
        Err(error) => Err(ApiError::unavailable(error)),
    }
}

/// Figures for Prometheus.
///
/// Requests by method, route and status and their duration; of each background job its runs, failures and effects, how
/// long the last run took, the time since one succeeded, and whether it is overdue. As Prometheus text.
#[utoipa::path(
    tag = "ops",
    security(()),
    extensions(("x-action" = json!("visit"))),
    responses((status = 200, description = "The figures.", body = String, content_type = "text/plain"))
)]
#[get("/metrics")]
async fn get_metrics(app: web::Data<App>) -> ApiResult<HttpResponse> {
    app.metrics.job_figures.refresh(&app).await;
    let text = app.metrics.text()?;
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text))
}

/// The explanation of one kind of problem.
#[derive(Serialize, ToSchema)]
struct ProblemExplanation {
    code: String,
    status: i32,
    title: String,
}

/// Explain a kind of problem.
///
/// The `type` of a problem points here. The text follows `Accept-Language`.
#[utoipa::path(
    tag = "ops",
    security(()),
    extensions(("x-action" = json!("visit"))),
    params(("code" = String, Path, description = "The code, with hyphens or as it is returned.", max_length = 64, pattern = "^[a-z]+([-_][a-z]+)*$", example = "time-taken")),
    responses((status = 200, description = "The explanation.", body = ProblemExplanation))
)]
#[get("/problems/{code}")]
async fn get_problem(
    code: Path<String>,
    request: actix_web::HttpRequest,
) -> ApiResult<Reply<ProblemExplanation>> {
    let code = Code::ALL
        .iter()
        .find(|known| known.slug() == code.replace('_', "-"))
        .ok_or_else(ApiError::not_found)?;
    Reply::plain(&ProblemExplanation {
        code: code.name().to_owned(),
        status: i32::from(code.status().as_u16()),
        title: code.title().get(Language::of(&request)).to_owned(),
    })
}
