//! Every commitment against the spending under it, and every approved or paid claim against its money.

use std::collections::{BTreeMap, BTreeSet};

use entity::budget_entries::{self, BudgetEntryKind};
use entity::commitments::{Column, DocumentType, Entity, Model};
use entity::conference_plans::{self, ConferenceCostStatus};
use entity::expense_claims::{self, ClaimStatus};
use entity::travel_orders::{self, TravelOrderStatus};
use entity::{expense_claim_lines, travel_orders::Entity as Orders};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::ops::verify::{Check, Pages};

/// What papers spent and did not take back, by paper and budget line.
type Spending = BTreeMap<(Uuid, Uuid), i64>;

/// # Errors
/// When the database does not answer.
pub(super) async fn check(db: &impl ConnectionTrait) -> Result<Check, DbErr> {
    let mut check = Check::new("commitments");
    check_commitments(db, &mut check).await?;
    check_claims(db, &mut check).await?;
    Ok(check)
}

async fn check_commitments(db: &impl ConnectionTrait, check: &mut Check) -> Result<(), DbErr> {
    let mut pages = Pages::of(Entity::find(), Column::Id, |row: &Model| row.id);
    while let Some(rows) = pages.next(db, check).await? {
        let spent = spent_under(db, &rows).await?;
        let living = living(db, &rows).await?;
        for row in &rows {
            let counted = spent.get(&(row.document_id, row.budget_line_id)).copied().unwrap_or_default();
            check.equal(row.id, "spent_amount and the spend entries", row.spent_amount, counted);
            let open = open(row);
            if row.closed_at.is_some() && open != 0 {
                check.differs(row.id, format!("it is closed and {open} of it is open"));
            }
            if open > 0 && !living.contains(&row.document_id) {
                let document = row.document_id;
                check.differs(row.id, format!("{open} is open for {document}, which reserves nothing now"));
            }
        }
    }
    Ok(())
}

fn open(row: &Model) -> i64 {
    row.committed_amount - row.spent_amount - row.released_amount
}

/// What was spent under each document: by itself, or by the claims of its journey or conference.
async fn spent_under(db: &impl ConnectionTrait, rows: &[Model]) -> Result<Spending, DbErr> {
    let documents: BTreeSet<Uuid> = rows.iter().map(|row| row.document_id).collect();
    let ground_of = grounds_of_claims(db, &documents).await?;
    let papers = documents.iter().chain(ground_of.keys()).copied().collect();
    let mut spent = Spending::new();
    for ((paper, line_id), amount) in spending(db, &papers).await? {
        let document = ground_of.get(&paper).copied().unwrap_or(paper);
        *spent.entry((document, line_id)).or_default() += amount;
    }
    Ok(spent)
}

/// The travel order or conference that each claim of these documents draws on.
async fn grounds_of_claims(
    db: &impl ConnectionTrait,
    documents: &BTreeSet<Uuid>,
) -> Result<BTreeMap<Uuid, Uuid>, DbErr> {
    use expense_claims::Column;
    let mut grounds = BTreeMap::new();
    for ground in [Column::TravelOrderId, Column::ConferenceId] {
        let claims: Vec<(Uuid, Uuid)> = expense_claims::Entity::find()
            .filter(ground.is_in(documents.iter().copied()))
            .select_only()
            .columns([Column::Id, ground])
            .into_tuple()
            .all(db)
            .await?;
        grounds.extend(claims);
    }
    Ok(grounds)
}

async fn spending(db: &impl ConnectionTrait, papers: &BTreeSet<Uuid>) -> Result<Spending, DbErr> {
    use budget_entries::Column;
    let sums: Vec<(Uuid, Uuid, BudgetEntryKind, i64)> = budget_entries::Entity::find()
        .filter(Column::DocumentId.is_in(papers.iter().copied()))
        .filter(Column::Kind.is_in([BudgetEntryKind::Spend, BudgetEntryKind::Reverse]))
        .select_only()
        .columns([Column::DocumentId, Column::BudgetLineId, Column::Kind])
        .column_as(Column::Amount.sum().cast_as("bigint"), "amount")
        .group_by(Column::DocumentId)
        .group_by(Column::BudgetLineId)
        .group_by(Column::Kind)
        .into_tuple()
        .all(db)
        .await?;
    let mut spent = Spending::new();
    for (paper, line_id, kind, amount) in sums {
        let signed = if kind == BudgetEntryKind::Spend { amount } else { -amount };
        *spent.entry((paper, line_id)).or_default() += signed;
    }
    Ok(spent)
}

