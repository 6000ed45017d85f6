//! Parameters and bodies of the imports' operations.

use chrono::{DateTime, Utc};
use entity::budget_imports::{BudgetImportStatus, Model};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::http::reply::Resource;
use crate::workflow::AllowedAction;

/// A sheet that the demo office takes.
pub const EXAMPLE: &str = "Mã ban;Nguồn kinh phí;Tiểu mục;Số tiền;Số quyết định;Cơ quan ban hành;Ngày ký\n\
    UBKTTU;13;6701;45000000;12-QĐ/TU;Ban Thường vụ Tỉnh ủy;05/12/2025\n\
    UBKTTU;13;6702;60000000;12-QĐ/TU;Ban Thường vụ Tỉnh ủy;05/12/2025\n\
    UBKTTU;12;6702;20000000;12-QĐ/TU;Ban Thường vụ Tỉnh ủy;05/12/2025\n";

/// What is said of a new sheet; its bytes are the body.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct BudgetImportIn {
    /// The year whose appropriations the sheet holds.
    #[param(minimum = 2000, maximum = 2100, example = 2029)]
    pub year: i64,
    /// The name of the file without any path. What kind of file it is follows from its bytes.
    #[param(min_length = 1, max_length = 200, example = "du-toan-2029.csv")]
    pub file_name: String,
}

/// A sheet of appropriations that became budget lines. Its lines are `GET /v1/budget-lines?import_id=…`, their entries
/// `GET /v1/budget-entries?document_id=…`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BudgetImportOut {
    pub id: Uuid,
    pub version: i64,
    pub year: i64,
    pub status: BudgetImportStatus,
    /// What the caller can do; null in lists.
    pub allowed_actions: Option<Vec<AllowedAction>>,
    pub file_name: String,
    pub size_bytes: i64,
    /// The SHA-256 of the bytes, in hexadecimal digits; once for a year.
    #[schema(min_length = 64, max_length = 64)]
    pub sha256: String,
    /// How many lines it brought.
    pub row_count: i64,
    /// The sum of their amounts as the sheet had them, in đồng.
    pub total_amount: i64,
    /// As staff.
    pub imported_by_id: Uuid,
    /// Who put its lines in force, as staff; null until then.
    pub activated_by_id: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for BudgetImportOut {
    const COLLECTION: &'static str = "/v1/budget-imports";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Model> for BudgetImportOut {
    fn from(import: Model) -> Self {
        let Model {
            id,
            year,
            sha256,
            file_name,
            size_bytes,
            row_count,
            total_amount,
            status,
            imported_by_id,
            activated_by_id,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = import;
        Self {
            id,
            version,
            year,
            status,
            allowed_actions: None,
            file_name,
            size_bytes,
            sha256,
            row_count,
            total_amount,
            imported_by_id,
            activated_by_id,
            created_at,
            updated_at,
            created_by_id,
        }
    }
}

/// Which imports.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct BudgetImportFilter {
    #[param(minimum = 2000, maximum = 2100)]
    pub year: Option<i64>,
    /// Imports that stand at one of these.
    #[param(inline)]
    pub status: Option<Vec<BudgetImportStatus>>,
}
