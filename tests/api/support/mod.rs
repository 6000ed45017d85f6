//! An office for each test: its own database, its own service on a free port, its own clock.

mod client;
pub(crate) mod contract;
pub(crate) mod database;
pub(crate) mod dispatch;
pub(crate) mod obstacles;
pub(crate) mod travel;
pub(crate) mod years;

use std::net::TcpListener;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use shared_office::app::App;
use shared_office::clock::{Clock, Ids};
use shared_office::config::{AttachmentLimits, Config, Profile, Secret};
use shared_office::db::Db;
use uuid::Uuid;

pub(crate) use client::{Answer, Client};
pub(crate) use serde_json::{Value, json};

/// The password of all demo logins in tests.
pub(crate) const PASSWORD: &str = "mot mat khau du dai 2025";

/// A file that is a PDF as far as the service looks.
pub(crate) const PDF: &[u8] = b"%PDF-1.4\n%%EOF\n";

/// The moment at which the demo office stands.
pub(crate) const DEMO_NOW: &str = "2025-12-12T08:00:00+07:00";

/// The statements that a process has run, in order.
pub(crate) type Statements = Arc<Mutex<Vec<sea_orm::Statement>>>;

/// A running service over a fresh copy of the demo office.
pub(crate) struct Office {
    pub(crate) app: Arc<App>,
    pub(crate) address: String,
    pub(crate) database: database::Database,
    server: actix_web::dev::ServerHandle,
    clock: Arc<AtomicI64>,
    tokens: client::Tokens,
}

/// A file that an operation takes, with its media type: the document's example, or a PDF where that will do.
pub(crate) fn file_for(operation: &Value) -> Option<(String, Vec<u8>)> {
    let content = operation["requestBody"]["content"].as_object()?;
    let binary = content.iter().filter(|(_, media)| media["schema"]["format"] == "binary");
    let shown = binary.clone().find_map(|(name, media)| Some((name, media["example"].as_str()?.as_bytes())));
    shown
        .or_else(|| binary.clone().find(|(name, _)| *name == "application/pdf").map(|(name, _)| (name, PDF)))
        .map(|(name, bytes)| (name.clone(), bytes.to_vec()))
}

/// The id of a demo record by its reference, e.g. `btctu`.
pub(crate) fn id(reference: &str) -> Uuid {
    shared_office::demo::id(reference)
}

/// An instant in RFC 3339.
pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant in RFC 3339")
}

impl Office {
    /// Opens the demo office, on the morning of 12 December 2025.
    pub(crate) async fn open() -> Self {
        Self::over(database::Database::copy().await).await
    }

    /// A service over a database that has no schema yet.
    pub(crate) async fn unmigrated() -> Self {
        Self::over(database::Database::empty().await).await
    }

    /// An office with nothing in it but the schema.
    pub(crate) async fn new_and_empty() -> Self {
        let office = Self::unmigrated().await;
        office.app.db.migrate().await.expect("the migrations run");
        office
    }

    async fn over(database: database::Database) -> Self {
        let clock = Arc::new(AtomicI64::new(at(DEMO_NOW).timestamp_micros()));
        let (app, address, server) = start(&database, &clock).await;
        Self { app, address, server, database, clock, tokens: client::Tokens::default() }
    }

    /// Another process over the same database: it shares nothing with the first but the settings.
    pub(crate) async fn second_process(&self) -> String {
        start(&self.database, &self.clock).await.1
    }

    /// Another process that writes down every statement with which it reads.
    pub(crate) async fn watched_process(&self) -> (String, Statements) {
        let mut db = Db::connect(&self.database.url, None).await.expect("the database answers");
        let statements = Statements::default();
        let seen = Arc::clone(&statements);
        db.reader
            .set_metric_callback(move |info| seen.lock().expect("no panic").push(info.statement.clone()));
        (start_with(db, &self.database, &self.clock).1, statements)
    }

    /// The state of another process over the same database, for background jobs that run in both.
    pub(crate) async fn second_app(&self) -> Arc<App> {
        start(&self.database, &self.clock).await.0
    }

