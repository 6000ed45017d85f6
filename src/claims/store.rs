//! Every query about claims and their lines.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use entity::expense_claim_gaps::{self, Entity as Gaps};
use entity::expense_claim_lines::{self, Entity as Lines, Model as Line};
use entity::expense_claim_papers;
use entity::expense_claims::{ActiveModel, ClaimStatus, Column, Entity, Model};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Select, Set,
};
use uuid::Uuid;

use crate::auth::permissions::{Action, Reach};
use crate::claims::json::{
    ClaimFilter, ClaimGapIn, ClaimIn, ClaimLineIn, ClaimPaperIn, ClaimPatch, ClaimSort,
};
use crate::claims::rules;
use crate::error::{ApiError, ApiResult, Code, FieldError};
use crate::http::call::Call;
use crate::http::document::ProblemGap;
use crate::http::page::Order;
use crate::http::text::{contains_pattern, search_key};
use crate::write::{Event, ROW_LOCK, Tx};

/// The kind of record in history and change feed.
pub const TYPE: &str = "expense_claim";

/// Claims within the caller's reach; the others do not exist for them.
fn visible(call: &Call) -> Select<Entity> {
    match call.reach(Action::ReadClaims) {
        Reach::Office => Entity::find(),
        Reach::Boards(boards) => {
            // Also for a journey on which another board sent them.
            let mine = call.caller.staff_in_any_board().map(|me| Column::ClaimantId.eq(me));
            Entity::find().filter(Condition::any().add(Column::BoardId.is_in(boards)).add_option(mine))
        }
        Reach::None => Entity::find().filter(Condition::any().add(Expr::value(false))),
    }
}

pub fn select(call: &Call, filter: &ClaimFilter) -> Select<Entity> {
    let mut select = visible(call);
    if let Some(board_id) = filter.board_id {
        select = select.filter(Column::BoardId.eq(board_id));
    }
    if let Some(status) = &filter.status {
        select = select.filter(Column::Status.is_in(status.iter().copied()));
    }
    if let Some(kind) = filter.kind {
        select = select.filter(Column::Kind.eq(kind));
    }
    if let Some(claimant_id) = filter.claimant_id {
        select = select.filter(Column::ClaimantId.eq(claimant_id));
    }
    if let Some(order_id) = filter.travel_order_id {
        select = select.filter(Column::TravelOrderId.eq(order_id));
    }
    if let Some(conference_id) = filter.conference_id {
        select = select.filter(Column::ConferenceId.eq(conference_id));
    }
    if let Some(from) = filter.created_at_from {
        select = select.filter(Column::CreatedAt.gte(from));
    }
    if let Some(before) = filter.created_at_before {
        select = select.filter(Column::CreatedAt.lt(before));
    }
    if let Some(query) = &filter.q {
        select = select.filter(Expr::col(Column::Search).like(LikeExpr::new(contains_pattern(query))));
    }
    select
}

pub fn order(sort: Option<ClaimSort>) -> Order<Entity> {
    let (column, descending) = match sort.unwrap_or_default() {
        ClaimSort::CreatedAt => (Column::CreatedAt, false),
        ClaimSort::CreatedAtDescending => (Column::CreatedAt, true),
        ClaimSort::ClaimedAmount => (Column::ClaimedAmount, false),
        ClaimSort::ClaimedAmountDescending => (Column::ClaimedAmount, true),
    };
    Order { column, descending }
}

/// # Errors
/// 404, the same for a claim outside the caller's boards: they must not learn that it exists.
pub async fn find(db: &impl ConnectionTrait, call: &Call, id: Uuid) -> ApiResult<Model> {
    visible(call).filter(Column::Id.eq(id)).one(db).await?.ok_or_else(ApiError::not_found)
}

/// The claim, locked until the transaction ends.
///
/// # Errors
/// As [`find`].
pub async fn find_for_update(tx: &Tx, call: &Call, id: Uuid) -> ApiResult<Model> {
    let select = visible(call).filter(Column::Id.eq(id)).lock(ROW_LOCK);
    select.one(tx.db()).await?.ok_or_else(ApiError::not_found)
}

/// Whether somebody's claim of an order was paid.
///
/// # Errors
/// When the database does not answer.
pub async fn paid_for(db: &impl ConnectionTrait, order_id: Uuid, claimant_id: Uuid) -> ApiResult<bool> {
    let select = Entity::find()
        .filter(Column::TravelOrderId.eq(order_id))
        .filter(Column::ClaimantId.eq(claimant_id))
        .filter(Column::Status.eq(ClaimStatus::Paid));
    Ok(select.one(db).await?.is_some())
}

