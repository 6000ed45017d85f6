//! What accountants have on their desks: open claims and the travel orders that wait for them, counted by board and
//! status.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::board_successions::{self, Entity as Successions};
use entity::boards;
use entity::expense_claims::{ClaimStatus, Column, Entity as Claims};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use crate::accountants::json::{
    AccountantWorkloadBoard, AccountantWorkloadClaims, AccountantWorkloadOrders, AccountantWorkloadOut,
};
use crate::accountants::store;
use crate::clock::office_day;
use crate::error::ApiResult;
use crate::http::page::by_id;
use crate::queues::json::AgeBuckets;

/// The statuses in which somebody still has to do something with a claim that was handed in once.
pub const OPEN: [ClaimStatus; 5] = [
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
    Ok(open_in(with_predecessors(db, boards).await?))
}

fn open_in(boards: Vec<Uuid>) -> Select<Claims> {
    Claims::find().filter(Column::BoardId.is_in(boards)).filter(Column::Status.is_in(OPEN))
}

/// These boards and all that they took over from.
async fn with_predecessors(db: &impl ConnectionTrait, boards: Vec<Uuid>) -> ApiResult<Vec<Uuid>> {
    let before =
        Successions::find().filter(board_successions::Column::BoardId.is_in(boards.clone())).all(db).await?;
    Ok(boards.into_iter().chain(before.into_iter().map(|row| row.predecessor_id)).collect())
}

/// The travel orders of these boards that wait for the accountant, by board.
async fn waiting_orders(
    db: &impl ConnectionTrait,
    boards: Vec<Uuid>,
    today: NaiveDate,
) -> ApiResult<BTreeMap<Uuid, Vec<AccountantWorkloadOrders>>> {
    use entity::travel_orders::{Column, Entity, TravelOrderStatus};
    let rows: Vec<(Uuid, TravelOrderStatus, DateTime<Utc>)> = Entity::find()
        .filter(Column::BoardId.is_in(boards))
        .filter(Column::Status.is_in([TravelOrderStatus::Submitted, TravelOrderStatus::Completed]))
        .order_by_asc(Column::WaitingSince)
        .select_only()
        .columns([Column::BoardId, Column::Status, Column::WaitingSince])
        .into_tuple()
        .all(db)
        .await?;
    let mut found: BTreeMap<Uuid, Vec<AccountantWorkloadOrders>> = BTreeMap::new();
    for (board_id, status, since) in rows {
        let of_board = found.entry(board_id).or_default();
        let at = of_board.iter().position(|entry| entry.status == status).unwrap_or_else(|| {
            let ages = AgeBuckets::default();
            // The first one is the oldest, by the order of the query.
            of_board.push(AccountantWorkloadOrders { status, count: 0, oldest_waiting_since: since, ages });
            of_board.len() - 1
        });
        of_board[at].count += 1;
        of_board[at].ages.add(age(since, today));
    }
    Ok(found)
}

/// In days of the office's calendar.
fn age(since: DateTime<Utc>, today: NaiveDate) -> i64 {
    (today - office_day(since)).num_days().max(0)
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
    let all = with_predecessors(db, mine.clone()).await?;
    let rows: Vec<(Uuid, ClaimStatus, DateTime<Utc>)> = open_in(all.clone())
        .select_only()
        .columns([Column::BoardId, Column::Status, Column::WaitingSince])
        .into_tuple()
        .all(db)
        .await?;
    let mut claims: BTreeMap<Uuid, Vec<AccountantWorkloadClaims>> =
        mine.into_iter().map(|board_id| (board_id, Vec::new())).collect();
    let (mut open_count, mut to_verify_count) = (0, 0);
    for (board_id, status, since) in rows {
        open_count += 1;
        to_verify_count += i64::from(status == ClaimStatus::Confirmed);
        let of_board = claims.entry(board_id).or_default();
        let at = of_board.iter().position(|entry| entry.status == status).unwrap_or_else(|| {
            of_board.push(AccountantWorkloadClaims {
                status,
                count: 0,
                oldest_waiting_since: since,
                oldest_age_days: 0,
                ages: AgeBuckets::default(),
            });
            of_board.len() - 1
        });
        let entry = &mut of_board[at];
        entry.count += 1;
        entry.oldest_waiting_since = entry.oldest_waiting_since.min(since);
        entry.oldest_age_days = age(entry.oldest_waiting_since, today);
        entry.ages.add(age(since, today));
    }
    let mut orders = waiting_orders(db, all, today).await?;
    for board_id in orders.keys() {
        claims.entry(*board_id).or_default();
    }
    let named = by_id::<boards::Entity, _>(db, claims.keys().copied(), boards::Column::Id).await?;
    let mut boards: Vec<AccountantWorkloadBoard> = named
        .into_values()
        .map(|board| {
            let mut claims = claims.remove(&board.id).unwrap_or_default();
            claims.sort_by_key(|entry| OPEN.iter().position(|status| *status == entry.status));
            let travel_orders = orders.remove(&board.id).unwrap_or_default();
            let boards::Model { id: board_id, code, name, .. } = board;
            AccountantWorkloadBoard { board_id, code, name, claims, travel_orders }
        })
        .collect();
    boards.sort_by(|one, other| one.code.cmp(&other.code));
    Ok(AccountantWorkloadOut { accountant_id, on: today, open_count, to_verify_count, boards })
}
