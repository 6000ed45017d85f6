//! The demo office's people: staff, appointments, logins with their roles, accountants and their boards.

use entity::accountant_assignments::AssignmentKind;
use entity::user_roles::Role;
use entity::{accountant_assignments, accountants, appointments, staff, user_roles, users};
use sea_orm::{ActiveEnum, ActiveModelTrait, Set};
use serde_json::Value;
use uuid::Uuid;

use crate::demo::{Demo, day, id, optional, optional_day, reference, string};
use crate::error::ApiResult;
use crate::http::text::{code_key, search_key};
use crate::write::{Event, Tx};

/// # Errors
/// When the database does not take them.
pub(super) async fn fill(tx: &Tx, demo: &Demo) -> ApiResult<()> {
    for row in demo.rows("people") {
        let (code, name) = (string(row, "employee_code"), string(row, "full_name"));
        let person = staff::ActiveModel {
            id: Set(reference(row, "ref")?),
            employee_code_key: Set(code_key(&code)),
            search: Set(search_key(&format!("{code} {name}"))),
            employee_code: Set(code),
            full_name: Set(name),
            version: Set(1),
            created_at: Set(tx.now),
            updated_at: Set(tx.now),
            created_by_id: Set(None),
        };
        let person = person.insert(tx.db()).await?;
        tx.record(Event::new("create", "staff", person.id, 1)).await?;
    }
    for row in demo.rows("appointments") {
        appoint(tx, demo, row).await?;
    }
    for row in demo.rows("logins") {
        log_in(tx, demo, row).await?;
    }
    for row in demo.rows("accountant_assignments") {
        assign(tx, row).await?;
    }
    Ok(())
}

async fn appoint(tx: &Tx, demo: &Demo, row: &Value) -> ApiResult<()> {
    let division = row["division"].as_str();
    let division = demo.rows("divisions").find(|known| known["ref"].as_str() == division);
    let coefficient = string(row, "position_allowance_coefficient").replace('.', "");
    let appointment = appointments::ActiveModel {
        id: Set(reference(row, "ref")?),
        staff_id: Set(reference(row, "person")?),
        board_id: Set(reference(row, "board")?),
        division: Set(division.map(|division| string(division, "name_vi"))),
        position: Set(string(row, "position")),
        title: Set(optional(row, "title_vi")),
        coefficient_hundredths: Set(coefficient.parse().unwrap_or(0)),
        valid_from: Set(day(row, "valid_from")?),
        valid_to: Set(optional_day(row, "valid_to")),
        decision_number: Set(optional(row, "decision_number")),
    };
    appointment.insert(tx.db()).await?;
    Ok(())
}

/// A login; its roles in boards follow the person's appointments, so a merger changes them by date.
async fn log_in(tx: &Tx, demo: &Demo, row: &Value) -> ApiResult<()> {
    let user = users::ActiveModel {
        id: Set(reference(row, "ref")?),
        username: Set(string(row, "username")),
        password_hash: Set(demo.password_hash.clone()),
        staff_id: Set(Some(reference(row, "person")?)),
        active: Set(true),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(None),
    };
    let user = user.insert(tx.db()).await?;
    tx.record(Event::new("create", "user", user.id, 1)).await?;
    let given = |name: &str| row["roles"].as_array().is_some_and(|roles| roles.contains(&name.into()));
    let of_office = [
        ("system_admin", Role::Admin),
        ("account_holder", Role::ChiefOfOffice),
        ("deputy_account_holder", Role::ChiefOfOffice),
        ("chief_accountant", Role::ChiefAccountant),
        ("cashier", Role::Cashier),
        ("dispatcher", Role::Dispatcher),
        ("driver", Role::Driver),
        ("reader", Role::Auditor),
    ];
    for appointment in demo.rows("appointments").filter(|appointment| appointment["person"] == row["person"])
    {
        let board = reference(appointment, "board")?;
        let heads = given("board_head")
            && ["board_head", "commission_chair"].contains(&string(appointment, "position").as_str());
        // The office itself is headed by its chief and, for money, by the deputy.
        let heads_office = given("account_holder") || given("deputy_account_holder");
        if heads || heads_office {
            grant(tx, row, Role::BoardHead, Some(board), appointment).await?;
        }
        if given("requester") {
            grant(tx, row, Role::Requester, Some(board), appointment).await?;
        }
    }
    let first = demo.rows("appointments").find(|appointment| appointment["person"] == row["person"]);
    for (_, role) in of_office.iter().filter(|(name, _)| given(name)) {
        grant(tx, row, *role, None, first.unwrap_or(&Value::Null)).await?;
    }
    Ok(())
}

async fn grant(
    tx: &Tx,
    login: &Value,
    role: Role,
    board_id: Option<Uuid>,
    appointment: &Value,
) -> ApiResult<()> {
    // e.g. lg_duong/requester/btctu; a later appointment in the same board has its first day behind it.
    let board = match (board_id, string(appointment, "valid_from").as_str()) {
        (None, _) => "office".to_owned(),
        (Some(_), "2018-12-25" | "2025-02-15") => string(appointment, "board"),
        (Some(_), day) => format!("{}/{day}", string(appointment, "board")),
    };
    let reference_of_role = format!("{}/{}/{board}", string(login, "ref"), role.to_value());
    let role = user_roles::ActiveModel {
        id: Set(id(&reference_of_role)),
        user_id: Set(reference(login, "ref")?),
        role: Set(role),
        board_id: Set(board_id),
        valid_from: Set(day(appointment, "valid_from")?),
        valid_to: Set(if board_id.is_some() { optional_day(appointment, "valid_to") } else { None }),
        decision_number: Set(optional(appointment, "decision_number")),
    };
    role.insert(tx.db()).await?;
    Ok(())
}

async fn assign(tx: &Tx, row: &Value) -> ApiResult<()> {
    use sea_orm::EntityTrait;
    let accountant_id = id(&format!("{}/accountant", string(row, "person")));
    if accountants::Entity::find_by_id(accountant_id).one(tx.db()).await?.is_none() {
        let accountant = accountants::ActiveModel {
            id: Set(accountant_id),
            staff_id: Set(reference(row, "person")?),
            active_from: Set(day(row, "valid_from")?),
            active_to: Set(None),
            version: Set(1),
            created_at: Set(tx.now),
            updated_at: Set(tx.now),
            created_by_id: Set(None),
        };
        accountant.insert(tx.db()).await?;
        tx.record(Event::new("create", "accountant", accountant_id, 1)).await?;
    }
    let board_id = reference(row, "board")?;
    let assignment = accountant_assignments::ActiveModel {
        id: Set(reference(row, "ref")?),
        board_id: Set(board_id),
        accountant_id: Set(accountant_id),
        kind: Set(if row["kind"] == "substitute" {
            AssignmentKind::Substitute
        } else {
            AssignmentKind::Charge
        }),
        valid_from: Set(day(row, "valid_from")?),
        valid_to: Set(optional_day(row, "valid_to")),
        decision_number: Set(string(row, "decision_number")),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(None),
    };
    let assignment = assignment.insert(tx.db()).await?;
    tx.record(Event::new("create", "accountant_assignment", assignment.id, 1).of_board(board_id)).await
}