    /// Signs somebody of the demo office in, e.g. `an.nv`.
    pub(crate) fn login(&self, username: &str) -> Client {
        Client::new(
            self.address.clone(),
            Some(username.to_owned()),
            Arc::clone(&self.clock),
            Arc::clone(&self.tokens),
        )
    }

    /// The same person at another process.
    pub(crate) fn login_at(&self, address: &str, username: &str) -> Client {
        Client::new(
            address.to_owned(),
            Some(username.to_owned()),
            Arc::clone(&self.clock),
            Arc::clone(&self.tokens),
        )
    }

    /// Somebody who has not signed in.
    pub(crate) fn visitor(&self) -> Client {
        Client::new(self.address.clone(), None, Arc::clone(&self.clock), Arc::clone(&self.tokens))
    }

    /// Somebody who has not signed in, at another process.
    pub(crate) fn visitor_at(&self, address: &str) -> Client {
        Client::new(address.to_owned(), None, Arc::clone(&self.clock), Arc::clone(&self.tokens))
    }

    pub(crate) fn set_clock(&self, text: &str) {
        self.clock.store(at(text).timestamp_micros(), Ordering::SeqCst);
    }

    pub(crate) fn advance(&self, by: TimeDelta) {
        self.clock.fetch_add(by.num_microseconds().expect("a short time"), Ordering::SeqCst);
    }

    /// Ends the service and its connections; for tests that open many offices one after another.
    pub(crate) async fn close(self) {
        self.server.stop(false).await;
        for connection in [&self.app.db.writer, &self.app.db.reader] {
            connection.clone().close().await.expect("closed");
        }
    }

    /// Runs the background jobs once.
    pub(crate) async fn run_jobs(&self) {
        shared_office::jobs::run_once(&self.app).await.expect("the jobs run");
    }
}

async fn start(
    database: &database::Database,
    clock: &Arc<AtomicI64>,
) -> (Arc<App>, String, actix_web::dev::ServerHandle) {
    let db = Db::connect(&database.url, None).await.expect("the database answers");
    start_with(db, database, clock)
}

fn start_with(
    db: Db,
    database: &database::Database,
    clock: &Arc<AtomicI64>,
) -> (Arc<App>, String, actix_web::dev::ServerHandle) {
    let told = Arc::clone(clock);
    let clock = Clock::from_fn(move || {
        DateTime::from_timestamp_micros(told.load(Ordering::SeqCst)).expect("a plausible time")
    });
    let app = App::new(&config(&database.url, &database.attachments), db, clock, Ids::random())
        .expect("the service can be put together");
    let socket = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = format!("http://{}", socket.local_addr().expect("an address"));
    let server = shared_office::app::serve(Arc::clone(&app), socket, 2).expect("the service starts");
    let handle = server.handle();
    actix_web::rt::spawn(server);
    (app, address, handle)
}

/// How large a file may be in tests.
pub(crate) const LARGEST_FILE: usize = 512 * 1024;

pub(crate) fn config(url: &str, attachments: &str) -> Config {
    Config {
        listen: "127.0.0.1:0".parse().expect("an address"),
        database_url: url.to_owned(),
        read_database_url: None,
        profile: Profile::Development,
        secret: Secret::new((0..64).collect()),
        previous_secret: None,
        demo_password: Some(PASSWORD.to_owned()),
        attachments: attachments.to_owned(),
        attachment_limits: AttachmentLimits { largest_bytes: LARGEST_FILE, most_per_record: 3 },
        place: Some("Đắk Lắk".to_owned()),
        log: "off".to_owned(),
    }
}

/// The lead does without the parts of a task's coordinators.
pub(crate) async fn excuse_parts(lead: &Client, task: &str) {
    let shown = lead.get(task).await.expect(200);
    for part in shown["coordinators"].as_array().unwrap() {
        let excuse = json!({"staff_id": part["staff_id"], "reason": "Người chủ trì tự làm"});
        lead.post(&format!("{task}/excuse-part"), excuse).await.expect(200);
    }
}
