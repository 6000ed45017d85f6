//! The database: connections, and what its errors mean.

use std::time::Duration;

use migration::{Migrator, MigratorTrait};
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, RuntimeErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};

use crate::config::is_sqlite;

/// The first SQLite whose write-ahead log cannot lose a committed row to a race between two connections.
const SQLITE_SAFE_SINCE: (u32, u32, u32) = (3, 51, 3);

/// The connections of one process.
///
/// SQLite has one writer, so that writes queue here instead of meeting `SQLITE_BUSY`, and several readers
/// beside it. On PostgreSQL writer and readers are one pool.
#[derive(Clone)]
pub struct Db {
    pub writer: DatabaseConnection,
    pub reader: DatabaseConnection,
    /// A replica where one is configured: for reads that may be a moment old, never for a decision.
    pub replica: DatabaseConnection,
}

impl Db {
    /// Connects and refuses a database that cannot keep its promises.
    ///
    /// # Errors
    /// When the database cannot be reached or is too old.
    pub async fn connect(url: &str, read_url: Option<&str>) -> Result<Self, DbErr> {
        if is_sqlite(url) {
            let writer = Database::connect(sqlite(url, 1)).await?;
            require_safe_sqlite(&writer).await?;
            let reader = Database::connect(sqlite(url, 4)).await?;
            return Ok(Self { writer, replica: reader.clone(), reader });
        }
        let writer = Database::connect(postgres(url)).await?;
        let version = server_version(&writer).await?;
        if version < 150_000 {
            return Err(DbErr::Custom(format!("PostgreSQL 15 or newer is needed, this server is {version}")));
        }
        let replica = match read_url {
            Some(url) => Database::connect(postgres(url)).await?,
            None => writer.clone(),
        };
        Ok(Self { reader: writer.clone(), writer, replica })
    }

    pub fn backend(&self) -> DbBackend {
        self.writer.get_database_backend()
    }

    /// Brings the schema up to date. Several processes may call it at once.
    ///
    /// # Errors
    /// When a migration fails; it then left nothing behind.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        // One transaction for all, so that a failure leaves nothing behind, and of several starting processes one
        // migrates while the others wait and then find nothing to do.
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let all = self.writer.begin_with_options(options).await?;
        if self.backend() == DbBackend::Postgres {
            all.execute_unprepared("SELECT pg_advisory_xact_lock(7153049)").await?;
        }
        Migrator::up(&all, None).await?;
        all.commit().await
    }

    /// Whether every migration of this build has run.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_current(&self) -> Result<bool, DbErr> {
        Ok(Migrator::get_pending_migrations_read_only(&self.reader).await?.is_empty())
    }
}

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let mut options = common(url, connections);
    options.map_sqlx_sqlite_opts(|options| {
        options
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
    });
    options
}

fn postgres(url: &str) -> ConnectOptions {
    let mut options = common(url, 16);
    options.statement_timeout(Duration::from_secs(10));
    options
}

fn common(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(8))
        .connect_timeout(Duration::from_secs(8))
        // A ping before each use costs a quarter of a small request; a broken connection shows itself anyway.
        .test_before_acquire(false)
        .sqlx_logging(false)
        .record_stmt_in_spans(false);
    options
}

async fn require_safe_sqlite(connection: &DatabaseConnection) -> Result<(), DbErr> {
    let row = connection
        .query_one_raw(Statement::from_string(DbBackend::Sqlite, "SELECT sqlite_version() AS version"))
        .await?;
    let version: String = row.map(|row| row.try_get("", "version")).transpose()?.unwrap_or_default();
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    if (next(), next(), next()) < SQLITE_SAFE_SINCE {
        return Err(DbErr::Custom(format!(
            "SQLite {version} can lose committed rows; 3.51.3 or newer is needed"
        )));
    }
    Ok(())
}

async fn server_version(connection: &DatabaseConnection) -> Result<i32, DbErr> {
    let sql = "SELECT current_setting('server_version_num')::int AS version";
    let row = connection.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    row.map(|row| row.try_get("", "version")).transpose().map(Option::unwrap_or_default)
}

/// What a database error means for the request.
#[derive(Debug, PartialEq)]
pub enum Trouble {
    /// A constraint or trigger refused the row; its name.
    Refused(String),
    /// A conditional update found no row of the expected version.
    Stale,
    /// A serialization failure or a deadlock: the whole transaction may run again.
    Retry,
    /// Another request holds what is needed, for longer than we wait.
    Busy,
    /// The database cannot be reached or cannot write.
    Down,
    Other,
}

impl Trouble {
    pub fn of(error: &DbErr) -> Self {
        let cause = match error {
            DbErr::RecordNotUpdated => return Self::Stale,
            DbErr::ConnectionAcquire(_) => return Self::Down,
            DbErr::Conn(RuntimeErr::SqlxError(cause))
            | DbErr::Exec(RuntimeErr::SqlxError(cause))
            | DbErr::Query(RuntimeErr::SqlxError(cause)) => cause,
            _ => return Self::Other,
        };
        let Some(database) = cause.as_database_error() else {
            return match cause.as_ref() {
                sea_orm::sqlx::Error::Io(_)
                | sea_orm::sqlx::Error::PoolTimedOut
                | sea_orm::sqlx::Error::PoolClosed
                | sea_orm::sqlx::Error::WorkerCrashed
                | sea_orm::sqlx::Error::Tls(_) => Self::Down,
                _ => Self::Other,
            };
        };
        if let Some(name) = database.constraint() {
            return Self::Refused(name.to_owned());
        }
        if let Some(name) = sqlite_constraint(database.message()) {
            return Self::Refused(name);
        }
        match database.code().as_deref() {
            Some("40001" | "40P01") => Self::Retry,
            Some("55P03" | "57014" | "5" | "6" | "261" | "517") => Self::Busy,
            Some(
                "10" | "11" | "13" | "14" | "53100" | "53200" | "53300" | "57P01" | "57P02" | "57P03"
                | "25006",
            ) => Self::Down,
            _ => Self::Other,
        }
    }
}

/// The name of the constraint in SQLite's message, spelt as PostgreSQL would name it.
fn sqlite_constraint(message: &str) -> Option<String> {
    if let Some(columns) = message.strip_prefix("UNIQUE constraint failed: ") {
        let mut columns = columns.split(", ");
        let (table, first) = columns.next()?.split_once('.')?;
        let rest = columns.filter_map(|column| column.split_once('.').map(|(_, name)| format!("_{name}")));
        return Some(format!("{table}_{first}{}_key", rest.collect::<String>()));
    }
    if let Some(name) = message.strip_prefix("CHECK constraint failed: ") {
        return Some(name.to_owned());
    }
    if message == "FOREIGN KEY constraint failed" {
        return Some("foreign_key".to_owned());
    }
    let is_name = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    (is_name(message) && (message.ends_with("_no_overlap") || message.ends_with("_append_only")))
        .then(|| message.to_owned())
}
