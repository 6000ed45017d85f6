//! What accountants have on their desks: open claims, counted by board and status.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::board_successions::{self, Entity as Successions};
use entity::boards;
use entity::expense_claims::{ClaimStatus, Column, Entity as Claims};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Select};
use uuid::Uuid;

use crate::accountants::json::{AccountantWorkloadBoard, AccountantWorkloadClaims, AccountantWorkloadOut};
use crate::accountants::store;
use crate::clock::office_day;
use crate::error::ApiResult;
use crate::http::page::by_id;

/// The statuses in which somebody still has to do something with a claim that was handed in once.
const OPEN: [ClaimStatus; 5] = [
    ClaimStatus::Submitted,
    ClaimStatus::Confirmed,
    ClaimStatus::Verified,
    ClaimStatus::Approved,
    ClaimStatus::Returned,
];

/// The open claims of these boards and of all boards that they took over from.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn open_claims(db: &impl ConnectionTrait, boards: Vec<Uuid>) -> ApiResult<Select<Claims>> {
    let before =
        Successions::find().filter(board_successions::Column::BoardId.is_in(boards.clone())).all(db).await?;
    let all = boards.into_iter().chain(before.into_iter().map(|row| row.predecessor_id));
    Ok(Claims::find().filter(Column::BoardId.is_in(all)).filter(Column::Status.is_in(OPEN)))
}

/// The workload of one accountant; the number of queries does not grow with boards or claims.
///
/// # Errors
/// When the database does not answer.
pub async fn of(
    db: &impl ConnectionTrait,
    accountant_id: Uuid,
    today: NaiveDate,
) -> ApiResult<AccountantWorkloadOut> {
    let mine = store::acting_boards(db, today).await?.remove(&accountant_id).unwrap_or_default();
    let rows: Vec<(Uuid, ClaimStatus, i64, DateTime<Utc>)> = open_claims(db, mine.clone())
        .await?
        .select_only()
        .columns([Column::BoardId, Column::Status])
        .column_as(Column::Id.count(), "claims")
        .column_as(Column::WaitingSince.min(), "oldest")
        .group_by(Column::BoardId)
        .group_by(Column::Status)
        .into_tuple()
        .all(db)
        .await?;
    let open_count = rows.iter().map(|(_, _, count, _)| count).sum();
    let waiting = rows.iter().filter(|(_, status, _, _)| *status == ClaimStatus::Confirmed);
    let to_verify_count = waiting.map(|(_, _, count, _)| count).sum();

    let mut claims: BTreeMap<Uuid, Vec<AccountantWorkloadClaims>> =
        mine.into_iter().map(|board_id| (board_id, Vec::new())).collect();
    for (board_id, status, count, oldest_waiting_since) in rows {
        let oldest_age_days = (today - office_day(oldest_waiting_since)).num_days().max(0);
        let entry = AccountantWorkloadClaims { status, count, oldest_waiting_since, oldest_age_days };
        claims.entry(board_id).or_default().push(entry);
    }
    let named = by_id::<boards::Entity, _>(db, claims.keys().copied(), boards::Column::Id).await?;
    let mut boards: Vec<AccountantWorkloadBoard> = named
        .into_values()
        .map(|board| {
            let mut claims = claims.remove(&board.id).unwrap_or_default();
            claims.sort_by_key(|entry| OPEN.iter().position(|status| *status == entry.status));
            AccountantWorkloadBoard { board_id: board.id, code: board.code, name: board.name, claims }
        })
        .collect();
    boards.sort_by(|one, other| one.code.cmp(&other.code));
    Ok(AccountantWorkloadOut { accountant_id, on: today, open_count, to_verify_count, boards })
}
