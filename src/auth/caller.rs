//! Who is asking: the person behind the access token and what they may do at this moment.

use actix_web::dev::ServiceRequest;
use entity::user_roles::Role;
use sea_orm::{ActiveEnum, ConnectionTrait, QueryResult, Statement};
use uuid::Uuid;

use crate::app::App;
use crate::auth::permissions::{Action, Grant, Reach};
use crate::error::{ApiError, ApiResult, Code, text};

/// See the module.
#[derive(Clone, Debug)]
pub struct Caller {
    pub user_id: Uuid,
    pub session_id: Uuid,
    pub username: String,
    pub staff_id: Option<Uuid>,
    /// The name that the history shows.
    pub name: String,
    pub grants: Vec<Grant>,
}

/// The user, the session and every role of today in one round trip, since each request asks for it: rights
/// are never kept from one request to the next, so a right that is taken away ends at once.
const CALLER_SQL: &str = "
    WITH who AS (
        SELECT u.id, u.username, u.staff_id, st.full_name
        FROM sessions s JOIN users u ON u.id = s.user_id LEFT JOIN staff st ON st.id = u.staff_id
        WHERE s.id = $1 AND u.id = $2 AND s.ended_at IS NULL AND s.expires_at > $3 AND u.active
    ), given AS (
        SELECT r.role, r.board_id FROM user_roles r JOIN who ON who.id = r.user_id
        WHERE r.valid_from <= $4 AND (r.valid_to IS NULL OR r.valid_to >= $4)
        UNION ALL
        SELECT 'accountant', a.board_id
        FROM accountants c JOIN who ON who.staff_id = c.staff_id
        LEFT JOIN accountant_assignments a
            ON a.accountant_id = c.id AND a.valid_from <= $4 AND (a.valid_to IS NULL OR a.valid_to >= $4)
        WHERE c.active_from <= $4 AND (c.active_to IS NULL OR c.active_to >= $4)
    ), granted AS (
        SELECT role, board_id FROM given
        UNION
        SELECT g.role, s.predecessor_id FROM given g
        JOIN board_successions s ON s.board_id = g.board_id
        JOIN boards b ON b.id = s.board_id AND b.valid_from <= $4
    )
    SELECT who.id, who.username, who.staff_id, who.full_name, granted.role, granted.board_id
    FROM who LEFT JOIN granted ON 1 = 1";

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
        }
    }

    /// The caller of a request, by its access token.
    ///
    /// # Errors
    /// 401 for a missing or wrong token, or a session that has ended.
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
        let claims = app.tokens.verify(token, app.clock.now())?;
        let (backend, today) = (app.db.backend(), app.clock.today());
        let values = [claims.sid.into(), claims.sub.into(), app.clock.now().into(), today.into()];
        let rows =
            app.db.reader.query_all_raw(Statement::from_sql_and_values(backend, CALLER_SQL, values)).await?;
        Self::from_rows(claims.sid, &rows)
    }

    fn from_rows(session_id: Uuid, rows: &[QueryResult]) -> ApiResult<Self> {
        let Some(first) = rows.first() else {
            return Err(ApiError::new(Code::SessionEnded, text("Hãy đăng nhập lại.", "Sign in again.")));
        };
        let username: String = first.try_get("", "username")?;
        let full_name: Option<String> = first.try_get("", "full_name")?;
        let mut grants = Vec::new();
        for row in rows {
            let role: Option<String> = row.try_get("", "role")?;
            let Some(role) = role else { continue };
            grants.push(Grant { role: Role::try_from_value(&role)?, board_id: row.try_get("", "board_id")? });
        }
        Ok(Self {
            user_id: first.try_get("", "id")?,
            session_id,
            staff_id: first.try_get("", "staff_id")?,
            name: full_name.unwrap_or_else(|| username.clone()),
            username,
            grants,
        })
    }

    /// How far the caller's right to an action goes.
    pub fn reach(&self, action: Action) -> Reach {
        Reach::of(action, &self.grants)
    }

    pub fn has(&self, role: Role) -> bool {
        self.grants.iter().any(|grant| grant.role == role)
    }

    /// 403, naming the roles that may.
    pub fn refusal(&self, action: Action) -> ApiError {
        let roles: Vec<String> = action.granted_to().iter().map(|(role, _)| role.to_value()).collect();
        let roles = roles.join(", ");
        ApiError::forbidden(text(
            format!("Việc này ({}) dành cho vai trò: {roles}.", action.name()),
            format!("This ({}) is for the roles {roles}.", action.name()),
        ))
    }
}
