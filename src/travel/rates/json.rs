//! Bodies of the rate tables' operations.

use chrono::{DateTime, NaiveDate, Utc};
use entity::rate_tables::{self, RateAuthority, RateScope, Verification, VerificationBasis};
use entity::rates::{self, AmountKind, RateKind};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::decimal::decimal;
use crate::http::input::broken;
use crate::http::reply::Resource;

/// A regulation that sets rates.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "table_in_order"))]
#[schema(examples(json!({
    "code": "QC02-2029", "document_number": "02-QC/VPTU", "issuer": "Văn phòng Tỉnh ủy",
    "title": "Quy chế chi tiêu nội bộ", "authority": "office", "signed_on": "2028-12-20",
    "valid_from": "2029-01-01", "scopes": ["travel", "settings"], "verification": "verified",
    "verification_basis": "office_choice",
})))]
pub struct RateTableIn {
    /// A short name that nobody else has, e.g. `TT40-2017`; case and spaces make no difference.
    #[schema(min_length = 1, max_length = 40)]
    pub code: String,
    #[schema(min_length = 1, max_length = 60)]
    pub document_number: String,
    #[schema(min_length = 1, max_length = 200)]
    pub issuer: String,
    #[schema(min_length = 1, max_length = 500)]
    pub title: String,
    pub authority: RateAuthority,
    pub signed_on: Option<NaiveDate>,
    /// The first day on which the regulation is in force. Its rows begin on it or later.
    pub valid_from: NaiveDate,
    /// The last day; null while no end is known. Rows have days of their own: some outlive their regulation.
    pub valid_to: Option<NaiveDate>,
    #[schema(min_items = 1, max_items = 5)]
    pub scopes: Vec<RateScope>,
    /// How well it is proved.
    pub verification: Verification,
    /// Where it was read.
    pub verification_basis: Option<VerificationBasis>,
    #[schema(min_length = 1, max_length = 1000)]
    pub note: Option<String>,
}

fn table_in_order(body: &RateTableIn) -> Result<(), ValidationError> {
    in_order(body.valid_from, body.valid_to)
}

fn in_order(from: NaiveDate, to: Option<NaiveDate>) -> Result<(), ValidationError> {
    if to.is_some_and(|last| last < from) {
        return Err(broken(
            "valid_to",
            "out_of_range",
            "không được trước valid_from",
            "must not be before valid_from",
        ));
    }
    Ok(())
}

/// A regulation that sets rates.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RateTableOut {
    pub id: Uuid,
    pub version: i64,
    pub code: String,
    pub document_number: String,
    pub issuer: String,
    pub title: String,
    pub authority: RateAuthority,
    pub signed_on: Option<NaiveDate>,
    pub valid_from: NaiveDate,
    /// The last day; null while no end is known.
    pub valid_to: Option<NaiveDate>,
    pub scopes: Vec<RateScope>,
    pub verification: Verification,
    pub verification_basis: Option<VerificationBasis>,
    pub note: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for RateTableOut {
    const COLLECTION: &'static str = "/v1/rate-tables";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl From<rate_tables::Model> for RateTableOut {
    fn from(table: rate_tables::Model) -> Self {
        let rate_tables::Model {
            id,
            code,
            code_key: _,
            document_number,
            issuer,
            title,
            authority,
            signed_on,
            valid_from,
            valid_to,
            scopes,
            verification,
            verification_basis,
            note,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = table;
        Self {
            id,
            version,
            code,
            document_number,
            issuer,
            title,
            authority,
            signed_on,
            valid_from,
            valid_to,
            // The column is written from this type only.
            scopes: serde_json::from_value(scopes).unwrap_or_default(),
            verification,
            verification_basis,
            note,
            created_at,
            updated_at,
            created_by_id,
        }
    }
}

/// Which regulations.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct RateTableFilter {
    /// Regulations of the state, or of the office.
    #[param(inline)]
    pub authority: Option<RateAuthority>,
    /// Regulations in force on this day.
    pub on: Option<NaiveDate>,
}

