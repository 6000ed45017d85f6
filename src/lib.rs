//! Shared Office: a JSON REST API for an office that serves several boards at once.
//!
//! A tour. [`cli`] reads the command line and [`config`] the settings; [`app`] puts the service together and
//! lists its features. [`http`] is what every endpoint shares on its way in and out, [`write`] the only way to
//! change data, [`db`] the two databases, [`error`] every refusal in two languages, [`workflow`] how the steps
//! of a record are written down, [`clock`] time and ids, [`split`] how a whole is shared out, [`decimal`]
//! numbers with two decimals, [`dated`] rows in force from a day to a day, [`jobs`] what is done without being asked. [`auth`] knows who
//! is asking and what they may do. The other folders are the features, one each, and [`demo`] is a small office
//! to try them in.

pub mod accountants;
pub mod app;
pub mod auth;
pub mod boards;
pub mod bookings;
pub mod budgets;
pub mod claims;
pub mod cli;
pub mod clock;
pub mod conferences;
pub mod config;
pub mod dated;
pub mod db;
pub mod decimal;
pub mod demo;
pub mod duties;
pub mod error;
pub mod forms;
pub mod fuel;
pub mod http;
pub mod integration;
pub mod jobs;
pub mod notifications;
pub mod obstacles;
pub mod ops;
pub mod queues;
pub mod reviews;
pub mod split;
pub mod staff;
pub mod travel;
pub mod trips;
pub mod users;
pub mod vehicles;
pub mod workflow;
pub mod write;
