//! Bodies of the templates' operations.

use chrono::{DateTime, NaiveDate, Utc};
use entity::conferences::ConferenceKind;
use entity::task_templates::{Model, Verification};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::conferences::tasks::json::ConferenceTaskOut;
use crate::demo;
use crate::duties::units::json::days_in_order;
use crate::error::{ApiError, ApiResult};
use crate::http::reply::Resource;

/// A template to enter, or another version of one.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "in_order"))]
#[schema(examples(json!({
    "code": "conference_online", "kind": "conference", "name": "Hội nghị trực tuyến", "name_en": "online conference",
    "owner_duty": "conference_preparation", "valid_from": "2029-01-01", "document_number": "03-QC/VPTU",
    "issuer": "Văn phòng Tỉnh ủy", "verification": "verified",
    "items": [
        {
            "code": "plan", "title": "Kế hoạch hội nghị", "title_en": "plan of the conference",
            "lead": {"kind": "board_role", "ref": "owner_board"},
            "coordinators": [{"kind": "duty", "ref": "conference_preparation"}], "offset_days": -10,
            "deliverable_kind": "signed_document", "deliverable": "Kế hoạch được ký", "deliverable_en": "plan signed",
            "depends_on": [],
        },
        {
            "code": "online_link", "title": "Đường truyền trực tuyến", "title_en": "online link",
            "lead": {"kind": "duty", "ref": "information_technology"},
            "coordinators": [{"kind": "external", "ref": "Viễn thông"}], "offset_days": -1,
            "deliverable_kind": "test_log", "deliverable": "Biên bản chạy thử", "deliverable_en": "log of the test",
            "depends_on": ["plan"],
        },
    ],
})))]
pub struct TaskTemplateIn {
    /// The same code for all versions of a template, whatever its case.
    #[schema(min_length = 1, max_length = 40, pattern = "^[A-Za-z][A-Za-z0-9_]*$")]
    pub code: String,
    /// For conferences or for receptions.
    pub kind: ConferenceKind,
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    #[schema(max_length = 200)]
    pub name_en: Option<String>,
    /// The duty whose lead unit stands for the owner where that unit is one of the owner's own: where the office
    /// itself holds a conference, a division leads, and not the chief of office.
    #[schema(max_length = 40)]
    pub owner_duty: Option<String>,
    /// The first opening day for which it holds. A version without a last day that begins earlier ends on the day before.
    pub valid_from: NaiveDate,
    /// The last day; null while no end is known.
    pub valid_to: Option<NaiveDate>,
    #[schema(min_length = 1, max_length = 60)]
    pub document_number: String,
    #[schema(min_length = 1, max_length = 200)]
    pub issuer: String,
    pub verification: Verification,
    /// The tasks, in their order.
    #[schema(min_items = 1, max_items = 60)]
    #[validate(nested)]
    pub items: Vec<TaskTemplateItem>,
}

fn in_order(body: &TaskTemplateIn) -> Result<(), ValidationError> {
    days_in_order(body.valid_from, body.valid_to)
}

/// A task of a template.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct TaskTemplateItem {
    /// Unique in the template.
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z][a-z0-9_]*$")]
    pub code: String,
    #[schema(min_length = 1, max_length = 300)]
    pub title: String,
    #[schema(max_length = 300)]
    pub title_en: Option<String>,
    pub lead: TemplateLead,
    #[serde(default)]
    #[schema(max_items = 20)]
    pub coordinators: Vec<TemplateCoordinator>,
    /// Calendar days from the opening day to the day on which it is due; before the opening it is negative.
    #[schema(minimum = -366, maximum = 366)]
    pub offset_days: i64,
    /// What kind of thing there is when it is done, e.g. `signed_document`. The list grows.
    #[schema(max_length = 60)]
    pub deliverable_kind: Option<String>,
    /// What there is when it is done.
    #[schema(min_length = 1, max_length = 500)]
    pub deliverable: String,
    #[schema(max_length = 500)]
    pub deliverable_en: Option<String>,
    /// Codes of tasks that it waits for.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub depends_on: Vec<String>,
}

/// Who leads a task.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct TemplateLead {
    pub kind: TemplateLeadKind,
    /// The code of the duty; of a part `owner_board`, or the code of the duty that a board leads for all.
    #[schema(min_length = 1, max_length = 40)]
    pub r#ref: String,
}

/// How a lead is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TemplateLeadKind {
    /// The body that leads a duty.
    Duty,
    /// A board by its part in the conference.
    BoardRole,
}

/// Who helps with a task.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct TemplateCoordinator {
    pub kind: TemplateCoordinatorKind,
    /// As with a lead; of a body outside its name; of a group `all_task_units`.
    #[schema(min_length = 1, max_length = 200)]
    pub r#ref: String,
}

/// How somebody who helps is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TemplateCoordinatorKind {
    /// The body that leads a duty.
    Duty,
    /// A board by its part in the conference.
    BoardRole,
    /// A body outside: a plain name.
    External,
    /// Everybody who leads another task of the same conference.
    Group,
}

/// A version of a template.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TaskTemplateOut {
    pub id: Uuid,
    pub version: i64,
    pub code: String,
    pub kind: ConferenceKind,
    pub name: String,
    pub name_en: Option<String>,
    pub owner_duty: Option<String>,
    /// The first opening day for which it holds.
    pub valid_from: NaiveDate,
    /// The last one; null while no end is known.
    pub valid_to: Option<NaiveDate>,
    pub document_number: String,
    pub issuer: String,
    pub verification: Verification,
    pub items: Vec<TaskTemplateItem>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for TaskTemplateOut {
    const COLLECTION: &'static str = "/v1/task-templates";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl TryFrom<Model> for TaskTemplateOut {
    type Error = ApiError;

    fn try_from(template: Model) -> ApiResult<Self> {
        let Model {
            id,
            code,
            code_key: _,
            kind,
            name,
            name_en,
            owner_duty,
            items,
            valid_from,
            valid_to,
            document_number,
            issuer,
            verification,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = template;
        Ok(Self {
            id,
            version,
            code,
            kind,
            name,
            name_en,
            owner_duty,
            valid_from,
            valid_to,
            document_number,
            issuer,
            verification,
            items: serde_json::from_value(items).map_err(ApiError::internal)?,
            created_at,
            updated_at,
            created_by_id,
        })
    }
}

/// Which templates.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct TaskTemplateFilter {
    /// Templates for conferences that open on this day.
    pub on: Option<NaiveDate>,
    /// All versions of the template with this code.
    #[param(min_length = 1, max_length = 40)]
    pub code: Option<String>,
    /// For conferences or for receptions.
    #[param(inline)]
    pub kind: Option<ConferenceKind>,
}

/// The template to apply.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"template_id": demo::id("conference_standard")})))]
pub struct TemplateApplyIn {
    /// A version that holds on the opening day.
    pub template_id: Uuid,
}

/// The tasks that a template made.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TemplateAppliedOut {
    pub conference_id: Uuid,
    /// Of the conference.
    pub version: i64,
    pub template_id: Uuid,
    /// Codes of tasks whose day was over already; they are due at the end of the next working day, or at the opening
    /// where that comes first.
    pub brought_forward: Vec<String>,
    /// In the order of the template.
    pub tasks: Vec<ConferenceTaskOut>,
}

impl Resource for TemplateAppliedOut {
    const COLLECTION: &'static str = "/v1/conferences";

    fn id(&self) -> Uuid {
        self.conference_id
    }

    fn version(&self) -> i64 {
        self.version
    }
}
