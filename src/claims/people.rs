//! Who can act on claims today: heads, acting accountants, chiefs of office, cashiers. Read for all boards of a
//! page at once.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use entity::user_roles::{Column as RoleColumn, Entity as Roles, Role};
use entity::{board_successions, boards, users};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use uuid::Uuid;

use crate::accountants::acting;
use crate::error::ApiResult;
use crate::http::page;

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct People {
    heads: BTreeMap<Uuid, BTreeSet<Uuid>>,
    accountants: BTreeMap<Uuid, Uuid>,
    chiefs: BTreeSet<Uuid>,
    cashiers: BTreeSet<Uuid>,
}

impl People {
    /// Today's heads of a board; for a board that ended, also those of its successors.
    pub fn heads(&self, board_id: Uuid) -> Vec<Uuid> {
        self.heads.get(&board_id).into_iter().flatten().copied().collect()
    }

    /// The accountant who acts for a board.
    pub fn accountant(&self, board_id: Uuid) -> Option<Uuid> {
        self.accountants.get(&board_id).copied()
    }

    pub fn chiefs(&self) -> Vec<Uuid> {
        self.chiefs.iter().copied().collect()
    }

    pub fn cashiers(&self) -> Vec<Uuid> {
        self.cashiers.iter().copied().collect()
    }

    pub fn is_chief(&self, staff_id: Uuid) -> bool {
        self.chiefs.contains(&staff_id)
    }

    pub fn is_cashier(&self, staff_id: Uuid) -> bool {
        self.cashiers.contains(&staff_id)
    }
}

/// The people for these boards on a day.
///
/// # Errors
/// When the database does not answer.
pub async fn of(db: &impl ConnectionTrait, boards: &BTreeSet<Uuid>, on: NaiveDate) -> ApiResult<People> {
    let mut people = People::default();
    for (board_id, acting) in acting::acting_on_each(db, boards, on).await? {
        people.accountants.insert(board_id, acting.staff_id);
    }
    let roles = Roles::find()
        .filter(RoleColumn::Role.is_in([Role::BoardHead, Role::ChiefOfOffice, Role::Cashier]))
        .filter(RoleColumn::ValidFrom.lte(on))
        .filter(Condition::any().add(RoleColumn::ValidTo.is_null()).add(RoleColumn::ValidTo.gte(on)))
        .all(db)
        .await?;
    let users =
        page::by_id::<users::Entity, _>(db, roles.iter().map(|role| role.user_id), users::Column::Id).await?;
    let heirs = heirs(db, boards, on).await?;
    for role in roles {
        let user = users.get(&role.user_id).filter(|user| user.active);
        let Some(staff_id) = user.and_then(|user| user.staff_id) else { continue };
        match (role.role, role.board_id) {
            (Role::ChiefOfOffice, _) => people.chiefs.extend([staff_id]),
            (Role::Cashier, _) => people.cashiers.extend([staff_id]),
            (_, Some(board_id)) => {
                let older = heirs.iter().filter(|(heir, _)| *heir == board_id).map(|(_, board)| *board);
                for board in older.chain([board_id]).filter(|board| boards.contains(board)) {
                    people.heads.entry(board).or_default().insert(staff_id);
                }
            }
            _ => {}
        }
    }
    Ok(people)
}

/// Pairs of a board and one of these boards that it took over from.
async fn heirs(
    db: &impl ConnectionTrait,
    boards: &BTreeSet<Uuid>,
    on: NaiveDate,
) -> ApiResult<Vec<(Uuid, Uuid)>> {
    // A merger may be decided before the new board begins; until then its people have no part in the old files.
    let begun = boards::Entity::find()
        .select_only()
        .column(boards::Column::Id)
        .filter(boards::Column::ValidFrom.lte(on))
        .into_query();
    let rows = board_successions::Entity::find()
        .filter(board_successions::Column::PredecessorId.is_in(boards.iter().copied()))
        .filter(board_successions::Column::BoardId.in_subquery(begun))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.board_id, row.predecessor_id)).collect())
}
