//! Who has which role today, for records that say whom they wait for.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::user_roles::Role;
use sea_orm::{ActiveEnum, ConnectionTrait, Statement};
use uuid::Uuid;

use crate::error::ApiResult;

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
    /// One query, however many records are shown.
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

    /// The people with a role, in a board or in the whole office, without one of them.
    pub fn of(&self, role: Role, board_id: Option<Uuid>, except: Option<Uuid>) -> Vec<Uuid> {
        let name = role.to_value();
        let staff: BTreeSet<Uuid> = self
            .0
            .iter()
            .filter(|(role, board, staff)| *role == name && *board == board_id && Some(*staff) != except)
            .map(|(_, _, staff)| *staff)
            .collect();
        staff.into_iter().collect()
    }
}
