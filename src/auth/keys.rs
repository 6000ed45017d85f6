//! Secrets that are shown once and stored as a digest: the keys of service accounts. They are 32 random bytes, so a
//! plain digest cannot be turned back; who knows the table knows no key.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::error::{ApiError, ApiResult};

/// How a service account's key begins, so that it is recognised where it should not be, e.g. in a repository.
pub const KEY: &str = "ak_";

/// How much of a secret is kept for recognition; too little to guess the rest.
const SHOWN: usize = 11;

/// A new secret. Only its digest and its beginning may be stored.
pub struct NewSecret {
    pub secret: String,
    pub digest: String,
    pub prefix: String,
}

impl NewSecret {
    /// `kind` is how the secret begins.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn make(kind: &str) -> ApiResult<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(ApiError::internal)?;
        let secret = format!("{kind}{}", URL_SAFE_NO_PAD.encode(bytes));
        Ok(Self { digest: digest(&secret), prefix: secret.chars().take(SHOWN).collect(), secret })
    }
}

pub fn is_key(token: &str) -> bool {
    token.starts_with(KEY)
}

/// What is stored of a secret and what it is found by: SHA-256 in hexadecimal.
pub fn digest(secret: &str) -> String {
    Sha256::digest(secret).iter().map(|byte| format!("{byte:02x}")).collect()
}
