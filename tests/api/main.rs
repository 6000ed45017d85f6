//! Tests of the service from outside: through HTTP, on SQLite, or on PostgreSQL where `TEST_DATABASE_URL`
//! names a server. Every answer they get is checked against the OpenAPI document.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails, and says where"
)]

mod support;

mod accountants;
mod advances;
mod attachments;
mod availability;
mod boards;
mod bookings;
mod budget_imports;
mod budget_model;
mod budget_year_races;
mod budget_years;
mod budgets;
mod calendars;
mod claims;
mod conference_costs;
mod conferences;
mod document;
mod duties;
mod errors;
mod estimates;
mod forms;
mod fuel;
mod hand_overs;
mod integration;
mod kernel;
mod measures;
mod notifications;
mod obstacles;
mod ops;
mod papers;
mod permissions;
mod process;
mod queues;
mod rates;
mod readiness;
mod receptions;
mod reviews;
mod scheduler;
mod service_accounts;
mod sessions;
mod staff;
mod story;
mod task_life;
mod task_parts;
mod task_templates;
mod travel_claims;
mod travel_edges;
mod travel_orders;
mod trip_edges;
mod trip_logs;
mod trip_races;
mod trips;
mod users;
mod vehicles;
mod verify;
