//! Bodies of the operations about the costs of a conference.

use chrono::{DateTime, NaiveDate, Utc};
use entity::conference_plans::ConferenceCostStatus;
use entity::expense_claims::ClaimStatus;
use entity::funding_source::FundingSource;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::budgets::commitments::CommitmentOut;
use crate::conferences::costs::estimates::json::{ConferenceEstimateIn, ConferenceEstimateOut};
use crate::http::reply::Resource;
use crate::workflow::AllowedAction;

/// What a conference is planned to cost.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "estimate": {
        "on": "2029-10-10",
        "refreshments": [{"delegates": 150, "sessions": 4}],
        "other": [
            {"kind": "conference_printing", "description": "Bộ tài liệu", "quantity": 158, "unit_amount": 25_000},
        ],
    },
})))]
pub struct ConferencePlanIn {
    /// Which money bears it; autonomous unless given.
    pub funding_source: Option<FundingSource>,
    pub estimate: ConferenceEstimateIn,
}

/// Which money bears a conference.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"funding_source": "autonomous"})))]
pub struct ConferenceFundsIn {
    /// Each cost is booked on the line of its sub-item, of this source and of the year of the first day.
    pub funding_source: FundingSource,
    /// One line of the board and source that bears all of it instead; null unless the accountant departs from the
    /// sub-items.
    pub budget_line_id: Option<Uuid>,
    /// Why one line bears all of it; needed with `budget_line_id`, and only there.
    #[schema(max_length = 500)]
    pub reason: Option<String>,
}

/// Why the money is given back.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"reason": "Hoãn hội nghị sang quý sau"})))]
pub struct ConferenceReleaseIn {
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
}

/// The money of a conference in short, as its record shows it. All amounts in đồng.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConferenceMoney {
    pub status: ConferenceCostStatus,
    pub planned_amount: i64,
    /// What is reserved on budget lines, spent and released included.
    pub committed_amount: i64,
    pub spent_amount: i64,
    pub released_amount: i64,
    /// What claims can still draw on.
    pub open_amount: i64,
}

/// Plan and reality of one kind of cost. All amounts in đồng.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct ConferenceKindCosts {
    /// The same words as in expense claims.
    pub kind: String,
    pub planned_amount: i64,
    /// What of the plan was last committed.
    pub committed_amount: i64,
    /// What is claimed, without drafts and without claims that came to nothing.
    pub claimed_amount: i64,
    pub paid_amount: i64,
    /// What is planned and not paid; below zero where more was paid than planned.
    #[schema(minimum = -999_999_999_999_999_i64)]
    pub difference_amount: i64,
}

/// A claim that is neither paid nor ended.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConferenceOpenClaim {
    pub id: Uuid,
    pub number: String,
    pub status: ClaimStatus,
}

/// What a conference was planned to cost and what it does cost. All amounts in đồng.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConferenceCostsOut {
    /// The conference.
    pub id: Uuid,
    /// The conference's version; send it in `If-Match`.
    pub version: i64,
    pub board_id: Uuid,
    /// Null while nothing is planned.
    pub status: Option<ConferenceCostStatus>,
    pub funding_source: Option<FundingSource>,
    /// The one line that bears all of it, where the accountant chose so.
    pub budget_line_id: Option<Uuid>,
    pub funds_reason: Option<String>,
    /// The plan, with the working of each amount.
    pub estimate: Option<ConferenceEstimateOut>,
    /// What is reserved, line by line; null while nothing ever was.
    pub commitment: Option<CommitmentOut>,
    pub planned_amount: i64,
    pub claimed_amount: i64,
    pub paid_amount: i64,
    /// What is planned and not paid; below zero where more was paid than planned.
    #[schema(minimum = -999_999_999_999_999_i64)]
    pub difference_amount: i64,
    /// Plan and reality of each kind of cost, by name.
    pub kinds: Vec<ConferenceKindCosts>,
    /// The claims for which a settlement waits.
    pub open_claims: Vec<ConferenceOpenClaim>,
    /// What the caller can do.
    pub allowed_actions: Vec<AllowedAction>,
    /// Who planned it, as staff.
    pub planned_by_id: Option<Uuid>,
    pub planned_at: Option<DateTime<Utc>>,
    /// The accountant who said which money bears it, as staff.
    pub funds_checked_by_id: Option<Uuid>,
    /// Who committed this plan, as staff; null while it waits.
    pub committed_by_id: Option<Uuid>,
    pub committed_at: Option<DateTime<Utc>>,
    pub settled_by_id: Option<Uuid>,
    pub settled_at: Option<DateTime<Utc>>,
    /// The first day: its year is the budget's.
    pub budget_on: NaiveDate,
}

impl Resource for ConferenceCostsOut {
    const COLLECTION: &'static str = "/v1/conferences";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}
