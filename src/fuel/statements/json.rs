//! Bodies of the fuel statements' operations.

use chrono::{DateTime, Utc};
use entity::fuel_statements::{FuelStatementStatus, Model};
use serde::{Deserialize, Serialize};
use serde_with::rust::double_option;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::decimal::decimal;
use crate::demo;
use crate::fuel::statements::figures::FuelFigures;
use crate::fuel::statements::rules::month_text;
use crate::http::reply::Resource;
use crate::workflow::{AllowedAction, WaitingOn};

/// A statement to begin.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"vehicle_id": demo::id("v_camry"), "month": "2025-10", "opening_tank_litres": "20.00"})))]
pub struct FuelStatementIn {
    pub vehicle_id: Uuid,
    /// A month such as `2025-11`, not in the future. A car has one statement for each month.
    #[schema(min_length = 7, max_length = 7, pattern = "^20[0-9]{2}-(0[1-9]|1[0-2])$")]
    pub month: String,
    /// What was in the tank when the month began, at most two decimals. Left out where the car has a closed statement
    /// before: its closing tank is taken.
    #[schema(min_length = 1, max_length = 6, pattern = r"^[0-9]{1,3}(\.[0-9]{1,2})?$")]
    pub opening_tank_litres: Option<String>,
    /// What was in the tank when the month ended; may come later.
    #[schema(min_length = 1, max_length = 6, pattern = r"^[0-9]{1,3}(\.[0-9]{1,2})?$")]
    pub closing_tank_litres: Option<String>,
    /// Why more was used than the norm allows.
    #[schema(min_length = 1, max_length = 1000)]
    pub explanation: Option<String>,
}

/// Changes of a statement that is a draft.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"closing_tank_litres": "18.50", "explanation": "Đường đèo sạt lở, xe phải đi vòng"})))]
pub struct FuelStatementPatch {
    /// Only where the car has no closed statement before.
    #[schema(min_length = 1, max_length = 6, pattern = r"^[0-9]{1,3}(\.[0-9]{1,2})?$", nullable = false)]
    pub opening_tank_litres: Option<String>,
    #[serde(default, with = "double_option")]
    #[schema(min_length = 1, max_length = 6, pattern = r"^[0-9]{1,3}(\.[0-9]{1,2})?$")]
    pub closing_tank_litres: Option<Option<String>>,
    #[serde(default, with = "double_option")]
    #[schema(min_length = 1, max_length = 1000)]
    pub explanation: Option<Option<String>>,
}

/// Why a statement is opened again.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"reason": "Bổ sung một hóa đơn nhập thiếu"})))]
pub struct FuelStatementReasonIn {
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
}

/// Which board the refuels are claimed for.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"board_id": demo::id("vptu")})))]
pub struct FuelClaimIn {
    /// The board that bears the cost; one for which the caller may claim expenses.
    pub board_id: Uuid,
    /// What the claim is for; car and month unless given.
    #[schema(min_length = 1, max_length = 500)]
    pub purpose: Option<String>,
}

/// The fuel of a car in a month.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FuelStatementOut {
    pub id: Uuid,
    /// The statement's number, e.g. `FS-2025-000001`.
    pub number: String,
    pub version: i64,
    pub vehicle_id: Uuid,
    /// E.g. `2025-11`.
    #[schema(max_length = 7, example = "2025-11")]
    pub month: String,
    pub status: FuelStatementStatus,
    /// Null when nobody needs to act; in lists always.
    pub waiting_on: Option<WaitingOn>,
    /// What the caller can do; null in lists.
    pub allowed_actions: Option<Vec<AllowedAction>>,
    /// What was in the tank when the month began, with two decimals.
    #[schema(max_length = 6, example = "20.00")]
    pub opening_tank_litres: String,
    /// What was in the tank when the month ended, with two decimals; null until it is known.
    #[schema(max_length = 6, example = "20.00")]
    pub closing_tank_litres: Option<String>,
    pub explanation: Option<String>,
    /// As the records are now while the statement is a draft, as they were when it was closed. In lists null for
    /// drafts.
    pub figures: Option<FuelFigures>,
    /// Why it was last opened again.
    pub decision_reason: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for FuelStatementOut {
    const COLLECTION: &'static str = "/v1/fuel-statements";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Model> for FuelStatementOut {
    fn from(statement: Model) -> Self {
        let Model {
            id,
            number,
            vehicle_id,
            month,
            opening_tank_hundredths,
            closing_tank_hundredths,
            explanation,
            status,
            waiting_since: _,
            figures,
            decision_reason,
            search: _,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = statement;
        Self {
            id,
            number,
            version,
            vehicle_id,
            month: month_text(month),
            status,
            waiting_on: None,
            allowed_actions: None,
            opening_tank_litres: decimal(opening_tank_hundredths),
            closing_tank_litres: closing_tank_hundredths.map(decimal),
            explanation,
            figures: figures.and_then(|figures| serde_json::from_value(figures).ok()),
            decision_reason,
            created_at,
            updated_at,
            created_by_id,
        }
    }
}

/// Which statements.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct FuelStatementFilter {
    /// Statements of this car.
    pub vehicle_id: Option<Uuid>,
    /// Statements of this month.
    #[param(min_length = 7, max_length = 7, pattern = "^20[0-9]{2}-(0[1-9]|1[0-2])$")]
    pub month: Option<String>,
    /// Statements that stand at one of these.
    #[param(inline)]
    pub status: Option<Vec<FuelStatementStatus>>,
    /// Finds number and plate, without case and diacritics.
    #[param(min_length = 1, max_length = 100)]
    pub q: Option<String>,
    /// Order of the list.
    #[param(inline)]
    pub sort: Option<FuelStatementSort>,
}

/// `-` means descending.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
pub enum FuelStatementSort {
    #[serde(rename = "month")]
    Month,
    #[default]
    #[serde(rename = "-month")]
    MonthDescending,
}
