//! The settings: read once from the environment, checked as a whole, refused with the variable's name.

use std::net::SocketAddr;
use std::path::Path;

use base64::Engine;

/// What every variable means; `--help` and the README print the same list.
pub const VARIABLES: [(&str, &str, &str); 12] = [
    ("SHARED_OFFICE_LISTEN", "127.0.0.1:8080", "Address and port to listen on; port 0 takes a free one."),
    ("DATABASE_URL", "sqlite://shared-office.db", "sqlite://FILE or postgres://USER:PASSWORD@HOST/DATABASE."),
    ("SHARED_OFFICE_READ_DATABASE_URL", "(none)", "PostgreSQL replica for reads that may be a moment old."),
    ("SHARED_OFFICE_PROFILE", "development", "development or production."),
    (
        "SHARED_OFFICE_SECRET",
        "(random in development)",
        "Base64 of at least 32 random bytes; signs tokens and cursors. Required in production.",
    ),
    (
        "SHARED_OFFICE_PREVIOUS_SECRET",
        "(none)",
        "The secret before a rotation: its access tokens stay valid until they expire.",
    ),
    (
        "SHARED_OFFICE_DEMO_PASSWORD",
        "(random, printed)",
        "The one password of all demo logins, for serve --demo.",
    ),
    (
        "SHARED_OFFICE_ATTACHMENTS",
        "attachments (beside a SQLite file)",
        "Where attached files lie: a folder, or s3://BUCKET/PREFIX with the usual AWS_ variables.",
    ),
    ("SHARED_OFFICE_ATTACHMENT_BYTES", "10485760", "The largest attached file, in bytes."),
    ("SHARED_OFFICE_ATTACHMENTS_PER_RECORD", "20", "How many files a record may have."),
    ("SHARED_OFFICE_PLACE", "(dots)", "The place where papers are signed, as it stands on printed forms."),
    ("SHARED_OFFICE_LOG", "info", "Log filter, e.g. info or shared_office=debug,warn."),
];

/// Where the service runs: decides how strict the settings are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    Development,
    Production,
}

/// Secret key material. Its debug form prints nothing of it.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl Secret {
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[derive(Clone, Debug)]
pub struct Config {
    pub listen: SocketAddr,
    pub database_url: String,
    pub read_database_url: Option<String>,
    pub profile: Profile,
    pub secret: Secret,
    pub previous_secret: Option<Secret>,
    pub demo_password: Option<String>,
    /// A folder or `s3://BUCKET/PREFIX`.
    pub attachments: String,
    pub attachment_limits: AttachmentLimits,
    /// Where papers are signed; printed on forms.
    pub place: Option<String>,
    pub log: String,
}

/// How much may be attached to a record.
#[derive(Clone, Copy, Debug)]
pub struct AttachmentLimits {
    /// Of one file.
    pub largest_bytes: usize,
    /// Files of one record.
    pub most_per_record: u64,
}

