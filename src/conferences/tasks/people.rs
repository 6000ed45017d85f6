//! The people of a task belong to the bodies for which they are named.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::user_roles::Role;
use entity::{accountants, appointments, boards, staff, user_roles, users};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::clock::office_day;
use crate::conferences::tasks::json::TaskCoordinatorIn;
use crate::error::{ApiResult, FieldError, Text, text};
use crate::http::page::by_id;
use crate::write::Tx;

/// People named for bodies in a request: each must belong to the body today.
#[derive(Default)]
pub(crate) struct People(Vec<Named>);

struct Named {
    board_field: String,
    staff_field: String,
    board_id: Uuid,
    staff_id: Uuid,
}

impl People {
    pub(crate) fn of_coordinators(coordinators: &[TaskCoordinatorIn]) -> Self {
        let mut people = Self::default();
        for (index, coordinator) in coordinators.iter().enumerate() {
            let at = format!("coordinators/{index}");
            let (board_field, staff_field) = (format!("{at}/board_id"), format!("{at}/staff_id"));
            people.add(&board_field, &staff_field, coordinator.board_id, coordinator.staff_id);
        }
        people
    }

    pub(crate) fn add(&mut self, board_field: &str, staff_field: &str, board_id: Uuid, staff_id: Uuid) {
        let (board_field, staff_field) = (board_field.to_owned(), staff_field.to_owned());
        self.0.push(Named { board_field, staff_field, board_id, staff_id });
    }

    /// Unknown boards, unknown people, and people without an appointment in the body; three queries for all.
    pub(crate) async fn broken(&self, tx: &Tx) -> ApiResult<Vec<FieldError>> {
        let boards =
            by_id::<boards::Entity, _>(tx.db(), self.0.iter().map(|one| one.board_id), boards::Column::Id)
                .await?;
        let people =
            by_id::<staff::Entity, _>(tx.db(), self.0.iter().map(|one| one.staff_id), staff::Column::Id)
                .await?;
        let appointed = self.appointed(tx, office_day(tx.now)).await?;
        let mut broken = Vec::new();
        for one in &self.0 {
            let (board_known, person_known) =
                (boards.contains_key(&one.board_id), people.contains_key(&one.staff_id));
            if !board_known {
                broken.push(FieldError::unknown_reference(&one.board_field));
            }
            if !person_known {
                broken.push(FieldError::unknown_reference(&one.staff_field));
            }
            if board_known && person_known && !appointed.contains(&(one.staff_id, one.board_id)) {
                let detail = text(
                    "hôm nay không công tác tại cơ quan đã nêu",
                    "has no appointment in that body today",
                );
                broken.push(FieldError::body(&one.staff_field, "not_in_body", detail));
            }
        }
        Ok(broken)
    }

    async fn appointed(&self, tx: &Tx, on: NaiveDate) -> ApiResult<BTreeSet<(Uuid, Uuid)>> {
        use appointments::Column as Appointment;
        let rows = appointments::Entity::find()
            .filter(Appointment::StaffId.is_in(self.0.iter().map(|one| one.staff_id)))
            .filter(Appointment::ValidFrom.lte(on))
            .filter(Condition::any().add(Appointment::ValidTo.is_null()).add(Appointment::ValidTo.gte(on)))
            .all(tx.db())
            .await?;
        Ok(rows.into_iter().map(|row| (row.staff_id, row.board_id)).collect())
    }
}

/// People who could never take the steps of their part: without an open login, or with one that only manages or
/// only reads. A task must not wait for ever on somebody whom the service refuses.
pub(crate) async fn unable(tx: &Tx, parts: &[(&str, Uuid)]) -> ApiResult<Vec<FieldError>> {
    let able = able(tx, parts.iter().map(|(_, staff_id)| *staff_id).collect()).await?;
    let refusal = |field: &str| FieldError::body(field, "cannot_act", cannot_act());
    let unable = parts.iter().filter(|(_, staff_id)| !able.contains(staff_id));
    Ok(unable.map(|(field, _)| refusal(field)).collect())
}

pub(crate) fn cannot_act() -> Text {
    text(
        "không có tài khoản để thực hiện phần việc này",
        "has no login that could take the steps of this part",
    )
}

/// Those of these people who can take steps: three queries for all.
pub(crate) async fn able(tx: &Tx, staff_ids: BTreeSet<Uuid>) -> ApiResult<BTreeSet<Uuid>> {
    let logins = users::Entity::find()
        .filter(users::Column::StaffId.is_in(staff_ids.iter().copied()))
        .filter(users::Column::Active.eq(true))
        .all(tx.db())
        .await?;
    let today = office_day(tx.now);
    let roles = user_roles::Entity::find()
        .filter(user_roles::Column::UserId.is_in(logins.iter().map(|login| login.id)))
        .filter(user_roles::Column::Role.is_not_in([Role::Admin, Role::Auditor]))
        .filter(
            Condition::any()
                .add(user_roles::Column::ValidTo.is_null())
                .add(user_roles::Column::ValidTo.gte(today)),
        )
        .all(tx.db())
        .await?;
    let accountants = accountants::Entity::find()
        .filter(accountants::Column::StaffId.is_in(staff_ids))
        .all(tx.db())
        .await?;
    let can_act = |login: &users::Model| {
        roles.iter().any(|role| role.user_id == login.id)
            || accountants.iter().any(|accountant| Some(accountant.staff_id) == login.staff_id)
    };
    Ok(logins.iter().filter(|login| can_act(login)).filter_map(|login| login.staff_id).collect())
}
