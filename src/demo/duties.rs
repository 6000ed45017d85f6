//! The demo office's register of duties with its units, the templates of tasks, and a conference that one of them made.

use chrono::NaiveDate;
use entity::conferences;
use entity::duties::LeadPerson;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;
use uuid::Uuid;

use crate::conferences::templates::apply::apply;
use crate::conferences::templates::json::TaskTemplateOut;
use crate::conferences::templates::store as templates;
use crate::demo::rates::body;
use crate::demo::{day, id, link, optional, reference, string};
use crate::duties::json::{DutyIn, DutyLead, DutyLeadIn};
use crate::duties::store;
use crate::duties::units::json::OfficeUnitIn;
use crate::duties::units::store as units;
use crate::error::{ApiError, ApiResult};
use crate::write::Tx;

/// # Errors
/// When the database does not take them.
pub(super) async fn fill(tx: &Tx) -> ApiResult<()> {
    let file: Value = serde_json::from_str(include_str!("duties.json")).map_err(ApiError::internal)?;
    for row in file["office_units"].as_array().into_iter().flatten() {
        let unit = unit(row)?;
        units::insert(tx, reference(row, "ref")?, &unit).await?;
    }
    for row in file["duties"].as_array().into_iter().flatten() {
        enter(tx, row).await?;
    }
    let file: Value =
        serde_json::from_str(include_str!("task_templates.json")).map_err(ApiError::internal)?;
    for row in file.as_array().into_iter().flatten() {
        templates::insert(tx, reference(row, "code")?, &body(row)?).await?;
    }
    Ok(())
}

fn unit(row: &Value) -> ApiResult<OfficeUnitIn> {
    Ok(OfficeUnitIn {
        code: string(row, "ref"),
        name: string(row, "name"),
        name_en: optional(row, "name_en"),
        board_id: id("vptu"),
        parent_id: link(row, "parent"),
        head_id: link(row, "head"),
        valid_from: day(row, "valid_from")?,
        valid_to: None,
        decision_number: string(row, "decision_number"),
        verification: body(&row["verification"])?,
    })
}

/// A duty with its leads, the first of them with the duty itself.
async fn enter(tx: &Tx, row: &Value) -> ApiResult<()> {
    let leads = row["leads"].as_array().map(Vec::as_slice).unwrap_or_default();
    let Some((first, later)) = leads.split_first() else { return Ok(()) };
    let duty = DutyIn {
        code: string(row, "code"),
        name: string(row, "name"),
        name_en: optional(row, "name_en"),
        scope: optional(row, "scope"),
        lead_person: body::<LeadPerson>(&row["lead_person"])?,
        valid_from: day(row, "valid_from")?,
        valid_to: None,
        document_number: string(row, "document_number"),
        issuer: string(row, "issuer"),
        verification: body(&row["verification"])?,
        lead: lead(first)?.lead,
    };
    let mut duty = store::insert(tx, reference(row, "code")?, &duty).await?;
    for row in later {
        let next = lead(row)?;
        let current = running(tx, duty.id, next.valid_from).await?;
        duty = store::take_over(tx, duty, current, &next).await?;
    }
    Ok(())
}

async fn running(tx: &Tx, duty_id: Uuid, on: NaiveDate) -> ApiResult<entity::duty_leads::Model> {
    use entity::duty_leads::{Column, Entity};
    let row = Entity::find().filter(Column::DutyId.eq(duty_id)).filter(Column::ValidFrom.lt(on));
    let row = row.filter(Column::ValidTo.is_null()).one(tx.db()).await?;
    row.ok_or_else(|| ApiError::internal("demo: a duty without a lead"))
}

fn lead(row: &Value) -> ApiResult<DutyLeadIn> {
    let texts = |field: &str| {
        let all = row[field].as_array().into_iter().flatten();
        all.filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
    };
    Ok(DutyLeadIn {
        valid_from: day(row, "valid_from")?,
        lead: DutyLead {
            lead_board_id: reference(row, "board")?,
            lead_unit_id: link(row, "unit"),
            coordinating_unit_ids: texts("coordinating_units").iter().map(|unit| id(unit)).collect(),
            coordinating_roles: texts("coordinating_roles"),
            decision_number: string(row, "decision_number"),
            verification: body(&row["verification"])?,
        },
    })
}

/// Makes the tasks of a conference by a template, as long as it lies ahead.
///
/// # Errors
/// When the database does not take them.
pub(super) async fn prepare(tx: &Tx) -> ApiResult<()> {
    let conference = conferences::Entity::find_by_id(id("cf_2029_bnctu")).one(tx.db()).await?;
    let Some(conference) = conference.filter(|conference| conference.starts_at > tx.now) else {
        return Ok(());
    };
    let template = templates::find(tx.db(), id("conference_standard")).await?;
    apply(tx, conference, &TaskTemplateOut::try_from(template)?).await?;
    Ok(())
}
