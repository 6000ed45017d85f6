//! The same bytes on several claims: an invoice that is claimed twice shows itself here first.

use std::collections::BTreeMap;

use entity::attachments::{Column, Entity, Model, OwnerType};
use entity::boards;
use entity::expense_claims::{self, ClaimStatus};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::auth::permissions::Action;
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::page::by_id;
use crate::integration::attachments::json::{AttachmentOut, AttachmentTwin};
use crate::integration::attachments::owners::Owner;

/// Claims that were handed in and are not over in a way that frees their papers.
const ALIVE: [ClaimStatus; 6] = [
    ClaimStatus::Submitted,
    ClaimStatus::Confirmed,
    ClaimStatus::Verified,
    ClaimStatus::Approved,
    ClaimStatus::Paid,
    ClaimStatus::Returned,
];

/// The files of one record as the caller sees them; three queries, however many files.
///
/// # Errors
/// When the database does not answer.
pub async fn show(
    db: &impl ConnectionTrait,
    call: &Call,
    owner: &Owner,
    files: Vec<Model>,
) -> ApiResult<Vec<AttachmentOut>> {
    if !owner.tells_twins(call) {
        return Ok(files.into_iter().map(|file| AttachmentOut::new(file, None)).collect());
    }
    let mut twins = of(db, call, &files).await?;
    let show = |file: Model| {
        let also_on = twins.remove(&file.sha256).unwrap_or_default();
        AttachmentOut::new(file, Some(also_on))
    };
    Ok(files.into_iter().map(show).collect())
}

/// By the digest of the bytes.
async fn of(
    db: &impl ConnectionTrait,
    call: &Call,
    files: &[Model],
) -> ApiResult<BTreeMap<String, Vec<AttachmentTwin>>> {
    let same = Entity::find()
        .filter(Column::Sha256.is_in(files.iter().map(|file| file.sha256.as_str())))
        .filter(Column::OwnerType.eq(OwnerType::ExpenseClaim))
        .filter(Column::OwnerId.is_not_in(files.iter().map(|file| file.owner_id)))
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    let ids = same.iter().map(|file| file.owner_id);
    let claims = by_id::<expense_claims::Entity, _>(db, ids, expense_claims::Column::Id).await?;
    let boards: Vec<Uuid> = claims.values().map(|claim| claim.board_id).collect();
    let boards = by_id::<boards::Entity, _>(db, boards, boards::Column::Id).await?;
    let reach = call.reach(Action::ReadClaims);
    let mut twins: BTreeMap<String, Vec<AttachmentTwin>> = BTreeMap::new();
    for file in same {
        let Some(claim) = claims.get(&file.owner_id).filter(|claim| ALIVE.contains(&claim.status)) else {
            continue;
        };
        let code = boards.get(&claim.board_id).map(|board| board.code.clone()).unwrap_or_default();
        twins.entry(file.sha256).or_default().push(AttachmentTwin {
            owner_type: OwnerType::ExpenseClaim,
            owner_id: reach.covers(claim.board_id).then_some(claim.id),
            number: claim.number.clone(),
            board_code: code,
        });
    }
    Ok(twins)
}
