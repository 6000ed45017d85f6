//! A database for each test: a copy of one template that holds the demo office.

use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::{ConnectionTrait, DatabaseConnection};
use shared_office::app::App;
use shared_office::clock::{Clock, Ids};
use shared_office::db::Db;
use tokio::sync::OnceCell;

use super::{DEMO_NOW, PASSWORD, at, config};

/// Removed when the test ends.
pub(crate) struct Database {
    pub(crate) url: String,
    /// Where its office's files lie.
    pub(crate) attachments: String,
    _folder: tempfile::TempDir,
}

static TEMPLATE: OnceCell<Template> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(0);

struct Template {
    /// The file of SQLite or the database's name on PostgreSQL.
    name: String,
    folder: tempfile::TempDir,
}

fn attachments_in(folder: &tempfile::TempDir) -> String {
    folder.path().join("attachments").display().to_string()
}

fn copy_files(from: &str, to: &str) {
    std::fs::create_dir(to).expect("a new folder");
    for file in std::fs::read_dir(from).expect("the template's files") {
        let file = file.expect("a file").path();
        std::fs::copy(&file, std::path::Path::new(to).join(file.file_name().expect("a name")))
            .expect("copied");
    }
}

/// Where PostgreSQL is, if the tests are to run on it.
pub(crate) fn server() -> Option<String> {
    std::env::var("TEST_DATABASE_URL").ok().filter(|url| !url.is_empty())
}

impl Database {
    /// A new database with the demo office in it.
    pub(crate) async fn copy() -> Self {
        let template = TEMPLATE.get_or_init(make_template).await;
        Self::new(Some(template)).await
    }

    /// A new database without anything in it.
    pub(crate) async fn empty() -> Self {
        Self::new(None).await
    }

    async fn new(template: Option<&Template>) -> Self {
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let folder = tempfile::tempdir().expect("a folder for a test");
        let attachments = attachments_in(&folder);
        if let Some(template) = template {
            copy_files(&attachments_in(&template.folder), &attachments);
        }
        match server() {
            None => {
                let file = folder.path().join("office.db");
                if let Some(template) = template {
                    std::fs::copy(&template.name, &file).expect("the template is there");
                }
                Self { url: format!("sqlite://{}", file.display()), attachments, _folder: folder }
            }
            Some(server) => {
                let name = format!("office_test_{}_{number}", std::process::id());
                let from = template.map_or(String::new(), |template| format!(" TEMPLATE {}", template.name));
                admin(&server)
                    .await
                    .execute_unprepared(&format!("CREATE DATABASE {name}{from}"))
                    .await
                    .expect("created");
                Self { url: with_database(&server, &name), attachments, _folder: folder }
            }
        }
    }
}

impl Database {
    /// The names of all constraints in the database, as the service would be told of them.
    pub(crate) async fn constraints(&self, db: &DatabaseConnection) -> Vec<String> {
        let sql = match db.get_database_backend() {
            sea_orm::DbBackend::Postgres => {
                "SELECT conname::text AS name FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace \
                 WHERE n.nspname = 'public' AND contype IN ('c', 'u', 'f', 'x') AND conname NOT LIKE '%not_null' \
                 UNION SELECT indexname::text FROM pg_indexes WHERE schemaname = 'public' AND indexname LIKE '%\\_key' \
                 UNION SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal"
            }
            // SQLite keeps a table's constraints in its text, and triggers by name.
            _ => "SELECT coalesce(sql, '') AS name FROM sqlite_master",
        };
        let rows = db.query_all_raw(sea_orm::Statement::from_string(db.get_database_backend(), sql)).await;
        let rows: Vec<String> =
            rows.expect("a list").iter().map(|row| row.try_get("", "name").expect("a name")).collect();
        if db.get_database_backend() == sea_orm::DbBackend::Postgres {
            return rows;
        }
        let named = |text: &str| -> Vec<String> {
            let after = |mark: &str| {
                text.split(mark)
                    .skip(1)
                    .map(|rest| {
                        rest.trim_start()
                            .chars()
                            .take_while(|c| c.is_ascii_lowercase() || *c == '_' || c.is_ascii_digit())
                            .collect()
                    })
                    .collect::<Vec<String>>()
            };
            [after("CONSTRAINT "), after("RAISE(ABORT, '")].concat()
        };
        rows.iter().flat_map(|text| named(text)).collect()
    }
}

async fn make_template() -> Template {
    let folder = tempfile::tempdir().expect("a folder for the template");
    let (name, url) = match server() {
        None => {
            let file = folder.path().join("template.db").display().to_string();
            (file.clone(), format!("sqlite://{file}"))
        }
        Some(server) => {
            let admin = admin(&server).await;
            drop_leftovers(&admin).await;
            let name = format!("office_test_{}_template", std::process::id());
            admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("created");
            (name.clone(), with_database(&server, &name))
        }
    };
    let db = Db::connect(&url, None).await.expect("the database answers");
    db.migrate().await.expect("the migrations run");
    let clock = Clock::from_fn(|| at(DEMO_NOW));
    let app = App::new(&config(&url, &attachments_in(&folder)), db, clock, Ids::random())
        .expect("the service can be put together");
    shared_office::demo::fill(&app, Some(PASSWORD)).await.expect("the demo office fits");
    // The template must be closed before it is copied; the write-ahead log goes into the file then.
    app.db.writer.clone().close().await.expect("closed");
    app.db.reader.clone().close().await.expect("closed");
    Template { name, folder }
}

async fn admin(server: &str) -> DatabaseConnection {
    let mut options = sea_orm::ConnectOptions::new(server);
    options.max_connections(1).sqlx_logging(false);
    sea_orm::Database::connect(options).await.expect("PostgreSQL answers")
}

/// Databases of earlier runs that nobody uses any more.
async fn drop_leftovers(admin: &DatabaseConnection) {
    let sql = "SELECT datname AS name FROM pg_database d WHERE datname LIKE 'office_test_%' \
               AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datname = d.datname)";
    let rows = admin.query_all_raw(sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, sql)).await;
    for row in rows.expect("a list of databases") {
        let name: String = row.try_get("", "name").expect("a name");
        // A run that goes on beside this one still needs its template.
        let process = name.split('_').nth(2).unwrap_or_default();
        if std::path::Path::new("/proc").join(process).exists() {
            continue;
        }
        // Another run may be faster; then it is gone, which is what we want.
        let _ = admin.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name}")).await;
    }
}

fn with_database(server: &str, name: &str) -> String {
    let mut url = url::Url::parse(server).expect("TEST_DATABASE_URL is an address");
    url.set_path(name);
    url.to_string()
}
