//! The demo office's reviews: of its first year, approved at the meeting of 25 December 2019; of 2025, which waits for its
//! approval; and one for which texts are collected. Texts repeat what the demo's records say; figures are counted.

use serde_json::Value;

use crate::demo::bookings::acting;
use crate::demo::{Demo, day, id, instant, reference, string};
use crate::error::{ApiError, ApiResult};
use crate::reviews::json::ReviewIn;
use crate::reviews::rules::STEPS;
use crate::reviews::{steps, store};
use crate::workflow::step;
use crate::write::Tx;

/// # Errors
/// When the database does not take them.
pub(super) async fn fill(tx: &Tx, demo: &Demo) -> ApiResult<()> {
    let file: Value = serde_json::from_str(include_str!("reviews.json")).map_err(ApiError::internal)?;
    for row in file["reviews"].as_array().into_iter().flatten() {
        fill_one(tx, demo, row).await?;
    }
    Ok(())
}

async fn fill_one(tx: &Tx, demo: &Demo, row: &Value) -> ApiResult<()> {
    let body = ReviewIn {
        title: string(row, "title"),
        from: day(row, "from")?,
        to: day(row, "to")?,
        texts: serde_json::from_value(row["texts"].clone()).map_err(ApiError::internal)?,
    };
    let at = acting(tx, demo, "p_an", instant(row, "created_at")?).await?;
    let review = store::insert(&at, reference(row, "ref")?, &body).await?;
    at.commit().await?;
    let Some(drafter) = row["drafted_by"].as_str() else { return Ok(()) };
    let at = acting(tx, demo, drafter, instant(row, "drafted_at")?).await?;
    let review = steps::compute(&at, &review, step(STEPS, "draft")?, id(drafter)).await?;
    at.commit().await?;
    let Some(approver) = row["approved_by"].as_str() else { return Ok(()) };
    let at = acting(tx, demo, approver, instant(row, "approved_at")?).await?;
    steps::freeze(&at, &review, step(STEPS, "approve")?, id(approver)).await?;
    at.commit().await
}
