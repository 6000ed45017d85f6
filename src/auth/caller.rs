//! Who is asking: the person behind the access token, or the service account behind the key, and what they may do
//! at this moment.

use actix_web::dev::ServiceRequest;
use entity::user_roles::Role;
use sea_orm::{ActiveEnum, ConnectionTrait, QueryResult, Statement, Value};
use uuid::Uuid;

use crate::app::App;
use crate::auth::keys;
use crate::auth::permissions::{Action, Grant, Limits, Reach};
use crate::auth::token::wrong_token;
use crate::error::{ApiError, ApiResult, Code, Text, text};

/// See the module.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The person; behind a key the owner of the account, for whom the account acts.
    pub user_id: Uuid,
    /// Nil where there is no session: for visitors and keys.
    pub session_id: Uuid,
    pub username: String,
    pub staff_id: Option<Uuid>,
    /// The name that the history shows.
    pub name: String,
    /// Without the limits of a service account: ask [`Caller::reach`] and [`Caller::has`].
    grants: Vec<Grant>,
    pub account: Option<Account>,
}

/// The service account behind a key.
#[derive(Clone, Debug)]
pub struct Account {
    pub id: Uuid,
    pub name: String,
    pub limits: Limits,
}

/// The login behind an access token, while its session lasts.
const BY_SESSION: &str = "
    SELECT u.id, u.username, u.staff_id, st.full_name
    FROM sessions s JOIN users u ON u.id = s.user_id LEFT JOIN staff st ON st.id = u.staff_id
    WHERE s.id = $3 AND u.id = $4 AND s.ended_at IS NULL AND s.expires_at > $2 AND u.active";

/// The owner behind a key, while the key, its account and the owner's login are good.
const BY_KEY: &str = "
    SELECT u.id, u.username, u.staff_id, st.full_name,
        a.id AS account_id, a.name AS account_name, a.scopes, a.board_ids
    FROM service_keys k JOIN service_accounts a ON a.id = k.account_id
    JOIN users u ON u.id = a.owner_id LEFT JOIN staff st ON st.id = u.staff_id
    WHERE k.digest = $3 AND k.revoked_at IS NULL AND k.expires_at > $2 AND a.active AND u.active";

/// A login by its id, while it is open.
const BY_ID: &str = "
    SELECT u.id, u.username, u.staff_id, st.full_name
    FROM users u LEFT JOIN staff st ON st.id = u.staff_id
    WHERE u.id = $2 AND u.active";

/// Every role of that login today. One round trip with the login itself, since each request asks for it: rights
/// are never kept from one request to the next, so a right that is taken away ends at once.
const GRANTS: &str = "
    given AS (
        SELECT r.role, r.board_id FROM user_roles r JOIN who ON who.id = r.user_id
        WHERE r.valid_from <= $1 AND (r.valid_to IS NULL OR r.valid_to >= $1)
        UNION ALL
        SELECT 'accountant', a.board_id
        FROM accountants c JOIN who ON who.staff_id = c.staff_id
        LEFT JOIN accountant_assignments a
            ON a.accountant_id = c.id AND a.valid_from <= $1 AND (a.valid_to IS NULL OR a.valid_to >= $1)
        WHERE c.active_from <= $1 AND (c.active_to IS NULL OR c.active_to >= $1)
    ), granted AS (
        SELECT role, board_id FROM given
        UNION
        SELECT g.role, s.predecessor_id FROM given g
        JOIN board_successions s ON s.board_id = g.board_id
        JOIN boards b ON b.id = s.board_id AND b.valid_from <= $1
    )
    SELECT who.*, granted.role, granted.board_id FROM who LEFT JOIN granted ON 1 = 1";

impl Caller {
    /// Someone who has not signed in, for the few operations that allow it.
    pub fn visitor() -> Self {
        Self {
            user_id: Uuid::nil(),
            session_id: Uuid::nil(),
            username: String::new(),
            staff_id: None,
            name: "visitor".to_owned(),
            grants: Vec::new(),
            account: None,
        }
    }