/// A setting that cannot be used: which one, and why.
#[derive(Debug)]
pub struct ConfigError(pub String);

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads the settings from variables such as those of the process.
    ///
    /// # Errors
    /// Names the first variable that is unknown, malformed, missing or too weak.
    pub fn from_variables(variables: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let set: std::collections::BTreeMap<String, String> = variables
            .filter(|(name, value)| {
                (name.starts_with("SHARED_OFFICE_") || name == "DATABASE_URL") && !value.is_empty()
            })
            .collect();
        if let Some(name) = set.keys().find(|name| !VARIABLES.iter().any(|(known, ..)| known == name)) {
            return Err(ConfigError(format!(
                "{name} is not a setting of this service; see --help for the list"
            )));
        }
        let text = |name: &str| set.get(name).cloned();
        let listen = text("SHARED_OFFICE_LISTEN").unwrap_or_else(|| "127.0.0.1:8080".to_owned());
        let listen = listen.parse().map_err(|_| {
            ConfigError(format!(
                "SHARED_OFFICE_LISTEN must be an address and a port such as 127.0.0.1:8080, not {listen:?}"
            ))
        })?;
        let profile = match text("SHARED_OFFICE_PROFILE").as_deref() {
            None | Some("development") => Profile::Development,
            Some("production") => Profile::Production,
            Some(other) => {
                return Err(ConfigError(format!(
                    "SHARED_OFFICE_PROFILE must be development or production, not {other:?}"
                )));
            }
        };
        let database_url = text("DATABASE_URL").unwrap_or_else(|| "sqlite://shared-office.db".to_owned());
        if !is_sqlite(&database_url) && !is_postgres(&database_url) {
            return Err(ConfigError("DATABASE_URL must begin with sqlite:// or postgres://".to_owned()));
        }
        let read_database_url = text("SHARED_OFFICE_READ_DATABASE_URL");
        if let Some(url) = &read_database_url
            && (!is_postgres(url) || !is_postgres(&database_url))
        {
            return Err(ConfigError(
                    "SHARED_OFFICE_READ_DATABASE_URL names a replica of a PostgreSQL database, so both URLs must begin with postgres://"
                        .to_owned(),
                ));
        }
        let secret = match text("SHARED_OFFICE_SECRET") {
            Some(value) => secret("SHARED_OFFICE_SECRET", &value)?,
            None if profile == Profile::Development => random_secret()?,
            None => {
                return Err(ConfigError(
                    "SHARED_OFFICE_SECRET is required in production: base64 of 32 random bytes, e.g. from `openssl rand -base64 32`"
                        .to_owned(),
                ));
            }
        };
        let previous_secret = text("SHARED_OFFICE_PREVIOUS_SECRET")
            .map(|value| self::secret("SHARED_OFFICE_PREVIOUS_SECRET", &value))
            .transpose()?;
        if previous_secret.as_ref().is_some_and(|previous| previous.bytes() == secret.bytes()) {
            return Err(ConfigError(
                "SHARED_OFFICE_PREVIOUS_SECRET is the same as SHARED_OFFICE_SECRET".to_owned(),
            ));
        }
        let attachments = text("SHARED_OFFICE_ATTACHMENTS").unwrap_or_else(|| beside_database(&database_url));
        let attachment_limits = AttachmentLimits {
            largest_bytes: limit(
                "SHARED_OFFICE_ATTACHMENT_BYTES",
                &text,
                10 * 1024 * 1024,
                100 * 1024 * 1024,
            )?,
            most_per_record: limit("SHARED_OFFICE_ATTACHMENTS_PER_RECORD", &text, 20, 200)?,
        };
        Ok(Self {
            listen,
            database_url,
            read_database_url,
            profile,
            secret,
            previous_secret,
            demo_password: text("SHARED_OFFICE_DEMO_PASSWORD"),
            attachments,
            attachment_limits,
            place: text("SHARED_OFFICE_PLACE"),
            log: text("SHARED_OFFICE_LOG").unwrap_or_else(|| "info".to_owned()),
        })
    }
}

/// The folder `attachments` beside a SQLite file, so that both are found and saved together; else of the working
/// directory.
fn beside_database(url: &str) -> String {
    let folder = sqlite_file(url).and_then(Path::parent).unwrap_or(Path::new(""));
    folder.join("attachments").display().to_string()
}

/// The file of an embedded database.
pub fn sqlite_file(url: &str) -> Option<&Path> {
    let file = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"))?;
    file.split('?').next().map(Path::new)
}

/// A number from 1 to the largest that makes sense.
fn limit<T>(
    name: &str,
    text: &impl Fn(&str) -> Option<String>,
    default: T,
    largest: T,
) -> Result<T, ConfigError>
where
    T: std::str::FromStr + std::fmt::Display + PartialOrd + From<u8>,
{
    let Some(value) = text(name) else { return Ok(default) };
    let number = value.parse().ok().filter(|number: &T| *number >= T::from(1) && *number <= largest);
    number.ok_or_else(|| ConfigError(format!("{name} must be a number from 1 to {largest}, not {value:?}")))
}

pub fn is_sqlite(url: &str) -> bool {
    url.starts_with("sqlite:")
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

fn secret(name: &str, value: &str) -> Result<Secret, ConfigError> {
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(value.trim())
        .map_err(|_| ConfigError(format!("{name} must be base64")))?;
    if bytes.len() < 32 {
        return Err(ConfigError(format!(
            "{name} must hold at least 32 bytes, this one holds {}",
            bytes.len()
        )));
    }
    // A key typed by a person or copied from an example has few different bytes; 32 random ones have about 30.
    let mut distinct = bytes.clone();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < 16 || bytes.iter().all(u8::is_ascii_graphic) {
        return Err(ConfigError(format!("{name} is not random: make one with `openssl rand -base64 32`")));
    }
    Ok(Secret(bytes))
}

fn random_secret() -> Result<Secret, ConfigError> {
    let mut bytes = vec![0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| ConfigError(format!("the operating system gives no randomness: {error}")))?;
    Ok(Secret(bytes))
}
