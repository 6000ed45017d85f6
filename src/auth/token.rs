//! Access tokens (EdDSA, ten minutes) and refresh tokens (opaque, rotating).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use hmac::{Hmac, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::config::Secret;
use crate::error::{ApiError, ApiResult, Code, text};

/// An access token lives this long.
pub const ACCESS_SECONDS: i64 = 600;

const ISSUER: &str = "shared-office";
const AUDIENCE: &str = "shared-office-api";
const TYPE: &str = "at+jwt";

/// Another machine's clock may be this far ahead.
const SKEW_SECONDS: i64 = 10;

type HmacSha256 = Hmac<Sha256>;

/// Makes and checks tokens. All keys follow from the one secret, so processes that share it understand each
/// other's tokens.
pub struct Tokens {
    current: Key,
    previous: Option<Key>,
    refresh_key: Vec<u8>,
    cursor_key: Vec<u8>,
}

struct Key {
    id: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
    public: [u8; 32],
}

/// What an access token says: who, in which session, until when. Roles are never inside.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    /// The user.
    pub sub: Uuid,
    /// The session.
    pub sid: Uuid,
    pub iat: i64,
    pub nbf: i64,
    pub exp: i64,
    pub jti: Uuid,
}

impl Tokens {
    /// # Errors
    /// When a key cannot be made, which no secret causes.
    pub fn new(secret: &Secret, previous: Option<&Secret>) -> Result<Self, String> {
        Ok(Self {
            current: Key::derive(secret)?,
            previous: previous.map(Key::derive).transpose()?,
            refresh_key: derive(secret, "refresh"),
            cursor_key: derive(secret, "cursor"),
        })
    }

    /// A new access token.
    ///
    /// # Errors
    /// When signing fails, which is a fault of the service.
    pub fn issue(&self, user: Uuid, session: Uuid, id: Uuid, now: DateTime<Utc>) -> ApiResult<String> {
        let at = now.timestamp();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: user,
            sid: session,
            iat: at,
            nbf: at,
            exp: at + ACCESS_SECONDS,
            jti: id,
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(self.current.id.clone());
        jsonwebtoken::encode(&header, &claims, &self.current.encoding).map_err(ApiError::internal)
    }

    /// What a token says, if it is ours and of this moment.
    ///
    /// # Errors
    /// 401 `token_invalid`, always in the same words.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> ApiResult<Claims> {
        self.read(token, now).ok_or_else(wrong_token)
    }

    fn read(&self, token: &str, now: DateTime<Utc>) -> Option<Claims> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.typ.as_deref() != Some(TYPE) || header.alg != Algorithm::EdDSA {
            return None;
        }
        let kid = header.kid?;
        let key = std::iter::once(&self.current).chain(&self.previous).find(|key| key.id == kid)?;
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[AUDIENCE]);
        // The library would ask the machine's clock; the times are compared below, by the service's own.
        rules.validate_exp = false;
        rules.validate_nbf = false;
        rules.required_spec_claims.clear();
        let claims: Claims = jsonwebtoken::decode(token, &key.decoding, &rules).ok()?.claims;
        let at = now.timestamp();
        let sound = claims.exp > at
            && claims.nbf <= at + SKEW_SECONDS
            && claims.iat <= at + SKEW_SECONDS
            && claims.exp - claims.iat <= ACCESS_SECONDS;
        sound.then_some(claims)
    }

    /// The public keys as a JWK set (RFC 7517, RFC 8037).
    pub fn public_keys(&self) -> Vec<(String, String)> {
        std::iter::once(&self.current)
            .chain(&self.previous)
            .map(|key| (key.id.clone(), URL_SAFE_NO_PAD.encode(key.public)))
            .collect()
    }

    /// The refresh token number `counter` of a session. It follows from the two, so a repeated request gets
    /// the same successor, and the database holds nothing that could be stolen and used.
    pub fn refresh_token(&self, session: Uuid, counter: i64) -> String {
        let mac = mac(&self.refresh_key, format!("{session}.{counter}").as_bytes());
        format!("rt_{}_{counter}_{}", session.simple(), URL_SAFE_NO_PAD.encode(mac))
    }

    /// The session and the number of a refresh token that we made.
    pub fn read_refresh_token(&self, token: &str) -> Option<(Uuid, i64)> {
        let mut parts = token.strip_prefix("rt_")?.splitn(3, '_');
        let session = Uuid::try_parse(parts.next()?).ok()?;
        let counter: i64 = parts.next()?.parse().ok()?;
        let presented = URL_SAFE_NO_PAD.decode(parts.next()?).ok()?;
        let mut expected = HmacSha256::new_from_slice(&self.refresh_key).ok()?;
        expected.update(format!("{session}.{counter}").as_bytes());
        expected.verify_slice(&presented).ok().map(|()| (session, counter))
    }

    /// Signs what a list's cursor says.
    pub fn sign_cursor(&self, content: &[u8]) -> [u8; 32] {
        mac(&self.cursor_key, content)
    }
}

/// 401, in the same words for every token or key that does not fit.
pub(crate) fn wrong_token() -> ApiError {
    ApiError::new(
        Code::TokenInvalid,
        text(
            "Mã truy cập hoặc khóa sai hoặc đã hết hạn.",
            "The access token or key is wrong or has expired.",
        ),
    )
}

impl Key {
    fn derive(secret: &Secret) -> Result<Self, String> {
        let seed: [u8; 32] = derive(secret, "jwt").try_into().map_err(|_| "a key has 32 bytes".to_owned())?;
        let signing = SigningKey::from_bytes(&seed);
        let public = signing.verifying_key().to_bytes();
        let der = signing.to_pkcs8_der().map_err(|error| error.to_string())?;
        let id: String = Sha256::digest(public).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self {
            id,
            encoding: EncodingKey::from_ed_der(der.as_bytes()),
            decoding: DecodingKey::from_ed_der(&public),
            public,
        })
    }
}

/// A key for one purpose, so that nothing signed for one passes for another.
fn derive(secret: &Secret, purpose: &str) -> Vec<u8> {
    mac(secret.bytes(), format!("shared-office/{purpose}/v1").as_bytes()).to_vec()
}

fn mac(key: &[u8], content: &[u8]) -> [u8; 32] {
    match HmacSha256::new_from_slice(key) {
        Ok(mut mac) => {
            mac.update(content);
            mac.finalize().into_bytes().into()
        }
        // HMAC takes keys of every length.
        Err(_) => [0; 32],
    }
}