/// The lines of these claims in their order; one query for a page.
///
/// # Errors
/// When the database does not answer.
pub async fn lines_of(
    db: &impl ConnectionTrait,
    claims: impl IntoIterator<Item = Uuid>,
) -> ApiResult<BTreeMap<Uuid, Vec<Line>>> {
    use expense_claim_lines::Column;
    let rows = Lines::find().filter(Column::ClaimId.is_in(claims)).order_by_asc(Column::Position);
    let mut found: BTreeMap<Uuid, Vec<Line>> = BTreeMap::new();
    for line in rows.all(db).await? {
        found.entry(line.claim_id).or_default().push(line);
    }
    Ok(found)
}

/// What was found missing when these claims were returned; one query for a page.
///
/// # Errors
/// When the database does not answer.
pub async fn gaps_of(
    db: &impl ConnectionTrait,
    claims: impl IntoIterator<Item = Uuid>,
) -> ApiResult<BTreeMap<Uuid, Vec<ProblemGap>>> {
    use expense_claim_gaps::Column;
    // The ids of one return are of one moment and not in order; the line and the code are.
    let rows = Gaps::find()
        .filter(Column::ClaimId.is_in(claims))
        .order_by_asc(Column::LinePosition)
        .order_by_asc(Column::Code)
        .order_by_asc(Column::Id);
    let mut found: BTreeMap<Uuid, Vec<ProblemGap>> = BTreeMap::new();
    for gap in rows.all(db).await? {
        let shown = ProblemGap { code: gap.code, line: gap.line_position, detail: gap.detail };
        found.entry(gap.claim_id).or_default().push(shown);
    }
    Ok(found)
}

/// # Errors
/// When the database does not take it.
pub async fn insert(tx: &Tx, body: &ClaimIn, claimant_id: Uuid, claimed_amount: i64) -> ApiResult<Model> {
    let ClaimIn { board_id, kind, purpose, travel_order_id, conference_id, lines, papers } = body.clone();
    let number = tx.next_number("EC").await?;
    let claim = ActiveModel {
        id: Set(tx.id()),
        search: Set(search_key(&format!("{number} {purpose}"))),
        number: Set(number),
        board_id: Set(board_id),
        kind: Set(kind),
        claimant_id: Set(claimant_id),
        purpose: Set(purpose),
        travel_order_id: Set(travel_order_id),
        conference_id: Set(conference_id),
        deadline_on: Set(None),
        submitted_on: Set(None),
        funding_source: Set(None),
        status: Set(ClaimStatus::Draft),
        waiting_since: Set(tx.now),
        claimed_amount: Set(claimed_amount),
        allowed_amount: Set(None),
        confirmed_by_id: Set(None),
        verified_by_id: Set(None),
        approved_by_id: Set(None),
        paid_by_id: Set(None),
        payment_id: Set(None),
        reversal_asked_by_id: Set(None),
        reversal_reason: Set(None),
        decision_reason: Set(None),
        version: Set(1),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        created_by_id: Set(tx.actor.user_id),
    };
    let claim = claim.insert(tx.db()).await?;
    insert_lines(tx, claim.id, lines).await?;
    insert_papers(tx, claim.id, papers).await?;
    let event = Event::new("create", TYPE, claim.id, 1).of_board(board_id);
    tx.record(event.with(serde_json::json!({"claimed_amount": claimed_amount}))).await?;
    Ok(claim)
}

async fn insert_lines(tx: &Tx, claim_id: Uuid, lines: Vec<ClaimLineIn>) -> ApiResult<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let rows = (0_i64..).zip(lines).map(|(position, line)| {
        let ClaimLineIn { kind, incurred_on, description, claimed_amount, invoice, refuel_id } = line;
        let (seller, number, issued_on) = match invoice {
            Some(invoice) => (Some(invoice.seller_tax_code), Some(invoice.number), Some(invoice.issued_on)),
            None => (None, None, None),
        };
        expense_claim_lines::ActiveModel {
            id: Set(tx.id()),
            claim_id: Set(claim_id),
            position: Set(position),
            kind: Set(kind),
            incurred_on: Set(incurred_on),
            description: Set(description),
            claimed_amount: Set(claimed_amount),
            allowed_amount: Set(None),
            cut_reason: Set(None),
            invoice_seller_tax_code: Set(seller),
            invoice_number: Set(number),
            invoice_issued_on: Set(issued_on),
            live_invoice_key: Set(None),
            live_person_day_key: Set(None),
            refuel_id: Set(refuel_id),
            // A refuel is taken from the draft on: its claim is made from it, not typed.
            live_refuel_id: Set(refuel_id),
            norm_amount: Set(None),
            norm: Set(None),
            sub_item: Set(None),
            sub_item_reason: Set(None),
            budget_line_id: Set(None),
        }
    });
    Lines::insert_many(rows).exec_without_returning(tx.db()).await?;
    Ok(())
}

