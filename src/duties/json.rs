//! Bodies of the duties' operations.

use chrono::{DateTime, NaiveDate, Utc};
use entity::duties::{LeadPerson, Model, Verification};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::demo;
use crate::duties::units::json::days_in_order;
use crate::http::reply::Resource;

/// A duty to enter, with the body that leads it from its first day on.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "in_order"))]
#[schema(examples(json!({
    "code": "digital_signature", "name": "Chữ ký số, văn bản điện tử", "name_en": "digital signatures and papers",
    "scope": "chứng thư số của cơ quan và cá nhân", "lead_person": "head", "valid_from": "2029-01-01",
    "document_number": "11-ĐA/TU", "issuer": "Ban Thường vụ Tỉnh ủy", "verification": "verified",
    "lead": {
        "lead_board_id": demo::id("vptu"), "lead_unit_id": demo::id("vptu_co_yeu_cntt"),
        "coordinating_unit_ids": [demo::id("vptu_hanh_chinh_luu_tru")], "coordinating_roles": ["served_boards"],
        "decision_number": "17-QĐ/VPTU", "verification": "verified",
    },
})))]
pub struct DutyIn {
    /// Unique whatever its case; templates of tasks name duties by it.
    #[schema(min_length = 1, max_length = 40, pattern = "^[A-Za-z][A-Za-z0-9_]*$")]
    pub code: String,
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    #[schema(max_length = 200)]
    pub name_en: Option<String>,
    /// What belongs to it.
    #[schema(max_length = 1000)]
    pub scope: Option<String>,
    /// Who leads a task of the duty in person.
    pub lead_person: LeadPerson,
    /// The first day.
    pub valid_from: NaiveDate,
    /// The last day; null while no end is known.
    pub valid_to: Option<NaiveDate>,
    /// The document that names the area of work.
    #[schema(min_length = 1, max_length = 60)]
    pub document_number: String,
    #[schema(min_length = 1, max_length = 200)]
    pub issuer: String,
    /// How well the area of work is proved; the choice of the lead has a mark of its own.
    pub verification: Verification,
    #[validate(nested)]
    pub lead: DutyLead,
}

fn in_order(body: &DutyIn) -> Result<(), ValidationError> {
    days_in_order(body.valid_from, body.valid_to)
}

/// The body that leads a duty, and those that help.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct DutyLead {
    pub lead_board_id: Uuid,
    /// The unit of that board that leads; nothing where the board itself does.
    pub lead_unit_id: Option<Uuid>,
    /// Units that help; the leading one is not among them.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub coordinating_unit_ids: Vec<Uuid>,
    /// Parts that help, e.g. `served_boards`, `owner_board`, or the code of another duty.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub coordinating_roles: Vec<String>,
    /// The decision that makes it so.
    #[schema(min_length = 1, max_length = 60)]
    pub decision_number: String,
    pub verification: Verification,
}

/// Another body leads from a day on.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "valid_from": "2029-01-01",
    "lead": {
        "lead_board_id": demo::id("vptu"), "lead_unit_id": demo::id("vptu_quan_tri"),
        "coordinating_unit_ids": [demo::id("vptu_to_xe")], "coordinating_roles": ["served_boards"],
        "decision_number": "18-QĐ/VPTU", "verification": "verified",
    },
})))]
pub struct DutyLeadIn {
    /// The first day, not in the past. The lead of that day ends on the day before, and the new one leads as long as
    /// that one would have.
    pub valid_from: NaiveDate,
    #[validate(nested)]
    pub lead: DutyLead,
}

/// A duty, and who leads it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DutyOut {
    pub id: Uuid,
    pub version: i64,
    pub code: String,
    pub name: String,
    pub name_en: Option<String>,
    pub scope: Option<String>,
    pub lead_person: LeadPerson,
    pub valid_from: NaiveDate,
    /// The last day; null while no end is known.
    pub valid_to: Option<NaiveDate>,
    pub document_number: String,
    pub issuer: String,
    pub verification: Verification,
    /// The day to which `lead` belongs: the one asked for, else today.
    pub on: NaiveDate,
    /// Who leads on that day; null outside the life of the duty.
    pub lead: Option<DutyLeadOut>,
    /// All its leads, oldest first.
    pub leads: Vec<DutyLeadOut>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

/// A body that leads a duty on some days.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DutyLeadOut {
    pub lead_board_id: Uuid,
    pub lead_unit_id: Option<Uuid>,
    /// The name of the unit, or of the board where it leads itself.
    pub body_name: String,
    /// The person who answers for the body on the day asked for; null on other days, and where the body has no head.
    pub head_id: Option<Uuid>,
    pub head_name: Option<String>,
    pub coordinating_unit_ids: Vec<Uuid>,
    pub coordinating_roles: Vec<String>,
    pub valid_from: NaiveDate,
    /// The last day; null while no end is known.
    pub valid_to: Option<NaiveDate>,
    pub decision_number: String,
    pub verification: Verification,
}

impl Resource for DutyOut {
    const COLLECTION: &'static str = "/v1/duties";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl DutyOut {
    pub(crate) fn new(duty: Model, leads: Vec<DutyLeadOut>, on: NaiveDate) -> Self {
        let Model {
            id,
            code,
            code_key: _,
            name,
            name_en,
            scope,
            lead_person,
            valid_from,
            valid_to,
            document_number,
            issuer,
            verification,
            search: _,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = duty;
        let of_day =
            |lead: &&DutyLeadOut| lead.valid_from <= on && lead.valid_to.is_none_or(|last| last >= on);
        Self {
            id,
            version,
            code,
            name,
            name_en,
            scope,
            lead_person,
            valid_from,
            valid_to,
            document_number,
            issuer,
            verification,
            on,
            lead: leads.iter().find(of_day).cloned(),
            leads,
            created_at,
            updated_at,
            created_by_id,
        }
    }
}

/// Which duties.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct DutyFilter {
    /// Duties of this day, with who leads and heads on that day; without it all, with those of today.
    pub on: Option<NaiveDate>,
    /// Duties that this board, or a unit of it, leads on the day, or today.
    pub lead_board_id: Option<Uuid>,
    /// Duties that this unit leads on the day, or today.
    pub lead_unit_id: Option<Uuid>,
    /// Finds code, name and scope, without case and diacritics.
    #[param(min_length = 1, max_length = 100)]
    pub q: Option<String>,
}