    /// The caller of a request, by its access token or its key.
    ///
    /// # Errors
    /// 401 for a missing or wrong token or key, or a session that has ended.
    pub async fn of(app: &App, request: &ServiceRequest) -> ApiResult<Self> {
        let header = request.headers().get("Authorization").and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
        });
        let token = token.ok_or_else(|| {
            ApiError::new(
                Code::TokenInvalid,
                text(
                    "Gửi Authorization: Bearer với access_token của POST /v1/auth/token.",
                    "Send Authorization: Bearer with the access_token of POST /v1/auth/token.",
                ),
            )
        })?;
        if keys::is_key(token) { Self::of_key(app, token).await } else { Self::of_session(app, token).await }
    }

    async fn of_session(app: &App, token: &str) -> ApiResult<Self> {
        let now = app.clock.now();
        let claims = app.tokens.verify(token, now)?;
        let rows = ask(app, BY_SESSION, vec![now.into(), claims.sid.into(), claims.sub.into()]).await?;
        let ended = || ApiError::new(Code::SessionEnded, text("Hãy đăng nhập lại.", "Sign in again."));
        let caller = Self::from_rows(&rows)?.ok_or_else(ended)?;
        Ok(Self { session_id: claims.sid, ..caller })
    }

    /// Unknown, revoked, expired, or of a closed account or owner: all the same to who holds the key.
    async fn of_key(app: &App, key: &str) -> ApiResult<Self> {
        let rows = ask(app, BY_KEY, vec![app.clock.now().into(), keys::digest(key).into()]).await?;
        let owner = Self::from_rows(&rows)?.ok_or_else(wrong_token)?;
        let account = Account::from_row(rows.first().ok_or_else(wrong_token)?)?;
        let name = format!("{} (service account of {})", account.name, owner.name);
        Ok(Self { name, account: Some(account), ..owner })
    }

    /// Somebody as they would be if they signed in now; nothing for a closed login.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn of_user(app: &App, user_id: Uuid) -> ApiResult<Option<Self>> {
        Self::from_rows(&ask(app, BY_ID, vec![user_id.into()]).await?)
    }

    fn from_rows(rows: &[QueryResult]) -> ApiResult<Option<Self>> {
        let Some(first) = rows.first() else { return Ok(None) };
        let username: String = first.try_get("", "username")?;
        let full_name: Option<String> = first.try_get("", "full_name")?;
        let mut grants = Vec::new();
        for row in rows {
            let role: Option<String> = row.try_get("", "role")?;
            let Some(role) = role else { continue };
            grants.push(Grant { role: Role::try_from_value(&role)?, board_id: row.try_get("", "board_id")? });
        }
        Ok(Some(Self {
            user_id: first.try_get("", "id")?,
            session_id: Uuid::nil(),
            staff_id: first.try_get("", "staff_id")?,
            name: full_name.unwrap_or_else(|| username.clone()),
            username,
            grants,
            account: None,
        }))
    }

    /// How far the caller's right to an action goes.
    pub fn reach(&self, action: Action) -> Reach {
        let reach = Reach::of(action, &self.grants);
        match &self.account {
            None => reach,
            Some(account) => account.limits.narrow(action, reach),
        }
    }

    /// Whether the caller acts in a role for a board: by a role there, or by one of the whole office.
    pub fn has(&self, role: Role, board_id: Uuid) -> bool {
        // An accountant without a board looks after none.
        let of_office = |grant: &Grant| grant.board_id.is_none() && grant.role != Role::Accountant;
        let here = |grant: &Grant| grant.board_id == Some(board_id) || of_office(grant);
        self.limits_cover(board_id) && self.grants.iter().any(|grant| grant.role == role && here(grant))
    }

    /// The roles of today, as far as the limits of a service account leave them.
    pub fn roles(&self) -> impl Iterator<Item = &Grant> {
        self.grants.iter().filter(|grant| grant.board_id.is_none_or(|board| self.limits_cover(board)))
    }

    /// Whether the caller may touch this board's records at all: a service account may be limited to boards.
    /// It counts where a right is the person's own, e.g. the lead's, and follows from no role.
    pub fn limits_cover(&self, board_id: Uuid) -> bool {
        self.account.as_ref().is_none_or(|account| account.limits.cover(board_id))
    }

    /// The member of staff whose own part in records of any board lets the caller see them; nobody for a service
    /// account that is limited to boards.
    pub fn staff_in_any_board(&self) -> Option<Uuid> {
        let limited = self.account.as_ref().is_some_and(|account| account.limits.boards.is_some());
        self.staff_id.filter(|_| !limited)
    }

    /// The member of staff whose own drives the caller sees, whatever boards they carry: as long as they are a driver.
    pub fn driver_in_any_board(&self) -> Option<Uuid> {
        let drives = self.grants.iter().any(|grant| grant.role == Role::Driver);
        self.staff_in_any_board().filter(|_| drives)
    }

    /// By whom a repeated request is recognised: a person and their service account are two.
    pub fn sender_id(&self) -> Uuid {
        self.account.as_ref().map_or(self.user_id, |account| account.id)
    }

    /// 403, naming the scope that is missing or the roles that may.
    pub fn refusal(&self, action: Action) -> ApiError {
        let owner_may = !Reach::of(action, &self.grants).is_empty();
        if let Some(account) = &self.account
            && (owner_may || !account.limits.scopes.contains(&action))
        {
            return ApiError::forbidden(out_of_scope(action, &account.limits));
        }
        let roles: Vec<String> = action.granted_to().iter().map(|(role, _)| role.to_value()).collect();
        let roles = roles.join(", ");
        ApiError::forbidden(text(
            format!("Việc này ({}) dành cho vai trò: {roles}.", action.name()),
            format!("This ({}) is for the roles {roles}.", action.name()),
        ))
    }
}

