//! The schema, one table (with its keys and constraints) per file, for SQLite and PostgreSQL alike.
//!
//! Tables are written once in SQL; [`ddl::table`] fills in the few type names in which the engines
//! differ, and [`ddl::no_overlap`] states "these periods never overlap" as an exclusion constraint on
//! PostgreSQL and as triggers on SQLite. Constraint names are part of the contract between schema and
//! service: the service maps each of them to an answer for the caller.

pub use sea_orm_migration::prelude::*;

mod ddl;
mod m01_boards;
mod m02_board_successions;
mod m03_staff;
mod m04_appointments;
mod m05_users;
mod m06_user_roles;
mod m07_sessions;
mod m08_login_throttles;
mod m09_accountants;
mod m10_accountant_assignments;
mod m11_vehicles;
mod m12_drivers;
mod m13_vehicle_downtimes;
mod m14_driver_absences;
mod m15_holds;
mod m16_vehicle_bookings;
mod m17_expense_claims;
mod m18_expense_claim_lines;
mod m19_expense_claim_gaps;
mod m20_payments;
mod m21_conferences;
mod m22_conference_tasks;
mod m23_task_coordinators;
mod m24_task_holders;
mod m25_task_objections;
mod m26_audit_events;
mod m27_changes;
mod m28_idempotency_keys;
mod m29_number_series;
mod m30_service_accounts;
mod m31_service_keys;
mod m32_trips;
mod m33_trip_bookings;
mod m34_odometer_entries;
mod m35_odometer_corrections;
mod m36_booking_confirmations;
mod m37_vehicle_papers;
mod m38_vehicle_services;
mod m39_licence_classes;
mod m40_fuel_norms;
mod m41_fuel_prices;
mod m42_refuels;
mod m43_fuel_statements;
mod m44_fuel_tolerances;
mod m45_calendar_feeds;
mod m46_driver_hours_rules;
mod m47_claimed_refuels;
mod m48_holds_by_start;
mod m49_rate_tables;
mod m50_rates;
mod m51_state_rates;
mod m53_travel_orders;
mod m54_travel_order_legs;
mod m55_travel_order_travellers;
mod m58_advances;
mod m59_payments_of_advances;
mod m60_claims_of_orders;
mod m61_claim_norms;
mod m62_claim_papers;
mod m64_attachments;
mod m65_attachment_leftovers;
mod m66_sub_items;
mod m67_budget_lines;
mod m68_budget_entries;
mod m69_budget_transfers;
mod m70_commitments;
mod m71_funds_of_claims;
mod m72_funds_of_orders;
mod m73_budget_imports;
mod m75_budget_years;
mod m77_task_hand_overs;
mod m78_task_parts;
mod m79_task_periods_stay;
mod m80_office_units;
mod m81_duties;
mod m82_task_templates;
mod m83_applied_templates;
mod m84_task_dependencies;
mod m85_conference_plans;
mod m86_papers_of_conferences;
mod m87_receptions;
mod m88_reception_guests;
mod m89_reception_legs;
mod m90_obstacles;
mod m91_obstacle_boards;
mod m92_measures;
mod m93_measure_consents;
mod m94_job_runs;
mod m95_notifications;
mod m96_sessions_by_end;
mod m97_reviews;
mod m98_returns_by_time;
mod seeds;

pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m01_boards::Migration),
            Box::new(m02_board_successions::Migration),
            Box::new(m03_staff::Migration),
            Box::new(m04_appointments::Migration),
            Box::new(m05_users::Migration),
            Box::new(m06_user_roles::Migration),
            Box::new(m07_sessions::Migration),
            Box::new(m08_login_throttles::Migration),
            Box::new(m09_accountants::Migration),
            Box::new(m10_accountant_assignments::Migration),
            Box::new(m11_vehicles::Migration),
            Box::new(m12_drivers::Migration),
            Box::new(m13_vehicle_downtimes::Migration),
            Box::new(m14_driver_absences::Migration),
            Box::new(m15_holds::Migration),
            Box::new(m16_vehicle_bookings::Migration),
            Box::new(m17_expense_claims::Migration),
            Box::new(m18_expense_claim_lines::Migration),
            Box::new(m19_expense_claim_gaps::Migration),
            Box::new(m20_payments::Migration),
            Box::new(m21_conferences::Migration),
            Box::new(m22_conference_tasks::Migration),
            Box::new(m23_task_coordinators::Migration),
            Box::new(m24_task_holders::Migration),
            Box::new(m25_task_objections::Migration),
            Box::new(m26_audit_events::Migration),
            Box::new(m27_changes::Migration),
            Box::new(m28_idempotency_keys::Migration),
            Box::new(m29_number_series::Migration),
            Box::new(m30_service_accounts::Migration),
            Box::new(m31_service_keys::Migration),
            Box::new(m32_trips::Migration),
            Box::new(m33_trip_bookings::Migration),
            Box::new(m34_odometer_entries::Migration),
            Box::new(m35_odometer_corrections::Migration),
            Box::new(m36_booking_confirmations::Migration),
            Box::new(m37_vehicle_papers::Migration),
            Box::new(m38_vehicle_services::Migration),
            Box::new(m39_licence_classes::Migration),
            Box::new(m40_fuel_norms::Migration),
            Box::new(m41_fuel_prices::Migration),
            Box::new(m42_refuels::Migration),
            Box::new(m43_fuel_statements::Migration),
            Box::new(m44_fuel_tolerances::Migration),
            Box::new(m45_calendar_feeds::Migration),
            Box::new(m46_driver_hours_rules::Migration),
            Box::new(m47_claimed_refuels::Migration),
            Box::new(m48_holds_by_start::Migration),
            Box::new(m49_rate_tables::Migration),
            Box::new(m50_rates::Migration),
            Box::new(m51_state_rates::Migration),
            Box::new(m53_travel_orders::Migration),
            Box::new(m54_travel_order_legs::Migration),
            Box::new(m55_travel_order_travellers::Migration),
            Box::new(m58_advances::Migration),
            Box::new(m59_payments_of_advances::Migration),
            Box::new(m60_claims_of_orders::Migration),
            Box::new(m61_claim_norms::Migration),
            Box::new(m62_claim_papers::Migration),
            Box::new(m64_attachments::Migration),
            Box::new(m65_attachment_leftovers::Migration),
            Box::new(m66_sub_items::Migration),
            Box::new(m67_budget_lines::Migration),
            Box::new(m68_budget_entries::Migration),
            Box::new(m69_budget_transfers::Migration),
            Box::new(m70_commitments::Migration),
            Box::new(m71_funds_of_claims::Migration),
            Box::new(m72_funds_of_orders::Migration),
            Box::new(m73_budget_imports::Migration),
            Box::new(m75_budget_years::Migration),
            Box::new(m77_task_hand_overs::Migration),
            Box::new(m78_task_parts::Migration),
            Box::new(m79_task_periods_stay::Migration),
            Box::new(m80_office_units::Migration),
            Box::new(m81_duties::Migration),
            Box::new(m82_task_templates::Migration),
            Box::new(m83_applied_templates::Migration),
            Box::new(m84_task_dependencies::Migration),
            Box::new(m85_conference_plans::Migration),
            Box::new(m86_papers_of_conferences::Migration),
            Box::new(m87_receptions::Migration),
            Box::new(m88_reception_guests::Migration),
            Box::new(m89_reception_legs::Migration),
            Box::new(m90_obstacles::Migration),
            Box::new(m91_obstacle_boards::Migration),
            Box::new(m92_measures::Migration),
            Box::new(m93_measure_consents::Migration),
            Box::new(m94_job_runs::Migration),
            Box::new(m95_notifications::Migration),
            Box::new(m96_sessions_by_end::Migration),
            Box::new(m97_reviews::Migration),
            Box::new(m98_returns_by_time::Migration),
        ]
    }
}
