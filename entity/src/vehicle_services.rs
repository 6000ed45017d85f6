//! What was done to a car in the workshop, and when it is to be done again.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "vehicle_services")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub vehicle_id: Uuid,
    pub kind: String,
    pub done_on: Date,
    pub odometer_km: i64,
    pub cost_amount: Option<i64>,
    pub workshop: Option<String>,
    pub note: Option<String>,
    pub next_due_on: Option<Date>,
    pub next_due_km: Option<i64>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub created_by_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
