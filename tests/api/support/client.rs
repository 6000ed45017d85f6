//! One person (or nobody) speaking to the service. Every answer is held against the document.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};

use reqwest::Method;
use serde_json::Value;
use tokio::sync::Mutex;

use super::{PASSWORD, contract, json};

#[derive(Clone)]
pub(crate) struct Client {
    address: String,
    username: Option<String>,
    http: reqwest::Client,
    clock: Arc<AtomicI64>,
    tokens: Tokens,
    key: Option<String>,
}

/// The access token of each person of an office and the moment (µs) from which it is too old: people sign in once.
pub(crate) type Tokens = Arc<Mutex<HashMap<String, (String, i64)>>>;

/// What the service said.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
    /// The body as it was sent.
    pub(crate) bytes: Vec<u8>,
    /// Null where the body is empty or no JSON.
    pub(crate) body: Value,
    asked: String,
}

/// A connection for each request: one that lay idle may be closed by the service at the very moment at which a busy
/// machine sends the next request on it. Made once, since what it needs for TLS takes longer than many requests.
static FRESH_CONNECTIONS: LazyLock<reqwest::Client> =
    LazyLock::new(|| reqwest::Client::builder().pool_max_idle_per_host(0).build().expect("a client"));

impl Client {
    pub(super) fn new(
        address: String,
        username: Option<String>,
        clock: Arc<AtomicI64>,
        tokens: Tokens,
    ) -> Self {
        Self { address, username, http: FRESH_CONNECTIONS.clone(), clock, tokens, key: None }
    }

    /// A script with the key of a service account.
    pub(crate) fn with_key(self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, &[]).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body), &[]).await
    }

    /// A change on condition that the record is still at this version.
    pub(crate) async fn patch(&self, path: &str, version: i64, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body), &[("If-Match", &format!("\"{version}\""))]).await
    }

    pub(crate) async fn delete(&self, path: &str, version: i64) -> Answer {
        self.send(Method::DELETE, path, None, &[("If-Match", &format!("\"{version}\""))]).await
    }

    /// An action that needs `If-Match`: reads the record first and sends its current version.
    pub(crate) async fn act(&self, record: &str, verb: &str, body: Value) -> Answer {
        let version = self.get(record).await.expect(200)["version"].as_i64().expect("a version");
        let etag = format!("\"{version}\"");
        self.send(Method::POST, &format!("{record}/{verb}"), Some(body), &[("If-Match", &etag)]).await
    }

    /// Any request with any headers.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.address));
        if let Some(token) = self.token().await {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        let answer = Answer::of(request, format!("{method} {path}")).await;
        contract::check(&method, path, &answer);
        answer
    }

    /// Sends a file as it is.
    pub(crate) async fn send_file(
        &self,
        path: &str,
        media_type: &str,
        bytes: &[u8],
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = self.http.post(format!("{}{path}", self.address));
        if let Some(token) = self.token().await {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.header("Content-Type", media_type).body(bytes.to_vec());
        let answer = Answer::of(request, format!("POST {path}")).await;
        contract::check(&Method::POST, path, &answer);
        answer
    }

    /// The access token; signs in where there is none or the clock went past it.
    pub(crate) async fn token(&self) -> Option<String> {
        if self.key.is_some() {
            return self.key.clone();
        }
        let username = self.username.as_ref()?;
        let now = self.clock.load(Ordering::SeqCst);
        let mut tokens = self.tokens.lock().await;
        if let Some((token, _)) = tokens.get(username).filter(|(_, until)| *until > now) {
            return Some(token.clone());
        }
        let body = json!({"username": username, "password": PASSWORD}).to_string();
        let request = self.http.post(format!("{}/v1/auth/token", self.address));
        let request = request.header("Content-Type", "application/json").body(body);
        let answer = Answer::of(request, format!("sign in {username}")).await;
        let token = answer.expect(200)["access_token"].as_str().expect("a token").to_owned();
        tokens.insert(username.clone(), (token.clone(), now + 590_000_000));
        Some(token)
    }
}

impl Answer {
    pub(crate) async fn of(request: reqwest::RequestBuilder, asked: String) -> Self {
        let response = request.send().await.unwrap_or_else(|error| panic!("{asked}: no answer: {error}"));
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.expect("a whole body").to_vec();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self { status, headers, text, bytes, body, asked }
    }

    /// The body of an answer that must have this status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{} answered {}: {}", self.asked, self.status, self.text);
        self.body.clone()
    }

    /// A refusal that must have this status and this code.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(body["code"], code, "{} answered {}", self.asked, self.text);
        body
    }

    /// The places (pointers or parameters) that a refusal names, in order.
    pub(crate) fn places(&self) -> Vec<String> {
        let errors = self.body["errors"].as_array().cloned().unwrap_or_default();
        let place = |error: &Value| {
            let place = if error["pointer"].is_null() { &error["parameter"] } else { &error["pointer"] };
            place.as_str().unwrap_or_default().to_owned()
        };
        errors.iter().map(place).collect()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
