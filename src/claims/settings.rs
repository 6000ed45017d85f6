//! Settings of the office that claims and advances go by.

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;

use crate::error::ApiResult;
use crate::travel::rates::lookup;

/// A setting that counts days, as it stands on a day; nothing where the office has not set it.
///
/// # Errors
/// When the database does not answer.
pub async fn days(db: &impl ConnectionTrait, code: &str, on: NaiveDate) -> ApiResult<Option<u64>> {
    Ok(lookup::setting(db, code, on).await?.and_then(|value| value.parse().ok()))
}