/// A row of a regulation. `kind` says what it sets, and with it which of the other fields the row has: one that the
/// kind needs and that is missing is refused with `required`, one that it does not have with `not_for_this_kind`.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "rate_in_order"))]
#[schema(examples(json!({
    "kind": "same_day_per_diem", "min_hours": "6.00", "min_one_way_km": "30.00", "unit": "per_person_per_trip",
    "amount": 180_000, "valid_from": "2029-01-01", "verification": "verified",
    "verification_basis": "office_choice",
})))]
pub struct RateIn {
    pub kind: RateKind,
    /// The kind of row that a class of travellers or places is for.
    pub applies_to: Option<RateKind>,
    /// What the row is about within its kind, an open list: the name of a class, `mainland` or `sea_island` for a per
    /// diem, `ordinary_commune` or `difficult_commune` for private transport, the name of a rule or a setting.
    #[schema(pattern = "^[a-z][a-z0-9_]*$", max_length = 60)]
    pub code: Option<String>,
    /// What a class means.
    #[schema(min_length = 1, max_length = 500)]
    pub name: Option<String>,
    /// The same in English.
    #[schema(min_length = 1, max_length = 500)]
    pub name_en: Option<String>,
    /// For whom: the `code` of a row of the kind `traveller_class` in this regulation.
    #[schema(pattern = "^[a-z][a-z0-9_]*$", max_length = 60)]
    pub traveller_class: Option<String>,
    /// Where: the `code` of a row of the kind `place_class` in this regulation; null for any place.
    #[schema(pattern = "^[a-z][a-z0-9_]*$", max_length = 60)]
    pub place_class: Option<String>,
    /// The lowest coefficient of a class of travellers; null for a class that goes by title, which no coefficient
    /// reaches.
    #[schema(min_length = 1, max_length = 4, pattern = r"^[0-9](\.[0-9]{1,2})?$")]
    pub coefficient_from: Option<String>,
    /// The highest one, included; null where there is none.
    #[schema(min_length = 1, max_length = 4, pattern = r"^[0-9](\.[0-9]{1,2})?$")]
    pub coefficient_to: Option<String>,
    /// Hours away from which on the row is paid.
    #[schema(min_length = 1, max_length = 5, pattern = r"^([01]?[0-9]|2[0-3])(\.[0-9]{1,2})?$")]
    pub min_hours: Option<String>,
    /// Km one way from which on the row is paid.
    #[schema(min_length = 1, max_length = 8, pattern = r"^[0-9]{1,5}(\.[0-9]{1,2})?$")]
    pub min_one_way_km: Option<String>,
    /// Litres of petrol for each km.
    #[schema(min_length = 1, max_length = 4, pattern = r"^[0-9](\.[0-9]{1,2})?$")]
    pub litres_per_km: Option<String>,
    #[schema(min_length = 1, max_length = 6, pattern = r"^[0-9]{1,3}(\.[0-9]{1,2})?$")]
    pub percent: Option<String>,
    /// Days on the move in a month from which on the row is paid.
    #[schema(minimum = 0, maximum = 31)]
    pub min_travel_days: Option<i64>,
    /// How many people the room of a ceiling is for.
    #[schema(minimum = 1, maximum = 10)]
    pub standard_occupants: Option<i64>,
    /// What the amount is for, an open list: `per_person_per_day`, `per_person_per_night`, `per_room_per_night`, …
    #[schema(pattern = "^[a-z][a-z0-9_]*$", max_length = 60)]
    pub unit: Option<String>,
    /// `fixed` unless given, where there is an amount.
    pub amount_kind: Option<AmountKind>,
    pub amount: Option<i64>,
    /// What a rule or a setting says where it is no percentage.
    #[schema(min_length = 1, max_length = 200)]
    pub value: Option<String>,
    /// The article of the document.
    #[schema(min_length = 1, max_length = 100)]
    pub article: Option<String>,
    /// The first day. A row about the same that has no last day and begins earlier ends on the day before.
    pub valid_from: NaiveDate,
    /// The last day; null while no end is known.
    pub valid_to: Option<NaiveDate>,
    /// How well it is proved. What is computed has the weakest mark among its rows.
    pub verification: Verification,
    /// Where it was read.
    pub verification_basis: Option<VerificationBasis>,
    /// Not said in so many words where it was read, but concluded.
    #[serde(default)]
    pub inferred: bool,
    #[schema(min_length = 1, max_length = 1000)]
    pub note: Option<String>,
}

