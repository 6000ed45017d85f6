//! Norms of a conference's claims: what the plan has for the kinds of cost that a rate binds, at their ceilings, less what
//! other claims of the conference were allowed.

use std::collections::BTreeMap;

use entity::expense_claims::ClaimStatus;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

pub use crate::conferences::costs::estimates::bound::is_bound;

use crate::claims::json::ClaimNormOut;
use crate::claims::store as claims;
use crate::conferences::costs::store;
use crate::error::ApiResult;
use crate::travel::estimates::json::EstimateLine;

/// See the module.
pub struct Norms {
    parts: Vec<EstimateLine>,
    /// What other claims were allowed, by kind.
    taken: BTreeMap<String, i64>,
}

impl Norms {
    /// Nothing for a conference without a plan: then nothing is committed either.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn of(
        db: &impl ConnectionTrait,
        conference_id: Uuid,
        claim_id: Uuid,
    ) -> ApiResult<Option<Self>> {
        let Some(plan) = store::find(db, conference_id).await? else { return Ok(None) };
        let lines = store::estimate(&plan)?.lines;
        let parts = lines.iter().map(|line| line.norm_part()).collect();
        let mut taken: BTreeMap<String, i64> = BTreeMap::new();
        let counts = [ClaimStatus::Verified, ClaimStatus::Approved, ClaimStatus::Paid];
        let living = store::living_claims_of(db, conference_id).await?.into_iter();
        let others = living.filter(|claim| claim.id != claim_id && counts.contains(&claim.status));
        let others: Vec<Uuid> = others.map(|claim| claim.id).collect();
        for line in claims::lines_of(db, others).await?.into_values().flatten() {
            *taken.entry(line.kind).or_default() += line.allowed_amount.unwrap_or_default();
        }
        Ok(Some(Self { parts, taken }))
    }

    /// What is left for a kind; nothing for kinds that are paid as they cost.
    pub fn norm(&self, kind: &str) -> Option<ClaimNormOut> {
        if !is_bound(kind) {
            return None;
        }
        let parts: Vec<EstimateLine> = self.parts.iter().filter(|part| part.kind == kind).cloned().collect();
        let whole: i64 = parts.iter().map(|part| part.amount).sum();
        let taken = self.taken.get(kind).copied().unwrap_or_default();
        Some(ClaimNormOut { amount: (whole - taken).max(0), parts })
    }
}