/// The documents that may have money reserved now.
async fn living(db: &impl ConnectionTrait, rows: &[Model]) -> Result<BTreeSet<Uuid>, DbErr> {
    use TravelOrderStatus::{Approved, Completed};
    let of = |kind: DocumentType| {
        let of_kind = rows.iter().filter(move |row| row.document_type == kind);
        of_kind.map(|row| row.document_id).collect::<BTreeSet<Uuid>>()
    };
    let orders: Vec<Uuid> = Orders::find()
        .filter(travel_orders::Column::Id.is_in(of(DocumentType::TravelOrder)))
        .filter(travel_orders::Column::Status.is_in([Approved, Completed]))
        .select_only()
        .column(travel_orders::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    let claims: Vec<Uuid> = expense_claims::Entity::find()
        .filter(expense_claims::Column::Id.is_in(of(DocumentType::ExpenseClaim)))
        .filter(expense_claims::Column::Status.eq(ClaimStatus::Approved))
        .select_only()
        .column(expense_claims::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    // A changed plan waits with what the one before it committed.
    let conferences: Vec<Uuid> = conference_plans::Entity::find()
        .filter(conference_plans::Column::ConferenceId.is_in(of(DocumentType::Conference)))
        .filter(
            conference_plans::Column::Status
                .is_in([ConferenceCostStatus::Planned, ConferenceCostStatus::Committed]),
        )
        .select_only()
        .column(conference_plans::Column::ConferenceId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(orders.into_iter().chain(claims).chain(conferences).collect())
}

async fn check_claims(db: &impl ConnectionTrait, check: &mut Check) -> Result<(), DbErr> {
    use expense_claims::{Column, Entity, Model};
    let with_money = [ClaimStatus::Approved, ClaimStatus::Paid, ClaimStatus::Reversed];
    let select = Entity::find().filter(Column::Status.is_in(with_money));
    let mut pages = Pages::of(select, Column::Id, |claim: &Model| claim.id);
    while let Some(claims) = pages.next(db, check).await? {
        let ids: BTreeSet<Uuid> = claims.iter().map(|claim| claim.id).collect();
        let mut spent: BTreeMap<Uuid, i64> = BTreeMap::new();
        for ((paper, _), amount) in spending(db, &ids).await? {
            *spent.entry(paper).or_default() += amount;
        }
        let reserved = reserved_for(db, &ids).await?;
        let older = older_than_the_budget(db, &ids).await?;
        for claim in claims.iter().filter(|claim| !older.contains(&claim.id)) {
            let allowed = claim.allowed_amount.unwrap_or_default();
            let should = if claim.status == ClaimStatus::Paid { allowed } else { 0 };
            let counted = spent.get(&claim.id).copied().unwrap_or_default();
            check.equal(claim.id, "what the claim should have spent and the entries", should, counted);
            let by_itself = claim.travel_order_id.is_none() && claim.conference_id.is_none();
            if claim.status == ClaimStatus::Approved && by_itself {
                let open = reserved.get(&claim.id).copied().unwrap_or_default();
                check.equal(claim.id, "allowed_amount and what is reserved for it", allowed, open);
            }
        }
    }
    Ok(())
}

async fn reserved_for(
    db: &impl ConnectionTrait,
    documents: &BTreeSet<Uuid>,
) -> Result<BTreeMap<Uuid, i64>, DbErr> {
    let rows = Entity::find().filter(Column::DocumentId.is_in(documents.iter().copied())).all(db).await?;
    let mut found: BTreeMap<Uuid, i64> = BTreeMap::new();
    for row in &rows {
        *found.entry(row.document_id).or_default() += open(row);
    }
    Ok(found)
}

/// Claims that were verified before there were budget lines: their money is in no ledger.
async fn older_than_the_budget(
    db: &impl ConnectionTrait,
    claims: &BTreeSet<Uuid>,
) -> Result<BTreeSet<Uuid>, DbErr> {
    use expense_claim_lines::Column;
    let ids: Vec<Uuid> = expense_claim_lines::Entity::find()
        .filter(Column::ClaimId.is_in(claims.iter().copied()))
        .filter(Column::AllowedAmount.gt(0))
        .filter(Column::BudgetLineId.is_null())
        .select_only()
        .column(Column::ClaimId)
        .distinct()
        .into_tuple()
        .all(db)
        .await?;
    Ok(ids.into_iter().collect())
}
