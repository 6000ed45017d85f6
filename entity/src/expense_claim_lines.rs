//! Lines of a claim. The two keys are filled while the claim is alive, so that one invoice, and one person, day and kind of allowance, is claimed once.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "expense_claim_lines")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub claim_id: Uuid,
    pub position: i64,
    pub kind: String,
    pub incurred_on: Date,
    pub description: String,
    pub claimed_amount: i64,
    pub allowed_amount: Option<i64>,
    pub cut_reason: Option<String>,
    pub invoice_seller_tax_code: Option<String>,
    pub invoice_number: Option<String>,
    pub invoice_issued_on: Option<Date>,
    #[sea_orm(unique)]
    pub live_invoice_key: Option<String>,
    #[sea_orm(unique)]
    pub live_person_day_key: Option<String>,
    /// The refuel that the line claims.
    pub refuel_id: Option<Uuid>,
    /// The refuel while the claim is alive; unique.
    #[sea_orm(unique)]
    pub live_refuel_id: Option<Uuid>,
    /// What the rules allow; nothing where no rule does. What is allowed never exceeds it.
    pub norm_amount: Option<i64>,
    /// The working behind the norm.
    pub norm: Option<Json>,
    /// What the accountant booked it on.
    pub sub_item: Option<String>,
    /// Why it is another sub-item than the kind's own.
    pub sub_item_reason: Option<String>,
    pub budget_line_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
