//! The demo office's import: the appropriations of a year to come, which wait for a chief of office.

use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::budgets::imports::rows::parse;
use crate::budgets::imports::steps::{Upload, import};
use crate::clock::office_midnight;
use crate::demo::bookings::acting;
use crate::demo::budgets::day_of_demo;
use crate::demo::{Demo, id};
use crate::error::{ApiError, ApiResult};
use crate::write::Tx;

const SHEET: &str = "board;source;sub_item;amount;document_number;issuer;signed_on\n\
    UBKTTU;13;6701;40000000;12-QĐ/TU;Ban Thường vụ Tỉnh ủy (demo);2025-12-05\n\
    UBKTTU;13;6702;55000000;12-QĐ/TU;Ban Thường vụ Tỉnh ủy (demo);2025-12-05\n\
    BNCTU;13;6702;35000000;12-QĐ/TU;Ban Thường vụ Tỉnh ủy (demo);2025-12-05\n";

/// # Errors
/// When the database does not take it.
pub(super) async fn fill(app: &App, tx: &Tx, demo: &Demo) -> ApiResult<()> {
    let at = acting(tx, demo, "p_bich", office_midnight(day_of_demo()) + TimeDelta::hours(9)).await?;
    let upload = Upload {
        year: 2046,
        file_name: "du-toan-2046.csv".to_owned(),
        size_bytes: i64::try_from(SHEET.len()).map_err(ApiError::internal)?,
        sha256: Sha256::digest(SHEET).iter().map(|byte| format!("{byte:02x}")).collect(),
        parsed: parse(SHEET.as_bytes()),
        imported_by: id("p_bich"),
    };
    import(&at, app.contract, id("bi_2046"), &upload).await?;
    at.commit().await
}
