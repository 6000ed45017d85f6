//! The commands.

use std::io::{BufRead, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Parser, Subcommand};
use serde_json::json;

use crate::app::{self, App};
use crate::clock::{Clock, Ids};
use crate::config::{Config, Profile, VARIABLES};
use crate::db::Db;
use crate::http::document;
use crate::integration::attachments::blobs::Blobs;
use crate::ops::verify;
use crate::users::service_accounts::rules::LONGEST_DAYS;
use crate::{demo, jobs};

/// A job that is running at the end of the process may take this long to end what it is at.
const PATIENCE_WITH_JOBS: Duration = Duration::from_secs(10);

type Outcome = Result<ExitCode, Box<dyn std::error::Error>>;

/// A JSON REST API for an office that several boards share.
#[derive(Parser)]
#[command(name = "shared-office", version, after_help = variables())]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answer requests. An embedded database is created and brought up to date first.
    Serve {
        /// Fill an empty database with a small invented office and print its logins.
        #[arg(long)]
        demo: bool,
    },
    /// Bring the database's schema up to date.
    Migrate,
    /// Check the settings, the database and the place of attached files, change nothing.
    CheckConfig,
    /// Recompute what the database holds and tell whether it agrees, change nothing.
    ///
    /// Prints one JSON object. Exit code 0: all agrees, 1: something does not, 2: the check could not run.
    Verify,
    /// Make the first administrator; the password is read from standard input.
    CreateAdmin {
        /// The user name.
        username: String,
    },
    /// Issue a key of a service account and print it, this once.
    IssueKey {
        /// The name of the service account.
        #[arg(long)]
        account: String,
        /// The key works today and for this many days more.
        #[arg(long, value_parser = clap::value_parser!(u64).range(1..=LONGEST_DAYS))]
        days: u64,
    },
    /// Print the OpenAPI document.
    Openapi,
    /// Ask the running service whether it can work; for containers.
    Healthcheck,
}

fn variables() -> String {
    let rows = VARIABLES.map(|(name, default, about)| format!("  {name}\n      {about} Default: {default}"));
    format!("Environment:\n{}", rows.join("\n"))
}

/// Runs the command of the command line.
pub async fn run() -> ExitCode {
    let command = Arguments::parse().command;
    // Of a verification, 1 says that it ran and found something.
    let failed = if matches!(command, Command::Verify) { ExitCode::from(2) } else { ExitCode::FAILURE };
    match carry_out(command).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("shared-office: {error}");
            failed
        }
    }
}

async fn carry_out(command: Command) -> Outcome {
    if matches!(command, Command::Openapi) {
        return print(&(serde_json::to_string_pretty(&document::document())? + "\n"));
    }
    let config = Config::from_variables(std::env::vars())?;
    log(&config)?;
    match command {
        Command::Openapi => Ok(ExitCode::SUCCESS),
        Command::Healthcheck => Ok(health(config.listen)),
        Command::CheckConfig => {
            connect(&config).await?;
            check_attachments(&config).await?;
            print("the settings are sound, the database answers and attached files can be kept\n")
        }
        Command::Migrate => {
            connect(&config).await?.migrate().await?;
            print("the schema is up to date\n")
        }
        Command::Verify => verify(&config).await,
        Command::CreateAdmin { username } => create_admin(&config, &username).await,
        Command::IssueKey { account, days } => issue_key(&config, &account, days).await,
        Command::Serve { demo } => serve(&config, demo).await,
    }
}

fn print(text: &str) -> Outcome {
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// One JSON object a line on standard error, so that standard output stays for the ready line.
fn log(config: &Config) -> Result<(), Box<dyn std::error::Error>> {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log)
        .map_err(|error| format!("SHARED_OFFICE_LOG is no log filter: {error}"))?;
    tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init()
        .map_err(|error| error.to_string())?;
    Ok(())
}

async fn connect(config: &Config) -> Result<Db, Box<dyn std::error::Error>> {
    Ok(Db::connect(&config.database_url, config.read_database_url.as_deref()).await?)
}

