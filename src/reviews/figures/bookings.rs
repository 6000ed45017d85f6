//! Requests for cars, and what became of them.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::error::ApiResult;
use crate::reviews::figures::json::{ReviewBookingFigures, ReviewBookingRow, ReviewBookings};
use crate::reviews::figures::{Boards, Period, ask};

const BOOKINGS: &str = "
    SELECT b.board_id,
        sum(CASE WHEN b.status <> 'draft' THEN 1 ELSE 0 END) AS asked,
        sum(CASE WHEN b.status IN ('in_progress', 'completed', 'closed') THEN 1 ELSE 0 END) AS served,
        sum(CASE WHEN b.status = 'rejected' THEN 1 ELSE 0 END) AS rejected,
        sum(CASE WHEN b.status = 'cancelled' THEN 1 ELSE 0 END) AS cancelled,
        sum(CASE WHEN b.status = 'expired' THEN 1 ELSE 0 END) AS expired,
        sum(CASE WHEN b.status IN ('submitted', 'returned', 'approved', 'scheduled') THEN 1 ELSE 0 END) AS waiting,
        sum(CASE WHEN b.urgent AND b.status <> 'draft' THEN 1 ELSE 0 END) AS urgent,
        sum(CASE WHEN b.vehicle_id IS NOT NULL
            AND b.status IN ('draft', 'returned', 'rejected', 'cancelled', 'expired')
            AND (EXISTS (SELECT 1 FROM vehicle_bookings o
                    WHERE o.vehicle_id = b.vehicle_id AND o.id <> b.id
                    AND o.status IN ('submitted', 'approved', 'scheduled', 'in_progress', 'completed', 'closed')
                    AND o.starts_at < b.ends_at AND b.starts_at < o.ends_at)
                OR EXISTS (SELECT 1 FROM trips t
                    WHERE t.vehicle_id = b.vehicle_id AND t.status NOT IN ('planned', 'void')
                    AND t.starts_at < b.ends_at AND b.starts_at < t.ends_at))
            THEN 1 ELSE 0 END) AS clashed
    FROM vehicle_bookings b WHERE b.starts_at >= $1 AND b.starts_at < $2 GROUP BY b.board_id";

#[derive(FromQueryResult)]
struct Bookings {
    board_id: Uuid,
    asked: i64,
    served: i64,
    rejected: i64,
    cancelled: i64,
    expired: i64,
    waiting: i64,
    urgent: i64,
    clashed: i64,
}

impl From<Bookings> for ReviewBookingFigures {
    fn from(row: Bookings) -> Self {
        Self {
            asked_count: row.asked,
            served_count: row.served,
            rejected_count: row.rejected,
            cancelled_count: row.cancelled,
            expired_count: row.expired,
            open_count: row.waiting,
            clashed_count: row.clashed,
            urgent_count: row.urgent,
        }
    }
}

/// # Errors
/// When the database does not answer.
pub(super) async fn count(
    db: &impl ConnectionTrait,
    period: &Period,
    boards: &Boards,
) -> ApiResult<ReviewBookings> {
    let rows = ask::<Bookings>(db, BOOKINGS, period.moments()).await?;
    let found: BTreeMap<Uuid, _> = rows.into_iter().map(|row| (row.board_id, row.into())).collect();
    let mut told = ReviewBookings::default();
    for (board_id, board_code, figures) in boards.rows(period, found) {
        sum(&mut told.total, &figures);
        told.rows.push(ReviewBookingRow { board_id, board_code, figures });
    }
    Ok(told)
}

fn sum(total: &mut ReviewBookingFigures, one: &ReviewBookingFigures) {
    total.asked_count += one.asked_count;
    total.served_count += one.served_count;
    total.rejected_count += one.rejected_count;
    total.cancelled_count += one.cancelled_count;
    total.expired_count += one.expired_count;
    total.open_count += one.open_count;
    total.clashed_count += one.clashed_count;
    total.urgent_count += one.urgent_count;
}