fn out_of_scope(action: Action, limits: &Limits) -> Text {
    let name = action.name();
    if !action.can_be_a_scope() {
        text(
            format!("Việc này ({name}) không làm được bằng khóa."),
            format!("This ({name}) cannot be done with a key; sign in."),
        )
    } else if limits.scopes.contains(&action) {
        text(
            format!("Việc này ({name}) thuộc cả văn phòng; tài khoản dịch vụ này chỉ dùng cho một số ban."),
            format!("This ({name}) concerns the whole office; the service account is limited to boards."),
        )
    } else {
        text(
            format!("Tài khoản dịch vụ này không có phạm vi {name}."),
            format!("The service account does not have the scope {name}."),
        )
    }
}

impl Account {
    fn from_row(row: &QueryResult) -> ApiResult<Self> {
        let scopes: serde_json::Value = row.try_get("", "scopes")?;
        let boards: Option<serde_json::Value> = row.try_get("", "board_ids")?;
        let boards = boards.map(serde_json::from_value).transpose().map_err(ApiError::internal)?;
        // A scope that this version of the service does not know allows nothing.
        let names = scopes.as_array().into_iter().flatten().filter_map(serde_json::Value::as_str);
        let scopes = names.filter_map(Action::parse).filter(|action| action.can_be_a_scope()).collect();
        Ok(Self {
            id: row.try_get("", "account_id")?,
            name: row.try_get("", "account_name")?,
            limits: Limits { scopes, boards },
        })
    }
}

/// The login that `who` finds, once for each of its roles of today.
async fn ask(app: &App, who: &str, mut values: Vec<Value>) -> ApiResult<Vec<QueryResult>> {
    values.insert(0, app.clock.today().into());
    let sql = format!("WITH who AS ({who}), {GRANTS}");
    Ok(app.db.reader.query_all_raw(Statement::from_sql_and_values(app.db.backend(), sql, values)).await?)
}
