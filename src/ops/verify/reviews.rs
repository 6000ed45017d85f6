//! Reviews: the figures are those of their digest, two people stand behind an approval, and a review that was superseded
//! was so by its own correction.

use std::collections::BTreeMap;

use entity::reviews::{Column, Entity, Model};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::ops::verify::{Check, Pages};
use crate::reviews::digest;

/// # Errors
/// When the database does not answer.
pub(super) async fn check(db: &impl ConnectionTrait) -> Result<Check, DbErr> {
    let mut check = Check::new("reviews");
    let mut pages = Pages::of(Entity::find(), Column::Id, |review: &Model| review.id);
    while let Some(rows) = pages.next(db, &mut check).await? {
        let corrected = corrected_by(db, &rows).await?;
        for review in &rows {
            compare(&mut check, review, &corrected);
        }
    }
    Ok(check)
}

/// What the successors of these reviews correct.
async fn corrected_by(
    db: &impl ConnectionTrait,
    rows: &[Model],
) -> Result<BTreeMap<Uuid, Option<Uuid>>, DbErr> {
    let successors: Vec<(Uuid, Option<Uuid>)> = Entity::find()
        .filter(Column::Id.is_in(rows.iter().filter_map(|review| review.superseded_by_id)))
        .select_only()
        .columns([Column::Id, Column::SupersedesId])
        .into_tuple()
        .all(db)
        .await?;
    Ok(successors.into_iter().collect())
}

fn compare(check: &mut Check, review: &Model, corrected: &BTreeMap<Uuid, Option<Uuid>>) {
    if digest::holds(review) == Some(false) {
        check.differs(review.id, "the figures are not those of figures_sha256");
    }
    if review.approved_by_id.is_some() && review.approved_by_id == review.drafted_by_id {
        check.differs(review.id, "one person drafted and approved it");
    }
    let Some(successor) = review.superseded_by_id else { return };
    if corrected.get(&successor) != Some(&Some(review.id)) {
        check.differs(review.id, format!("{successor} supersedes it and corrects another review"));
    }
}