fn rate_in_order(body: &RateIn) -> Result<(), ValidationError> {
    in_order(body.valid_from, body.valid_to)
}

/// When a row ends.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"valid_to": "2028-12-31"})))]
pub struct RateEndIn {
    /// The last day on which the row is in force.
    pub valid_to: NaiveDate,
}

/// A row of a regulation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RateOut {
    pub id: Uuid,
    pub version: i64,
    pub rate_table_id: Uuid,
    pub kind: RateKind,
    /// The kind of row that a class is for.
    pub applies_to: Option<RateKind>,
    /// What the row is about within its kind.
    pub code: Option<String>,
    pub name: Option<String>,
    pub name_en: Option<String>,
    pub traveller_class: Option<String>,
    /// Null for any place.
    pub place_class: Option<String>,
    pub coefficient_from: Option<String>,
    /// Included.
    pub coefficient_to: Option<String>,
    pub min_hours: Option<String>,
    pub min_one_way_km: Option<String>,
    pub litres_per_km: Option<String>,
    pub percent: Option<String>,
    pub min_travel_days: Option<i64>,
    pub standard_occupants: Option<i64>,
    pub unit: Option<String>,
    pub amount_kind: Option<AmountKind>,
    pub amount: Option<i64>,
    pub value: Option<String>,
    pub article: Option<String>,
    pub valid_from: NaiveDate,
    /// The last day; null while no end is known.
    pub valid_to: Option<NaiveDate>,
    pub verification: Verification,
    pub verification_basis: Option<VerificationBasis>,
    pub inferred: bool,
    pub note: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for RateOut {
    const COLLECTION: &'static str = "/v1/rates";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl From<rates::Model> for RateOut {
    fn from(rate: rates::Model) -> Self {
        let rates::Model {
            id,
            rate_table_id,
            row_key: _,
            kind,
            applies_to,
            code,
            name,
            name_en,
            traveller_class,
            place_class,
            coefficient_from_hundredths,
            coefficient_to_hundredths,
            min_hours_hundredths,
            min_one_way_km_hundredths,
            litres_per_km_hundredths,
            percent_hundredths,
            min_travel_days,
            standard_occupants,
            unit,
            amount_kind,
            amount,
            value,
            article,
            valid_from,
            valid_to,
            verification,
            verification_basis,
            inferred,
            note,
            // It changes without a new version, so it stays inside.
            last_used_on: _,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = rate;
        Self {
            id,
            version,
            rate_table_id,
            kind,
            applies_to,
            code,
            name,
            name_en,
            traveller_class,
            place_class,
            coefficient_from: coefficient_from_hundredths.map(decimal),
            coefficient_to: coefficient_to_hundredths.map(decimal),
            min_hours: min_hours_hundredths.map(decimal),
            min_one_way_km: min_one_way_km_hundredths.map(decimal),
            litres_per_km: litres_per_km_hundredths.map(decimal),
            percent: percent_hundredths.map(decimal),
            min_travel_days,
            standard_occupants,
            unit,
            amount_kind,
            amount,
            value,
            article,
            valid_from,
            valid_to,
            verification,
            verification_basis,
            inferred,
            note,
            created_at,
            updated_at,
            created_by_id,
        }
    }
}

/// Which rows.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct RateFilter {
    /// Rows of this kind.
    #[param(inline)]
    pub kind: Option<RateKind>,
    /// Rows in force on this day.
    pub on: Option<NaiveDate>,
}
