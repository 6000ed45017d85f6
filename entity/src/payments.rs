//! Money that left the cash desk or came back to it: one payment a claim, one payment an advance, one reversal a
//! payment, for ever.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How money was paid.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethod {
    Cash,
    Transfer,
}

/// What money was paid for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum PaymentKind {
    /// A claim was paid, wholly or what an advance left of it.
    Claim,
    /// An advance was paid out.
    Advance,
    /// The rest of an advance came back.
    Refund,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: PaymentKind,
    pub claim_id: Option<Uuid>,
    pub advance_id: Option<Uuid>,
    pub board_id: Uuid,
    /// The money that changed hands; nothing where an advance covered the whole claim.
    pub amount: i64,
    /// What the advance covered of the claim.
    pub set_off_amount: i64,
    pub method: PaymentMethod,
    pub paid_on: Date,
    pub voucher_number: String,
    #[sea_orm(unique)]
    pub voucher_key: String,
    #[sea_orm(unique)]
    pub reverses_id: Option<Uuid>,
    pub reason: Option<String>,
    pub paid_by_id: Uuid,
    pub approved_by_id: Uuid,
    pub created_at: DateTimeUtc,
    pub created_by_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
