//! Whose turn it is with a booking, and what the caller can do with it.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::user_roles::Role;
use entity::vehicle_bookings::{BookingStatus, Model};
use sea_orm::{ActiveEnum, ConnectionTrait, Statement};
use uuid::Uuid;

use crate::bookings::json::BookingOut;
use crate::bookings::rules::{self, STEPS};
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::workflow::{self, WaitingOn};

/// Who decides today: `(role, board, staff)`; the board is missing for roles of the whole office.
pub struct Deciders(Vec<(String, Option<Uuid>, Uuid)>);

/// A head of a board decides for the boards too that it took over from.
const DECIDERS_SQL: &str = "
    WITH given AS (
        SELECT r.role, r.board_id, u.staff_id
        FROM user_roles r JOIN users u ON u.id = r.user_id
        WHERE u.active AND u.staff_id IS NOT NULL AND r.role IN ('board_head', 'dispatcher', 'chief_of_office')
            AND r.valid_from <= $1 AND (r.valid_to IS NULL OR r.valid_to >= $1)
    )
    SELECT role, board_id, staff_id FROM given
    UNION
    SELECT g.role, s.predecessor_id, g.staff_id FROM given g
    JOIN board_successions s ON s.board_id = g.board_id
    JOIN boards b ON b.id = s.board_id AND b.valid_from <= $1";

impl Deciders {
    /// One query, however many bookings are shown.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn load(db: &impl ConnectionTrait, today: NaiveDate) -> ApiResult<Self> {
        let backend = db.get_database_backend();
        let rows =
            db.query_all_raw(Statement::from_sql_and_values(backend, DECIDERS_SQL, [today.into()])).await?;
        let mut deciders = Vec::new();
        for row in rows {
            deciders.push((
                row.try_get("", "role")?,
                row.try_get("", "board_id")?,
                row.try_get("", "staff_id")?,
            ));
        }
        Ok(Self(deciders))
    }

    fn of(&self, role: Role, board_id: Option<Uuid>, except: Option<Uuid>) -> Vec<Uuid> {
        let name = role.to_value();
        let staff: BTreeSet<Uuid> = self
            .0
            .iter()
            .filter(|(role, board, staff)| *role == name && *board == board_id && Some(*staff) != except)
            .map(|(_, _, staff)| *staff)
            .collect();
        staff.into_iter().collect()
    }

    /// Fills in whose turn it is and what the caller can do.
    pub fn complete(&self, call: &Call, booking: &Model, out: &mut BookingOut) {
        out.waiting_on = self.waiting_on(booking);
        let now = call.now();
        out.allowed_actions =
            Some(workflow::allowed_actions(call, STEPS, &booking.status, booking.board_id, |step| {
                rules::check_person(call, step, booking, now)
            }));
    }

    fn waiting_on(&self, booking: &Model) -> Option<WaitingOn> {
        let (role, staff, due_at) = match workflow::whose_turn(STEPS, &booking.status) {
            Some("requester") => ("requester".to_owned(), vec![booking.requester_id], None),
            Some(_) => {
                let (role, staff) = self.approvers(booking);
                (role.to_value(), staff, Some(booking.starts_at))
            }
            // The dispatcher's step, sending a car and a driver out, is not part of this version's table.
            None if booking.status == BookingStatus::Approved => {
                let staff = self.of(Role::Dispatcher, None, None);
                (Role::Dispatcher.to_value(), staff, Some(booking.starts_at))
            }
            None => return None,
        };
        Some(WaitingOn { role, staff, since: booking.waiting_since, due_at })
    }

    /// The heads of the board, or the chief of office where the requester is its only head.
    fn approvers(&self, booking: &Model) -> (Role, Vec<Uuid>) {
        let requester = Some(booking.requester_id);
        let heads = self.of(Role::BoardHead, Some(booking.board_id), requester);
        if heads.is_empty() {
            return (Role::ChiefOfOffice, self.of(Role::ChiefOfOffice, None, requester));
        }
        (Role::BoardHead, heads)
    }
}
