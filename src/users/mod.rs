//! Logins and the roles that they have, managed by administrators.
//!
//! A role is given for the whole office or for one board, from a day on and perhaps until another, with the
//! decision behind it. Nobody gives roles to themselves, and `accountant` is never given: it follows from the
//! assignments in force. Taking a role away, a new password or a closed login take effect with the next request.
//!
//! Operations: list, create, read, change, give a role, take a role away, set a password, history. Scripts have
//! [`service_accounts`] instead.

use std::sync::Arc;

use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::App;
use crate::auth::password;
use crate::error::{ApiError, ApiResult, Code, text};
use crate::write::{Actor, transaction};

pub mod handlers;
pub mod json;
pub mod service_accounts;
pub mod store;

pub const ABOUT: &str = "Logins and their roles, for administrators. A role is given from a day on and with the decision behind it; taking it away ends the right with the next request.\n\nScripts sign in with the keys of service accounts: an account acts for its owner, with the owner's rights of the moment, cut down to its scopes and, if it has some, to its boards. A scope to act on a kind of record wants the scope to read it beside it.";

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_users)
        .service(handlers::create_user)
        .service(handlers::get_user)
        .service(handlers::update_user)
        .service(handlers::grant_role)
        .service(handlers::end_role)
        .service(handlers::set_password)
        .service(handlers::get_user_history)
        .configure(service_accounts::configure);
}

/// Makes the first administrator, from the command line. Refused once there is one.
///
/// # Errors
/// When there is an administrator already, or the password is too weak.
pub async fn create_admin(app: &Arc<App>, username: &str, password: &str) -> ApiResult<()> {
    let username = json::username(username)?;
    password::check(password, &username, "password").map_err(|error| ApiError::invalid(vec![error]))?;
    let hash = app.hasher.hash(password).await?;
    let actor = Actor { name: "command line".to_owned(), ..Actor::system() };
    transaction(app, &actor, async |tx| {
        store::lock_administrators(tx).await?;
        if store::administrators().one(tx.db()).await?.is_some() {
            return Err(ApiError::new(
                Code::StateConflict,
                text(
                    "Đã có người quản trị.",
                    "There is an administrator already; they manage users over the API.",
                ),
            ));
        }
        let user = store::insert(tx, &username, hash.clone(), None).await?;
        store::grant(tx, &user, &json::RoleIn::administrator(tx.now)).await?;
        Ok(())
    })
    .await
}
