//! The service put together: its state, its routes, and how it starts and stops.

use std::net::TcpListener;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::{App as ActixApp, HttpServer, web};
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::auth::password::Hasher;
use crate::auth::token::Tokens;
use crate::clock::{Clock, Ids};
use crate::config::{AttachmentLimits, Config};
use crate::db::Db;
use crate::forms::press::Press;
use crate::http::contract::{BadDocument, Contract};
use crate::http::{document, envelope, gate};
use crate::integration::attachments::blobs::Blobs;
use crate::ops::metrics::Metrics;
use crate::{
    accountants, auth, boards, bookings, budgets, claims, conferences, duties, forms, fuel, integration,
    notifications, obstacles, ops, queues, reviews, staff, travel, trips, users, vehicles,
};

/// Everything that a request may need. One for the whole process.
pub struct App {
    pub db: Db,
    pub clock: Clock,
    pub ids: Ids,
    pub tokens: Tokens,
    pub hasher: Hasher,
    pub metrics: Metrics,
    pub contract: &'static Contract,
    /// The bytes of attached files.
    pub blobs: Blobs,
    pub attachment_limits: AttachmentLimits,
    pub press: Press,
    /// Where papers are signed.
    pub place: Option<String>,
    /// The OpenAPI document as it is sent.
    pub document: &'static str,
}

/// The document and the contract made from it: the same as long as the process runs, and slow to make.
struct Published {
    document: String,
    contract: Contract,
}

static PUBLISHED: LazyLock<Result<Published, BadDocument>> = LazyLock::new(|| {
    let document = document::document();
    let written = serde_json::to_string_pretty(&document).map_err(|error| BadDocument(error.to_string()))?;
    Ok(Published { contract: Contract::compile(&document)?, document: written + "\n" })
});

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
    ("travel", travel::about),
    ("claims", claims::about),
    ("budgets", budgets::about),
    ("conferences", conferences::about),
    ("duties", || duties::ABOUT.to_owned()),
    ("obstacles", obstacles::about),
    ("queues", || queues::ABOUT.to_owned()),
    ("reviews", reviews::about),
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
        .configure(travel::configure)
        .configure(claims::configure)
        .configure(budgets::configure)
        .configure(conferences::configure)
        .configure(duties::configure)
        .configure(obstacles::configure)
        .configure(queues::configure)
        .configure(notifications::configure)
        .configure(reviews::configure)
        .configure(forms::configure)
        .configure(integration::configure)
        .configure(ops::configure);
}

impl App {
    /// Puts the state together.
    ///
    /// # Errors
    /// When the document and the permission page do not fit together, a key cannot be made, or the place of attached
    /// files cannot be used.
    pub fn new(
        config: &Config,
        db: Db,
        clock: Clock,
        ids: Ids,
    ) -> Result<Arc<Self>, Box<dyn std::error::Error>> {
        let published = PUBLISHED.as_ref().map_err(Clone::clone)?;
        Ok(Arc::new(Self {
            db,
            clock,
            ids,
            tokens: Tokens::new(&config.secret, config.previous_secret.as_ref())?,
            hasher: Hasher::new()?,
            metrics: Metrics::new()?,
            contract: &published.contract,
            blobs: Blobs::open(&config.attachments)?,
            attachment_limits: config.attachment_limits,
            press: Press::default(),
            place: config.place.clone(),
            document: &published.document,
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
