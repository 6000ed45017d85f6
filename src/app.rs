//! The service put together: its state, its routes, and how it starts and stops.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::{App as ActixApp, HttpServer, web};
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::auth::password::Hasher;
use crate::auth::token::Tokens;
use crate::clock::{Clock, Ids};
use crate::config::Config;
use crate::db::Db;
use crate::http::contract::Contract;
use crate::http::{document, envelope, gate};
use crate::ops::metrics::Metrics;
use crate::{
    accountants, auth, boards, bookings, claims, conferences, fuel, integration, ops, staff, trips, users,
    vehicles,
};

/// Everything that a request may need. One for the whole process.
pub struct App {
    pub db: Db,
    pub clock: Clock,
    pub ids: Ids,
    pub tokens: Tokens,
    pub hasher: Hasher,
    pub metrics: Metrics,
    pub contract: Contract,
    /// The OpenAPI document as it is sent.
    pub document: String,
}

/// A section of the document: its name and its text.
type Tag = (&'static str, fn() -> String);

/// The sections of the document.
pub const TAGS: &[Tag] = &[
    ("auth", || auth::ABOUT.to_owned()),
    ("users", || users::ABOUT.to_owned()),
    ("boards", || boards::ABOUT.to_owned()),
    ("staff", || staff::ABOUT.to_owned()),
    ("accountants", || accountants::ABOUT.to_owned()),
    ("vehicles", || vehicles::ABOUT.to_owned()),
    ("bookings", bookings::about),
    ("trips", trips::about),
    ("fuel", fuel::about),
    ("claims", claims::about),
    ("conferences", conferences::about),
    ("integration", || integration::ABOUT.to_owned()),
    ("ops", || ops::ABOUT.to_owned()),
];

/// Every operation of the service; the document is made from this very list.
pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(auth::configure)
        .configure(users::configure)
        .configure(boards::configure)
        .configure(staff::configure)
        .configure(accountants::configure)
        .configure(vehicles::configure)
        .configure(bookings::configure)
        .configure(trips::configure)
        .configure(fuel::configure)
        .configure(claims::configure)
        .configure(conferences::configure)
        .configure(integration::configure)
        .configure(ops::configure);
}

impl App {
    /// Puts the state together.
    ///
    /// # Errors
    /// When the document and the permission page do not fit together, or a key cannot be made.
    pub fn new(
        config: &Config,
        db: Db,
        clock: Clock,
        ids: Ids,
    ) -> Result<Arc<Self>, Box<dyn std::error::Error>> {
        let document = document::document();
        Ok(Arc::new(Self {
            db,
            clock,
            ids,
            tokens: Tokens::new(&config.secret, config.previous_secret.as_ref())?,
            hasher: Hasher::new()?,
            metrics: Metrics::new()?,
            contract: Contract::compile(&document)?,
            document: serde_json::to_string_pretty(&document)? + "\n",
        }))
    }
}

/// Starts to answer on a socket that is bound already. SIGTERM lets requests in flight finish.
///
/// # Errors
/// When the socket cannot be used.
pub fn serve(app: Arc<App>, socket: TcpListener, workers: usize) -> std::io::Result<Server> {
    let server = HttpServer::new(move || {
        let (actix, _) = ActixApp::new()
            .into_utoipa_app()
            .app_data(web::Data::from(Arc::clone(&app)))
            .configure(routes)
            .split_for_parts();
        actix.configure(ops::docs::configure).wrap(from_fn(gate::gate)).wrap(from_fn(envelope::envelope))
    })
    .workers(workers)
    .client_request_timeout(Duration::from_secs(5))
    .client_disconnect_timeout(Duration::from_secs(2))
    .shutdown_timeout(10)
    .listen(socket)?;
    Ok(server.run())
}
