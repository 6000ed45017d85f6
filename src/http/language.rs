//! The caller's language: Vietnamese unless English is preferred.

use actix_web::HttpMessage;
use actix_web::http::header::{AcceptLanguage, Header};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Vi,
    En,
}

impl Language {
    /// By `Accept-Language` (RFC 9110); `vi-VN` matches `vi`, an unknown or malformed wish gives Vietnamese.
    pub fn of(request: &impl HttpMessage) -> Self {
        let Ok(wishes) = AcceptLanguage::parse(request) else { return Self::Vi };
        for wish in wishes.ranked() {
            match wish.item().map(|tag| tag.primary_language().to_ascii_lowercase()).as_deref() {
                Some("en") => return Self::En,
                Some("vi") | None => return Self::Vi,
                Some(_) => {}
            }
        }
        Self::Vi
    }

    pub fn tag(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }
}
