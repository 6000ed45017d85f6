//! The legs of a travel order, as planned and as travelled.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How the way of a leg is made.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// A car of the office: no money for the way.
    OfficeCar,
    /// The traveller's own vehicle: litres for the km at the day's price of fuel.
    Private,
    /// Coach, train, ship: the ticket.
    Public,
    /// The ticket, and the boarding pass beside it.
    Air,
    /// A hired vehicle: the invoice.
    Hired,
    /// Somebody else bears the way, or there is none.
    None,
}

/// Where the nights of a leg are spent, and how they are paid.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Lodging {
    /// No night is paid.
    None,
    /// The lump sum of the place, without a receipt.
    LumpSum,
    /// The price of the room by its invoice, up to the ceiling.
    Receipt,
    /// The host gives the room; the per diem stays.
    FreeRoom,
}

/// Why somebody keeps a room for half a day more.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum LateCheckOutCause {
    WorkUntilEndOfDay,
    #[sea_orm(string_value = "transport_only_between_18_and_24")]
    #[serde(rename = "transport_only_between_18_and_24")]
    TransportOnlyBetween18And24,
}

/// Whether a leg was decided or made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum LegKind {
    Planned,
    Actual,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "travel_order_legs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub order_id: Uuid,
    pub kind: LegKind,
    pub position: i64,
    pub from_place: String,
    pub to_place: String,
    pub starts_at: DateTimeUtc,
    pub ends_at: DateTimeUtc,
    pub place_class: Option<String>,
    pub other_place_classes: Json,
    pub transport: Transport,
    pub one_way_km_hundredths: Option<i64>,
    pub round_trip: bool,
    pub difficult_area: bool,
    pub at_sea: bool,
    pub ticket_amount: Option<i64>,
    pub lodging: Lodging,
    pub room_amount: Option<i64>,
    pub room_occupants: Option<i64>,
    pub late_check_out_cause: Option<LateCheckOutCause>,
    pub late_check_out_reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
