//! Rows of rate tables, dated. One shape for all kinds: what a kind does not use is null.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use crate::rate_tables::VerificationBasis;
pub use crate::verification::Verification;

/// What a row sets.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum RateKind {
    /// A class of travellers by the coefficient of their position, for the kind in `applies_to`.
    TravellerClass,
    /// A class of places, for the kind in `applies_to`.
    PlaceClass,
    /// Per day away; `code` is `mainland` or `sea_island`.
    PerDiem,
    /// For a journey out and back on one day, from so many hours and km on.
    SameDayPerDiem,
    /// Per night without a receipt.
    LodgingLumpSum,
    /// The most that a room may cost by its invoice.
    LodgingReceiptCeiling,
    /// How nights are paid; `code` says which rule, `percent` or `value` what it says.
    LodgingRule,
    /// Per month, from so many days on the move on.
    MonthlyLumpSum,
    /// The traveller's own vehicle: litres for each km; `code` is the kind of commune.
    PrivateTransport,
    ConferenceRefreshments,
    /// `code` says for whom.
    ConferenceMealSupport,
    /// The most that catering may cost, in percent of meal support; `code` says for whom.
    ConferenceCatering,
    /// `code` is `drinks`, `meal` or `gift`.
    Hospitality,
    /// A choice of the office; `code` says which, `value` what was chosen.
    OfficeSetting,
}

/// How an amount is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum AmountKind {
    /// Exactly this.
    Fixed,
    /// At most this.
    UpTo,
    /// Nothing at all.
    Forbidden,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rates")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub rate_table_id: Uuid,
    /// What the row is about within its table; of rows with one key, one is in force at a time.
    pub row_key: String,
    pub kind: RateKind,
    pub applies_to: Option<RateKind>,
    pub code: Option<String>,
    pub name: Option<String>,
    pub name_en: Option<String>,
    pub traveller_class: Option<String>,
    pub place_class: Option<String>,
    pub coefficient_from_hundredths: Option<i64>,
    /// Included.
    pub coefficient_to_hundredths: Option<i64>,
    pub min_hours_hundredths: Option<i64>,
    pub min_one_way_km_hundredths: Option<i64>,
    pub litres_per_km_hundredths: Option<i64>,
    pub percent_hundredths: Option<i64>,
    pub min_travel_days: Option<i64>,
    pub standard_occupants: Option<i64>,
    pub unit: Option<String>,
    pub amount_kind: Option<AmountKind>,
    pub amount: Option<i64>,
    pub value: Option<String>,
    pub article: Option<String>,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    pub verification: Verification,
    pub verification_basis: Option<VerificationBasis>,
    pub inferred: bool,
    pub note: Option<String>,
    /// The last day that something kept was priced by the row; null while nothing was.
    pub last_used_on: Option<Date>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub created_by_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
