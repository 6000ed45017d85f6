//! How long open claims wait, by board and step.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use entity::boards;
use entity::expense_claims::{ClaimStatus, Column, Entity};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Select};
use uuid::Uuid;

use crate::accountants::workload::OPEN;
use crate::auth::permissions::{Action, Reach};
use crate::claims::rules;
use crate::clock::{office_day, office_midnight};
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::queues::json::{AgeBuckets, ClaimAgeingFilter, ClaimAgeingOut, ClaimAgeingRow};

/// What the report needs of a claim.
type Claim = (Uuid, ClaimStatus, i64, Option<i64>, DateTime<Utc>);

/// See the module; one query for the claims and one for the names of their boards.
///
/// # Errors
/// When the database does not answer.
pub async fn report(call: &Call, filter: &ClaimAgeingFilter) -> ApiResult<ClaimAgeingOut> {
    let today = call.today();
    let on = filter.on.unwrap_or(today);
    let ends_at = on.checked_add_days(Days::new(1)).map(office_midnight);
    let at = if on == today { call.now() } else { ends_at.unwrap_or_else(|| call.now()) };
    let mut select = open_at(at);
    match call.reach(Action::ReadReports) {
        Reach::Office => {}
        Reach::Boards(boards) => select = select.filter(Column::BoardId.is_in(boards)),
        Reach::None => return Err(call.caller.refusal(Action::ReadReports)),
    }
    if let Some(board_id) = filter.board_id {
        select = select.filter(Column::BoardId.eq(board_id));
    }
    let rows = rows(call.db(), select, on, at).await?;
    Ok(ClaimAgeingOut {
        on,
        open_count: rows.iter().map(|row| row.count).sum(),
        late_count: rows.iter().map(|row| row.late_count).sum(),
        rows,
    })
}

/// Claims that wait since this moment or before.
pub fn open_at(at: DateTime<Utc>) -> Select<Entity> {
    Entity::find().filter(Column::Status.is_in(OPEN)).filter(Column::WaitingSince.lte(at))
}

/// These claims by board and step, their ages as of a day and their lateness as of a moment.
///
/// # Errors
/// When the database does not answer.
pub async fn rows(
    db: &impl ConnectionTrait,
    select: Select<Entity>,
    on: NaiveDate,
    at: DateTime<Utc>,
) -> ApiResult<Vec<ClaimAgeingRow>> {
    let claims: Vec<Claim> = select
        .select_only()
        .columns([
            Column::BoardId,
            Column::Status,
            Column::ClaimedAmount,
            Column::AllowedAmount,
            Column::WaitingSince,
        ])
        .into_tuple()
        .all(db)
        .await?;
    let boards = crate::http::page::by_id::<boards::Entity, _>(
        db,
        claims.iter().map(|claim| claim.0),
        boards::Column::Id,
    )
    .await?;
    let mut rows: BTreeMap<(String, usize), ClaimAgeingRow> = BTreeMap::new();
    for claim in claims {
        let Some(board) = boards.get(&claim.0) else { continue };
        let step = OPEN.iter().position(|status| *status == claim.1).unwrap_or(OPEN.len());
        let row = rows.entry((board.code.clone(), step)).or_insert_with(|| empty(board, claim.1, claim.4));
        count(row, &claim, on, at);
    }
    Ok(rows.into_values().collect())
}

fn empty(board: &boards::Model, status: ClaimStatus, since: DateTime<Utc>) -> ClaimAgeingRow {
    ClaimAgeingRow {
        board_id: board.id,
        board_code: board.code.clone(),
        board_name: board.name.clone(),
        status,
        count: 0,
        amount: 0,
        oldest_since: since,
        ages: AgeBuckets::default(),
        late_count: 0,
    }
}

fn count(row: &mut ClaimAgeingRow, claim: &Claim, on: NaiveDate, at: DateTime<Utc>) {
    let (_, status, claimed, allowed, since) = *claim;
    row.count += 1;
    // The largest number that every JSON reader holds exactly; no office comes near it.
    row.amount = (row.amount + allowed.unwrap_or(claimed)).min(9_007_199_254_740_991);
    row.oldest_since = row.oldest_since.min(since);
    row.ages.add((on - office_day(since)).num_days());
    if rules::due_at(status, since).is_some_and(|due| due < at) {
        row.late_count += 1;
    }
}