async fn insert_papers(tx: &Tx, claim_id: Uuid, papers: Vec<ClaimPaperIn>) -> ApiResult<()> {
    if papers.is_empty() {
        return Ok(());
    }
    let rows = (0_i64..).zip(papers).map(|(position, paper)| expense_claim_papers::ActiveModel {
        id: Set(tx.id()),
        claim_id: Set(claim_id),
        position: Set(position),
        kind: Set(paper.kind),
        line_position: Set(paper.line),
        stamped: Set(paper.stamped),
    });
    expense_claim_papers::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// The papers of these claims in their order; one query for a page.
///
/// # Errors
/// When the database does not answer.
pub async fn papers_of(
    db: &impl ConnectionTrait,
    claims: impl IntoIterator<Item = Uuid>,
) -> ApiResult<BTreeMap<Uuid, Vec<expense_claim_papers::Model>>> {
    use expense_claim_papers::{Column, Entity};
    let rows = Entity::find().filter(Column::ClaimId.is_in(claims)).order_by_asc(Column::Position);
    let mut found: BTreeMap<Uuid, Vec<expense_claim_papers::Model>> = BTreeMap::new();
    for paper in rows.all(db).await? {
        found.entry(paper.claim_id).or_default().push(paper);
    }
    Ok(found)
}

/// The approved claims of an order or a conference that are not paid yet, without one of them.
///
/// # Errors
/// When the database does not answer.
pub async fn approved_beside(
    db: &impl ConnectionTrait,
    ground_id: Uuid,
    claim_id: Uuid,
) -> ApiResult<Vec<Uuid>> {
    let of_ground = Column::TravelOrderId.eq(ground_id).or(Column::ConferenceId.eq(ground_id));
    let select = Entity::find()
        .filter(of_ground)
        .filter(Column::Status.eq(ClaimStatus::Approved))
        .filter(Column::Id.ne(claim_id));
    Ok(select.select_only().column(Column::Id).into_tuple().all(db).await?)
}

/// Keeps by when a claim is to be submitted. It is no change of its own: it goes with the one that wrote the claim.
///
/// # Errors
/// When the database does not take it.
pub async fn set_deadline(tx: &Tx, mut claim: Model, deadline_on: Option<NaiveDate>) -> ApiResult<Model> {
    if claim.deadline_on != deadline_on {
        Entity::update_many()
            .col_expr(Column::DeadlineOn, Expr::value(deadline_on))
            .filter(Column::Id.eq(claim.id))
            .exec(tx.db())
            .await?;
        claim.deadline_on = deadline_on;
    }
    Ok(claim)
}

/// Changes what the claimant may change. New lines take the place of all lines, and of what was allowed of
/// the old ones.
///
/// # Errors
/// 412 if the claim changed in between.
pub async fn update(tx: &Tx, claim: Model, patch: ClaimPatch, total: Option<i64>) -> ApiResult<Model> {
    let ClaimPatch { kind, purpose, travel_order_id, conference_id, lines, papers } = patch;
    let mut changed = claim.clone().into_active_model();
    if let Some(kind) = kind {
        changed.kind = Set(kind);
    }
    if let Some(purpose) = purpose {
        changed.search = Set(search_key(&format!("{} {purpose}", claim.number)));
        changed.purpose = Set(purpose);
    }
    if let Some(travel_order_id) = travel_order_id {
        changed.travel_order_id = Set(travel_order_id);
    }
    if let Some(conference_id) = conference_id {
        changed.conference_id = Set(conference_id);
    }
    if let (Some(lines), Some(total)) = (lines, total) {
        changed.claimed_amount = Set(total);
        changed.allowed_amount = Set(None);
        let of_claim = expense_claim_lines::Column::ClaimId.eq(claim.id);
        Lines::delete_many().filter(of_claim).exec(tx.db()).await?;
        insert_lines(tx, claim.id, lines).await?;
    }
    if let Some(papers) = papers {
        let of_claim = expense_claim_papers::Column::ClaimId.eq(claim.id);
        expense_claim_papers::Entity::delete_many().filter(of_claim).exec(tx.db()).await?;
        insert_papers(tx, claim.id, papers).await?;
    }
    let event = Event::new("update", TYPE, claim.id, claim.version + 1)
        .with(serde_json::json!({"claimed_amount": total.unwrap_or(claim.claimed_amount)}));
    save(tx, &claim, changed, event).await
}

/// Writes a changed claim, its next version and its event.
///
/// # Errors
/// 412 if the claim changed in between.
pub async fn save(tx: &Tx, before: &Model, mut changed: ActiveModel, event: Event<'_>) -> ApiResult<Model> {
    changed.version = Set(before.version + 1);
    changed.updated_at = Set(tx.now);
    let saved =
        Entity::update(changed).validate()?.filter(Column::Version.eq(before.version)).exec(tx.db()).await?;
    tx.record(event.of_board(before.board_id)).await?;
    Ok(saved)
}

/// Starts a round of a claim: no hand but the claimant's, nothing allowed, no gaps. History keeps the rest.
///
/// # Errors
/// When the database does not answer.
pub async fn start_round(tx: &Tx, claim_id: Uuid) -> ApiResult<()> {
    use expense_claim_lines::Column;
    Gaps::delete_many().filter(expense_claim_gaps::Column::ClaimId.eq(claim_id)).exec(tx.db()).await?;
    Lines::update_many()
        .col_expr(Column::AllowedAmount, Expr::value(Option::<i64>::None))
        .col_expr(Column::CutReason, Expr::value(Option::<String>::None))
        .filter(Column::ClaimId.eq(claim_id))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Takes the invoices and person-days of a claim. The unique keys are the guarantee; the look before them
/// names every line that clashes, not only the first.
///
/// # Errors
/// 409 `duplicate_invoice` or `duplicate_person_day` with the lines.
pub async fn take_keys(tx: &Tx, claim: &Model, lines: &[Line]) -> ApiResult<()> {
    let mut wanted: Vec<Wanted<'_>> = lines.iter().flat_map(|line| Wanted::of(claim, line)).collect();
    // Two claims with the same invoices take them in the same order, so neither waits for the other in a ring.
    wanted.sort_by(|one, other| one.key.cmp(&other.key));
    let taken = taken_keys(tx, claim.id, &wanted).await?;
    let mut seen = BTreeSet::new();
    let mut clashes: Vec<&Wanted<'_>> =
        wanted.iter().filter(|want| !seen.insert(&want.key) || taken.contains(&want.key)).collect();
    clashes.sort_by_key(|clash| clash.line.position);
    if let Some(first) = clashes.first() {
        let errors = clashes.iter().map(|clash| clash.error(clash.code)).collect();
        return Err(ApiError::new(first.code, first.code.title()).with_errors(errors));
    }
    for want in wanted {
        // Only the key: the line may have taken its other one a moment ago.
        let mut line = expense_claim_lines::ActiveModel { id: Set(want.line.id), ..Default::default() };
        match want.code {
            Code::DuplicateInvoice => line.live_invoice_key = Set(Some(want.key.clone())),
            _ => line.live_person_day_key = Set(Some(want.key.clone())),
        }
        line.update(tx.db()).await.map_err(|error| {
            let error = ApiError::from(error);
            if error.code() == want.code { error.with_errors(vec![want.error(want.code)]) } else { error }
        })?;
    }
    Ok(())
}

/// A key that a line wants to take, and the refusal if somebody else has it.
struct Wanted<'a> {
    line: &'a Line,
    key: String,
    code: Code,
}

impl<'a> Wanted<'a> {
    fn of(claim: &Model, line: &'a Line) -> Vec<Self> {
        let person_day = rules::person_day_key(claim, line).map(|key| (key, Code::DuplicatePersonDay));
        let invoice = rules::invoice_key(line).map(|key| (key, Code::DuplicateInvoice));
        [person_day, invoice].into_iter().flatten().map(|(key, code)| Self { line, key, code }).collect()
    }

    fn error(&self, code: Code) -> FieldError {
        FieldError::body(&format!("lines/{}", self.line.position), code.name(), code.title())
    }
}

async fn taken_keys(tx: &Tx, claim_id: Uuid, wanted: &[Wanted<'_>]) -> ApiResult<BTreeSet<String>> {
    use expense_claim_lines::Column;
    let keys: Vec<String> = wanted.iter().map(|want| want.key.clone()).collect();
    let either = Condition::any()
        .add(Column::LiveInvoiceKey.is_in(keys.clone()))
        .add(Column::LivePersonDayKey.is_in(keys));
    let rows = Lines::find().filter(either).filter(Column::ClaimId.ne(claim_id)).all(tx.db()).await?;
    Ok(rows.into_iter().flat_map(|row| [row.live_invoice_key, row.live_person_day_key]).flatten().collect())
}

/// Gives the invoices and person-days of a claim free.
///
/// # Errors
/// When the database does not answer.
pub async fn free_keys(tx: &Tx, claim_id: Uuid) -> ApiResult<()> {
    use expense_claim_lines::Column;
    Lines::update_many()
        .col_expr(Column::LiveInvoiceKey, Expr::value(Option::<String>::None))
        .col_expr(Column::LivePersonDayKey, Expr::value(Option::<String>::None))
        .filter(Column::ClaimId.eq(claim_id))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Gives the refuels of a claim that ended free. A claim that was only returned keeps them.
///
/// # Errors
/// When the database does not answer.
pub async fn free_refuels(tx: &Tx, claim_id: Uuid) -> ApiResult<()> {
    use expense_claim_lines::Column;
    Lines::update_many()
        .col_expr(Column::LiveRefuelId, Expr::value(Option::<Uuid>::None))
        .filter(Column::ClaimId.eq(claim_id))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Writes down what is allowed of each line.
///
/// # Errors
/// When the database does not take it.
pub async fn save_verdicts(tx: &Tx, lines: &[Line]) -> ApiResult<()> {
    for line in lines {
        let mut verdict = line.clone().into_active_model();
        verdict.allowed_amount = Set(line.allowed_amount);
        verdict.cut_reason = Set(line.cut_reason.clone());
        verdict.sub_item = Set(line.sub_item.clone());
        verdict.sub_item_reason = Set(line.sub_item_reason.clone());
        verdict.budget_line_id = Set(line.budget_line_id);
        verdict.update(tx.db()).await?;
    }
    Ok(())
}

/// Keeps all that a returned claim lacks: what the caller named and what is missing anyway.
///
/// # Errors
/// When the database does not take it.
pub async fn save_gaps(
    tx: &Tx,
    claim_id: Uuid,
    found_by_id: Uuid,
    given: &[ClaimGapIn],
    missing: Vec<ProblemGap>,
) -> ApiResult<Vec<ProblemGap>> {
    let given = given.iter().map(|gap| {
        let ClaimGapIn { code, line, detail } = gap.clone();
        ProblemGap { code, line, detail }
    });
    let mut all: Vec<ProblemGap> = given.collect();
    let named = |gap: &ProblemGap, all: &[ProblemGap]| {
        all.iter().any(|other| other.code == gap.code && other.line == gap.line)
    };
    for gap in missing {
        if !named(&gap, &all) {
            all.push(gap);
        }
    }
    for gap in &all {
        let row = expense_claim_gaps::ActiveModel {
            id: Set(tx.id()),
            claim_id: Set(claim_id),
            line_position: Set(gap.line),
            code: Set(gap.code.clone()),
            detail: Set(gap.detail.clone()),
            found_at: Set(tx.now),
            found_by_id: Set(found_by_id),
        };
        row.insert(tx.db()).await?;
    }
    Ok(all)
}

/// Whether the caller took another of these steps since the claim was last submitted.
///
/// # Errors
/// When the database does not answer.
pub async fn took_another_step(tx: &Tx, claim_id: Uuid, verb: &str, steps: &[&str]) -> ApiResult<bool> {
    use entity::audit_events::{Column, Entity};
    let submitted = Entity::find()
        .filter(Column::ResourceId.eq(claim_id))
        .filter(Column::Action.eq("submit"))
        .order_by_desc(Column::Seq)
        .one(tx.db())
        .await?;
    let others = steps.iter().copied().filter(|step| *step != verb);
    let mine = Entity::find()
        .filter(Column::ResourceId.eq(claim_id))
        .filter(Column::Seq.gt(submitted.map_or(0, |event| event.seq)))
        .filter(Column::ActorId.eq(tx.actor.user_id))
        .filter(Column::Action.is_in(others));
    Ok(mine.one(tx.db()).await?.is_some())
}
