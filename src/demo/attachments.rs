//! The demo office's files: invoices of claims, one of which lies on two of them.

use actix_web::web::Bytes;
use entity::attachments::{Model, OwnerType};
use entity::expense_claims;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::app::App;
use crate::demo::id;
use crate::error::{ApiError, ApiResult};
use crate::integration::attachments::store::TYPE;
use crate::write::{Event, Tx};

/// Id, claim, name, and what makes the bytes differ.
const FILES: [(&str, &str, &str, &str); 4] = [
    ("at_ec_03", "ec_03", "hoa-don-phong-nghi.pdf", "ec_03"),
    ("at_ec_07", "ec_07", "hoa-don-xang.pdf", "ec_07"),
    ("at_ec_13", "ec_13", "hoa-don-phong-nghi.pdf", "ec_13"),
    // The same paper as on the other claim: whoever verifies this one is told.
    ("at_ec_14", "ec_14", "hoa-don.pdf", "ec_03"),
];

/// The smallest PDF that every reader opens: one empty page.
const PAGE: &str = "%PDF-1.4\n\
    1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
    2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
    3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n\
    trailer<</Root 1 0 R>>\n";

fn bytes(what: &str) -> Bytes {
    Bytes::from(format!("{PAGE}% {what}\n%%EOF\n"))
}

/// Writes the bytes; before the transaction, as everywhere.
///
/// # Errors
/// When the store does not take them.
pub(super) async fn store(app: &App) -> ApiResult<()> {
    for (reference, _, _, what) in FILES {
        app.blobs.put(id(reference), bytes(what)).await?;
    }
    Ok(())
}

/// # Errors
/// When the database does not take them.
pub(super) async fn fill(tx: &Tx) -> ApiResult<()> {
    for (reference, claim, name, what) in FILES {
        let claim = expense_claims::Entity::find_by_id(id(claim)).one(tx.db()).await?;
        let claim = claim.ok_or_else(|| ApiError::internal(format!("demo: no claim for {reference}")))?;
        fill_one(tx, id(reference), &claim, name, &bytes(what)).await?;
    }
    Ok(())
}

async fn fill_one(
    tx: &Tx,
    id: Uuid,
    claim: &expense_claims::Model,
    name: &str,
    bytes: &Bytes,
) -> ApiResult<()> {
    let row = Model {
        id,
        owner_type: OwnerType::ExpenseClaim,
        owner_id: claim.id,
        board_id: Some(claim.board_id),
        kind: "invoice".to_owned(),
        file_name: name.to_owned(),
        media_type: "application/pdf".to_owned(),
        size_bytes: i64::try_from(bytes.len()).map_err(ApiError::internal)?,
        sha256: Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
        uploaded_by_id: claim.created_by_id,
        version: 1,
        created_at: claim.created_at,
    };
    row.into_active_model().insert(tx.db()).await?;
    let event = Event::new("create", TYPE, id, 1).of_board(claim.board_id);
    tx.record(
        event.with(json!({"owner_type": OwnerType::ExpenseClaim, "owner_id": claim.id, "file_name": name})),
    )
    .await
}