/// Writes and deletes a probe.
async fn check_attachments(config: &Config) -> Result<(), Box<dyn std::error::Error>> {
    let checked = Blobs::open(&config.attachments)?.check().await;
    Ok(checked.map_err(|error| {
        format!("SHARED_OFFICE_ATTACHMENTS {:?} cannot be used: {error}", config.attachments)
    })?)
}

async fn serve(config: &Config, with_demo: bool) -> Outcome {
    if with_demo && config.profile == Profile::Production {
        return Err(
            "--demo brings known logins and is refused when SHARED_OFFICE_PROFILE is production".into()
        );
    }
    let db = connect(config).await?;
    if crate::config::is_sqlite(&config.database_url) || with_demo {
        db.migrate().await?;
    } else if !db.is_current().await? {
        return Err("the schema is not up to date: run `shared-office migrate` first".into());
    }
    let app = App::new(config, db, Clock::system(), Ids::random())?;
    let logins =
        if with_demo { Some(demo::fill(&app, config.demo_password.as_deref()).await?) } else { None };
    let socket = TcpListener::bind(config.listen)
        .map_err(|error| format!("SHARED_OFFICE_LISTEN {} cannot be used: {error}", config.listen))?;
    let address = format!("http://{}", socket.local_addr()?);
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let server = app::serve(Arc::clone(&app), socket, workers)?;
    let ready = json!({"event": "ready", "address": address});
    print(&format!("{{\"event\":{},\"address\":{}}}\n", ready["event"], ready["address"]))?;
    if let Some(password) = logins {
        print(&demo::greeting(&address, &password))?;
    }
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let jobs = actix_web::rt::spawn(jobs::run(app, stopped));
    server.await?;
    stop.send_replace(true);
    if tokio::time::timeout(PATIENCE_WITH_JOBS, jobs).await.is_err() {
        tracing::warn!("a background job was cut off; another process takes it over after its lease");
    }
    Ok(ExitCode::SUCCESS)
}

/// The report goes to standard output, the same in words to standard error.
async fn verify(config: &Config) -> Outcome {
    // Connecting would make the file, and the check changes nothing.
    if crate::config::sqlite_file(&config.database_url).is_some_and(|file| !file.exists()) {
        return Err(format!("there is no database {}", config.database_url).into());
    }
    let db = connect(config).await?;
    if !db.is_current().await? {
        return Err("the schema is not up to date: run `shared-office migrate` first".into());
    }
    let report = verify::run(&db, Clock::system().now()).await?;
    eprint!("{}", verify::summary(&report));
    print(&(serde_json::to_string(&report)? + "\n"))?;
    Ok(if report.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn create_admin(config: &Config, username: &str) -> Outcome {
    let mut password = String::new();
    std::io::stdin().lock().read_line(&mut password)?;
    let db = connect(config).await?;
    db.migrate().await?;
    let app = App::new(config, db, Clock::system(), Ids::random())?;
    crate::users::create_admin(&app, username, password.trim_end_matches(['\r', '\n'])).await?;
    print(&format!("{username} may sign in and manage users\n"))
}

/// Only the key goes to standard output, so that it can be led into a file.
async fn issue_key(config: &Config, account: &str, days: u64) -> Outcome {
    let app = App::new(config, connect(config).await?, Clock::system(), Ids::random())?;
    let key = crate::users::service_accounts::issue_key(&app, account, days).await?;
    print(&format!("{key}\n"))
}

/// GET /readyz by hand: a client library only for this would be larger than the command.
fn health(listen: SocketAddr) -> ExitCode {
    let host = if listen.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { listen.ip() };
    let ask = || -> std::io::Result<String> {
        let limit = Duration::from_secs(3);
        let mut stream = TcpStream::connect_timeout(&SocketAddr::new(host, listen.port()), limit)?;
        stream.set_read_timeout(Some(limit))?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    match ask() {
        Ok(answer) if answer.starts_with("HTTP/1.1 200") => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}
