//! Who is asking, and what may they do.
//!
//! [`handlers`] sign people in and out; [`token`] makes access and refresh tokens; [`keys`] the keys of service
//! accounts; [`password`] hashes; [`throttle`] slows guessing down; [`caller`] reads who is behind a token or a key
//! and which roles they have at this moment; [`permissions`] is the one page that says which role may do what, and
//! how far.

pub mod caller;
pub mod deciders;
pub mod handlers;
pub mod json;
pub mod keys;
pub mod password;
pub mod permissions;
pub mod sessions;
pub mod throttle;
pub mod token;

pub(crate) use handlers::configure;

pub const ABOUT: &str = "Signing in and out. Access tokens live ten minutes; a refresh token gives the next one, and is replaced each time. Using an old refresh token again ends its session.";
