//! What importing and activating do.

use entity::budget_imports::{ActiveModel, BudgetImportStatus, Model};
use entity::budget_lines::Model as Line;
use sea_orm::ActiveValue::Set;
use serde_json::json;
use uuid::Uuid;

use crate::budgets::imports::json::BudgetImportOut;
use crate::budgets::imports::rows::Parsed;
use crate::budgets::imports::rules::{self, STEPS};
use crate::budgets::imports::{TYPE, checks, store};
use crate::budgets::ledger::{self, Document, Move, Movement};
use crate::budgets::{lines, years};
use crate::error::{ApiError, ApiResult, Code};
use crate::http::call::Call;
use crate::http::contract::Contract;
use crate::workflow::{self, check_state, step};
use crate::write::{Event, Tx};

/// A file that was sent.
#[derive(Clone, Debug)]
pub struct Upload {
    pub year: i64,
    pub file_name: String,
    pub size_bytes: i64,
    pub sha256: String,
    pub parsed: Parsed,
    /// As staff.
    pub imported_by: Uuid,
}

/// Plans a line for every row, or gives the import that these bytes made before; whether it is new.
///
/// # Errors
/// 422 with everything that is wrong.
pub async fn import(tx: &Tx, contract: &Contract, id: Uuid, upload: &Upload) -> ApiResult<(Model, bool)> {
    let import = row(tx, id, upload)?;
    // A file that cannot be read made no import before.
    if upload.parsed.broken.is_empty()
        && let Some(earlier) = store::insert_once(tx, &import).await?
    {
        return Ok((earlier, false));
    }
    let bodies = checks::lines_of(tx, contract, upload.year, &upload.parsed).await?;
    let event = Event::new("create", TYPE, id, 1);
    let details =
        json!({"row_count": import.row_count, "total_amount": import.total_amount, "sha256": import.sha256});
    tx.record(event.with(details)).await?;
    let planned = bodies.iter().map(|body| {
        let line = lines::store::planned(tx, tx.id(), body, Some(upload.imported_by));
        Line { import_id: Some(id), ..line }
    });
    lines::store::insert_all(tx, planned.collect()).await.map_err(overtaken)?;
    Ok((import, true))
}

fn row(tx: &Tx, id: Uuid, upload: &Upload) -> ApiResult<Model> {
    Ok(Model {
        id,
        year: upload.year,
        sha256: upload.sha256.clone(),
        file_name: upload.file_name.clone(),
        size_bytes: upload.size_bytes,
        row_count: i64::try_from(upload.parsed.lines.len()).map_err(ApiError::internal)?,
        total_amount: upload.parsed.total_amount,
        status: BudgetImportStatus::Planned,
        imported_by_id: upload.imported_by,
        activated_by_id: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
        created_by_id: tx.actor.user_id,
    })
}

/// Somebody else planned one of the lines while this file was checked: looking again finds it, with its row.
fn overtaken(error: ApiError) -> ApiError {
    if error.code() == Code::Duplicate { ApiError::look_again() } else { error }
}

/// Puts the lines of an import in force: finds it (404), compares its version (412), asks who may (403) and when (409).
///
/// # Errors
/// The first of these that is refused.
pub async fn activate(call: &Call, tx: &Tx, import_id: Uuid) -> ApiResult<Model> {
    let import = store::find_for_update(tx, call, import_id).await?;
    call.expect_version(import.version)?;
    let step = step(STEPS, "activate")?;
    rules::whole_office(call, step.action)?;
    rules::person(call, &import)?;
    check_state(STEPS, step, &import.status)?;
    years::steps::must_stay_open(tx, import.year).await?;
    let me = call.staff_id()?;
    let planned = lines::store::planned_of_import(tx, import.id).await?;
    for line in &planned {
        // Whoever corrected a line since has planned it.
        lines::rules::person(call, line, "activate")?;
    }
    lines::store::activate_of_import(tx, import.id, &planned, me).await?;
    let give =
        |line: &Line| Movement { line_id: line.id, what: Move::Appropriate, amount: line.planned_amount };
    let movements: Vec<Movement> = planned.iter().map(give).collect();
    ledger::post(tx, Document::budget_import(import.id), &movements).await?;
    let changed =
        ActiveModel { status: Set(step.to), activated_by_id: Set(Some(me)), ..ActiveModel::default() };
    let event = Event::new("activate", TYPE, import.id, import.version + 1).step(&import.status, &step.to);
    store::save(tx, &import, changed, event.with(json!({"line_count": planned.len()}))).await
}

/// One import, with what the caller can do.
pub fn one(call: &Call, import: Model) -> BudgetImportOut {
    let allowed = workflow::allowed_actions(call, STEPS, &import.status, |step| {
        rules::whole_office(call, step.action)?;
        rules::person(call, &import)
    });
    BudgetImportOut { allowed_actions: Some(allowed), ..import.into() }
}
