//! Service accounts: the logins of scripts. An account belongs to a person and acts for them: it has the rights that
//! its owner has at this moment, and of these only its scopes, and only in its boards where it is limited to some. So
//! four-eyes rules count for the owner, and a right that the owner loses is lost to the account with the next request.
//!
//! A script sends one of the account's keys where a person sends an access token. A key is shown once, when it is
//! issued; only its digest is stored. It always expires, and can be revoked before. An account may have several keys,
//! so that a new one is in place before the old one ends. No scope lets a key manage users, accounts or keys.
//!
//! Operations: list, create, read, change, issue a key, revoke a key, history.

use std::sync::Arc;

use chrono::Days;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::App;
use crate::auth::keys::NewSecret;
use crate::error::{ApiError, ApiResult, Code, text};
use crate::write::{Actor, transaction};

pub mod handlers;
pub mod json;
pub mod rules;
pub mod store;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(handlers::list_service_accounts)
        .service(handlers::create_service_account)
        .service(handlers::get_service_account)
        .service(handlers::update_service_account)
        .service(handlers::issue_service_account_key)
        .service(handlers::revoke_service_account_key)
        .service(handlers::get_service_account_history);
}

/// Issues a key from the command line, for `days` days after today, and gives the key itself.
///
/// # Errors
/// When no account has this name, it is closed, or it has too many keys.
pub async fn issue_key(app: &Arc<App>, name: &str, days: u64) -> ApiResult<String> {
    let new = NewSecret::make(crate::auth::keys::KEY)?;
    let actor = Actor { name: "command line".to_owned(), ..Actor::system() };
    let until = app.clock.today() + Days::new(days);
    transaction(app, &actor, async |tx| {
        let account = store::find_by_name(tx, name).await?.ok_or_else(|| {
            let detail = text(
                format!("Không có tài khoản dịch vụ tên {name:?}."),
                format!("There is no service account with the name {name:?}."),
            );
            ApiError::new(Code::NotFound, detail)
        })?;
        store::issue(tx, account, &new, until).await
    })
    .await?;
    Ok(new.secret)
}
