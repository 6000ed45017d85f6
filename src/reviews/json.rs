//! Bodies and parameters of the reviews' operations.

use chrono::{DateTime, NaiveDate, Utc};
use entity::reviews::{Model, ReviewStatus};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::http::reply::Resource;
use crate::reviews::digest;
use crate::reviews::figures::json::ReviewFigures;
use crate::workflow::{AllowedAction, WaitingOn};

/// What a text of a review is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewTextKind {
    /// What was achieved.
    Results,
    /// What hinders the work.
    Hindrances,
    /// What is to be done next.
    Directions,
}

/// A text under a heading of its own.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewText {
    pub kind: ReviewTextKind,
    #[schema(min_length = 1, max_length = 300)]
    pub heading: String,
    /// A new line begins a new paragraph.
    #[schema(min_length = 1, max_length = 10_000)]
    pub text: String,
}

/// A review to prepare.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "title": "Sơ kết công tác phục vụ chung năm 2029", "from": "2029-01-01", "to": "2029-12-31",
    "texts": [{"kind": "directions", "heading": "Phương hướng", "text": "Tiếp tục rút ngắn thời gian thanh toán"}],
})))]
pub struct ReviewIn {
    #[schema(min_length = 1, max_length = 300)]
    pub title: String,
    /// The first day of the period.
    pub from: NaiveDate,
    /// The last day of the period, at most five years after the first.
    pub to: NaiveDate,
    /// In the order in which they are read.
    #[schema(max_items = 20)]
    pub texts: Option<Vec<ReviewText>>,
}

/// Changes of a review that is not approved.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "texts": [{"kind": "hindrances", "heading": "Vướng mắc", "text": "Hồ sơ còn bị trả lại vì thiếu giấy tờ"}],
})))]
pub struct ReviewPatch {
    #[schema(min_length = 1, max_length = 300, nullable = false)]
    pub title: Option<String>,
    /// Only before the figures are computed.
    #[schema(nullable = false)]
    pub from: Option<NaiveDate>,
    /// Only before the figures are computed.
    #[schema(nullable = false)]
    pub to: Option<NaiveDate>,
    /// All texts: they take the place of those before.
    #[schema(max_items = 20, nullable = false)]
    pub texts: Option<Vec<ReviewText>>,
}

/// Why a step is taken.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"reason": "Bổ sung số liệu nhiên liệu tháng 12"})))]
pub struct ReviewReasonIn {
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
}

/// A periodic review.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewOut {
    pub id: Uuid,
    /// The review's number, e.g. `RV-2025-000001`.
    pub number: String,
    pub version: i64,
    pub title: String,
    /// The first day of the period.
    pub from: NaiveDate,
    /// The last day of the period.
    pub to: NaiveDate,
    pub status: ReviewStatus,
    /// Null once it is approved; in lists always.
    pub waiting_on: Option<WaitingOn>,
    /// What the caller can do; null in lists.
    pub allowed_actions: Option<Vec<AllowedAction>>,
    #[schema(max_items = 20)]
    pub texts: Vec<ReviewText>,
    /// As they were computed for the draft; an older review may lack some. Null while texts are collected, and in lists.
    #[schema(value_type = Option<ReviewFigures>)]
    pub figures: Option<Value>,
    /// The SHA-256 of the figures' canonical JSON (RFC 8785: names in order, no spaces), in hexadecimal digits.
    #[schema(max_length = 64)]
    pub figures_sha256: Option<String>,
    /// Whether the figures still give that digest; null where there are none, and in lists.
    pub figures_intact: Option<bool>,
    /// 1 for the first review, and one more with each correction.
    pub revision: i64,
    /// The review that this one corrects.
    pub supersedes_id: Option<Uuid>,
    /// The approved correction that took its place.
    pub superseded_by_id: Option<Uuid>,
    /// Who last computed the figures or wrote beside them, as staff.
    pub drafted_by_id: Option<Uuid>,
    /// As staff.
    pub approved_by_id: Option<Uuid>,
    pub approved_at: Option<DateTime<Utc>>,
    /// Why it was returned, or why it corrects the one before.
    pub decision_reason: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for ReviewOut {
    const COLLECTION: &'static str = "/v1/reviews";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Model> for ReviewOut {
    fn from(review: Model) -> Self {
        let figures_intact = digest::holds(&review);
        let texts = texts(&review);
        Self {
            id: review.id,
            number: review.number,
            version: review.version,
            title: review.title,
            from: review.from_on,
            to: review.to_on,
            status: review.status,
            waiting_on: None,
            allowed_actions: None,
            texts,
            figures: review.figures,
            figures_sha256: review.figures_sha256,
            figures_intact,
            revision: review.revision,
            supersedes_id: review.supersedes_id,
            superseded_by_id: review.superseded_by_id,
            drafted_by_id: review.drafted_by_id,
            approved_by_id: review.approved_by_id,
            approved_at: review.approved_at,
            decision_reason: review.decision_reason,
            created_at: review.created_at,
            updated_at: review.updated_at,
            created_by_id: review.created_by_id,
        }
    }
}

/// The texts of a review, in their order.
pub fn texts(review: &Model) -> Vec<ReviewText> {
    serde_json::from_value(review.texts.clone()).unwrap_or_default()
}

/// Which reviews.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct ReviewFilter {
    /// Reviews that stand at one of these.
    #[param(inline)]
    pub status: Option<Vec<ReviewStatus>>,
    /// Whether a correction took its place.
    pub superseded: Option<bool>,
    /// Reviews whose period has this day.
    pub on: Option<NaiveDate>,
    /// Finds number and title, without case and diacritics.
    #[param(min_length = 1, max_length = 100)]
    pub q: Option<String>,
    /// Order of the list.
    #[param(inline)]
    pub sort: Option<ReviewSort>,
}

/// `-` means descending.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
pub enum ReviewSort {
    #[serde(rename = "to")]
    To,
    #[default]
    #[serde(rename = "-to")]
    ToDescending,
}

/// Which period.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct ReviewFiguresParams {
    /// The first day.
    #[param(example = "2025-01-01")]
    pub from: NaiveDate,
    /// The last day, at most five years after the first.
    #[param(example = "2025-12-31")]
    pub to: NaiveDate,
}
