//! Passwords: Argon2id, computed away from the request threads and never more at once than there are cores.

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

use crate::error::{ApiError, ApiResult, FieldError, text};

/// 19 MiB, two passes, one lane: the first choice of OWASP's password storage list for Argon2id.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// A password has at least this many characters: long enough to be the only factor (NIST SP 800-63B-4).
pub const SHORTEST: usize = 15;
const LONGEST_BYTES: usize = 1024;

/// Waiting for a core behind more logins than this is worse than being told to come back.
const QUEUE: usize = 32;

pub struct Hasher {
    cores: std::sync::Arc<Semaphore>,
    queue: Semaphore,
    /// Verified against when the user does not exist, so that an attacker cannot tell by the time.
    decoy: String,
}

impl Hasher {
    /// # Errors
    /// When the decoy cannot be hashed.
    pub fn new() -> Result<Self, String> {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let decoy = hash("no password has this hash")?;
        Ok(Self { cores: Semaphore::new(cores).into(), queue: Semaphore::new(QUEUE), decoy })
    }

    /// The hash of a new password.
    ///
    /// # Errors
    /// 503 when too many are being hashed.
    pub async fn hash(&self, password: &str) -> ApiResult<String> {
        let password = password.to_owned();
        self.off_thread(move || hash(&password)).await?.map_err(ApiError::internal)
    }

    /// Whether a password fits a hash; without a hash the same work is done and the answer is no.
    ///
    /// # Errors
    /// 503 when too many are being checked.
    pub async fn verify(&self, password: &str, stored: Option<&str>) -> ApiResult<bool> {
        let (password, known) = (password.to_owned(), stored.is_some());
        let stored = stored.unwrap_or(&self.decoy).to_owned();
        let fits = self.off_thread(move || verify(&password, &stored)).await?;
        Ok(fits && known)
    }

    async fn off_thread<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> ApiResult<T> {
        let _place =
            self.queue.try_acquire().map_err(|_| ApiError::unavailable("too many passwords at once"))?;
        let core = std::sync::Arc::clone(&self.cores).acquire_owned().await.map_err(ApiError::internal)?;
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(core);
            done
        })
        .await
        .map_err(ApiError::internal)
    }
}

/// Refuses passwords that are short, endless or the user's own name.
pub fn check(password: &str, username: &str, field: &'static str) -> Result<(), FieldError> {
    let normal: String = password.nfc().collect();
    let folded = normal.to_lowercase();
    let distinct: std::collections::BTreeSet<char> = folded.chars().collect();
    let (code, detail) = if normal.chars().count() < SHORTEST {
        ("too_short", text("cần ít nhất 15 ký tự", "needs at least 15 characters"))
    } else if normal.len() > LONGEST_BYTES {
        ("too_long", text("tối đa 1024 byte", "may have at most 1024 bytes"))
    } else if !username.is_empty() && folded.contains(&username.to_lowercase()) {
        ("contains_username", text("không được chứa tên đăng nhập", "must not contain the user name"))
    } else if distinct.len() < 6 {
        ("too_simple", text("cần ít nhất 6 ký tự khác nhau", "needs at least 6 different characters"))
    } else {
        return Ok(());
    };
    Err(FieldError::body(field, code, detail))
}

/// Hashes on this thread; for commands, not for requests.
///
/// # Errors
/// When the parameters or the randomness fail.
pub fn hash(password: &str) -> Result<String, String> {
    let normal: String = password.nfc().collect();
    let hash = argon2()?.hash_password(normal.as_bytes()).map_err(|error| error.to_string())?;
    Ok(hash.to_string())
}

fn verify(password: &str, stored: &str) -> bool {
    let normal: String = password.nfc().collect();
    match (argon2(), PasswordHash::new(stored)) {
        (Ok(argon2), Ok(hash)) => argon2.verify_password(normal.as_bytes(), &hash).is_ok(),
        _ => false,
    }
}

fn argon2() -> Result<Argon2<'static>, String> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|error| error.to_string())?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}
