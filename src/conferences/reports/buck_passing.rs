//! The figures: three queries for what happened, two for the names, whatever the number of tasks.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc};
use entity::task_hand_overs::{self, HandOverOutcome};
use entity::task_objections::{self, ObjectionDecision};
use entity::{boards, staff, task_holders};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::auth::permissions::{Action, Reach};
use crate::clock::office_midnight;
use crate::conferences::reports::json::{
    BuckPassingBoard, BuckPassingFigures, BuckPassingFilter, BuckPassingOut, BuckPassingPerson,
};
use crate::decimal::{decimal, divide};
use crate::error::{ApiError, ApiResult, FieldError, Place, text};
use crate::http::call::Call;
use crate::http::page::by_id;

/// The days of the report as instants: half open, and never beyond now.
struct Window {
    from: DateTime<Utc>,
    before: DateTime<Utc>,
}

impl Window {
    fn has(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.before
    }

    /// How much of a period lies in the window.
    fn share(&self, from: DateTime<Utc>, to: Option<DateTime<Utc>>) -> TimeDelta {
        let end = to.unwrap_or(self.before).min(self.before);
        (end - from.max(self.from)).max(TimeDelta::zero())
    }
}

/// What is counted before it is written down.
#[derive(Default)]
struct Tally {
    figures: BuckPassingFigures,
    received: BTreeSet<Uuid>,
    waits: Vec<TimeDelta>,
    held: TimeDelta,
}

/// By board, then by person.
type Tallies = BTreeMap<Uuid, BTreeMap<Uuid, Tally>>;

/// # Errors
/// 403 for who reads no reports, 422 for days in the wrong order.
pub async fn report(call: &Call, filter: &BuckPassingFilter) -> ApiResult<BuckPassingOut> {
    let to = filter.to.unwrap_or_else(|| call.today());
    let from = filter.from.or_else(|| NaiveDate::from_ymd_opt(to.year(), 1, 1)).unwrap_or(to);
    if from > to {
        return Err(backwards());
    }
    let boards = within(call, filter.board_id)?;
    let after = to.checked_add_days(Days::new(1)).unwrap_or(to);
    // An instant at which something happened belongs to the report that is asked for at that very instant.
    let now = call.now() + TimeDelta::microseconds(1);
    let window = Window { from: office_midnight(from), before: office_midnight(after).min(now) };
    let mut tallies = Tallies::new();
    count_periods(call, boards.as_deref(), &window, &mut tallies).await?;
    count_objections(call, boards.as_deref(), &window, &mut tallies).await?;
    count_hand_overs(call, boards.as_deref(), &window, &mut tallies).await?;
    Ok(BuckPassingOut { from, to, boards: written(call, tallies).await? })
}

fn backwards() -> ApiError {
    let detail = text("không được sau to", "must not be after to");
    let place = Place::Parameter("from".to_owned());
    ApiError::invalid(vec![FieldError { place, code: "out_of_range", detail }])
}

/// The boards that the report is about; nothing for all of them.
fn within(call: &Call, wanted: Option<Uuid>) -> ApiResult<Option<Vec<Uuid>>> {
    Ok(match call.reach(Action::ReadReports) {
        Reach::None => return Err(call.caller.refusal(Action::ReadReports)),
        Reach::Office => wanted.map(|board| vec![board]),
        Reach::Boards(own) => {
            Some(own.into_iter().filter(|board| wanted.is_none_or(|one| one == *board)).collect())
        }
    })
}

fn of_boards(board_id: impl ColumnTrait, boards: Option<&[Uuid]>) -> Condition {
    Condition::all().add_option(boards.map(|boards| board_id.is_in(boards.iter().copied())))
}

fn tally(tallies: &mut Tallies, board_id: Uuid, staff_id: Uuid) -> &mut Tally {
    tallies.entry(board_id).or_default().entry(staff_id).or_default()
}

/// The periods that touch the window: who got a task, accepted it, was silent, and held it for how long.
async fn count_periods(
    call: &Call,
    boards: Option<&[Uuid]>,
    window: &Window,
    tallies: &mut Tallies,
) -> ApiResult<()> {
    use task_holders::{Column, Entity};
    let touching = Condition::any()
        .add(Column::HeldTo.is_null())
        .add(Column::HeldTo.gt(window.from))
        .add(Column::HeldFrom.gte(window.from));
    let periods = Entity::find()
        .filter(of_boards(Column::BoardId, boards))
        .filter(Column::HeldFrom.lt(window.before))
        .filter(touching)
        .all(call.db())
        .await?;
    for period in periods {
        let tally = tally(tallies, period.board_id, period.staff_id);
        tally.held += window.share(period.held_from, period.held_to);
        if window.has(period.held_from) {
            tally.received.insert(period.task_id);
        }
        if period.escalated_at.is_some_and(|at| window.has(at)) {
            tally.figures.silent_tasks += 1;
        }
        let accepted = period.accepted_at.filter(|at| window.has(*at));
        tally.waits.extend(accepted.map(|at| (at - period.held_from).max(TimeDelta::zero())));
    }
    Ok(())
}

async fn count_objections(
    call: &Call,
    boards: Option<&[Uuid]>,
    window: &Window,
    tallies: &mut Tallies,
) -> ApiResult<()> {
    use task_objections::{Column, Entity};
    let objections = Entity::find()
        .filter(of_boards(Column::BoardId, boards))
        .filter(Column::ObjectedAt.gte(window.from))
        .filter(Column::ObjectedAt.lt(window.before))
        .all(call.db())
        .await?;
    for objection in objections {
        let figures = &mut tally(tallies, objection.board_id, objection.staff_id).figures;
        figures.objections += 1;
        match objection.decision {
            Some(ObjectionDecision::Upheld) => figures.objections_upheld += 1,
            Some(ObjectionDecision::Overruled) => figures.objections_overruled += 1,
            None => {}
        }
    }
    Ok(())
}

/// What leads asked for; who leaves asks nobody.
async fn count_hand_overs(
    call: &Call,
    boards: Option<&[Uuid]>,
    window: &Window,
    tallies: &mut Tallies,
) -> ApiResult<()> {
    use task_hand_overs::{Column, Entity};
    let hand_overs = Entity::find()
        .filter(of_boards(Column::FromBoardId, boards))
        .filter(Column::RequestedAt.gte(window.from))
        .filter(Column::RequestedAt.lt(window.before))
        .all(call.db())
        .await?;
    for hand_over in hand_overs {
        if hand_over.outcome == Some(HandOverOutcome::Departure) {
            continue;
        }
        let figures = &mut tally(tallies, hand_over.from_board_id, hand_over.from_staff_id).figures;
        figures.hand_overs_requested += 1;
        match hand_over.outcome {
            Some(HandOverOutcome::Approved) => figures.hand_overs_approved += 1,
            Some(HandOverOutcome::Refused) => figures.hand_overs_refused += 1,
            Some(HandOverOutcome::Declined) => figures.hand_overs_declined += 1,
            _ => {}
        }
    }
    Ok(())
}

/// The tallies with the names of boards and people, in the order of codes and names.
async fn written(call: &Call, tallies: Tallies) -> ApiResult<Vec<BuckPassingBoard>> {
    let ids = tallies.keys().copied();
    let boards = by_id::<boards::Entity, _>(call.db(), ids, boards::Column::Id).await?;
    let ids = tallies.values().flat_map(|people| people.keys().copied());
    let names = by_id::<staff::Entity, _>(call.db(), ids, staff::Column::Id).await?;
    let mut shown: Vec<BuckPassingBoard> = tallies
        .into_iter()
        .map(|(board_id, people)| {
            let mut all = Tally::default();
            let name = |id: &Uuid| names.get(id).map(|one| one.full_name.clone()).unwrap_or_default();
            let mut people: Vec<BuckPassingPerson> = people
                .into_iter()
                .map(|(staff_id, tally)| {
                    all.add(&tally);
                    BuckPassingPerson { full_name: name(&staff_id), staff_id, figures: tally.written() }
                })
                .collect();
            people.sort_by(|one, other| {
                (&one.full_name, one.staff_id).cmp(&(&other.full_name, other.staff_id))
            });
            let board_code = boards.get(&board_id).map(|board| board.code.clone()).unwrap_or_default();
            BuckPassingBoard { board_id, board_code, figures: all.written(), people }
        })
        .collect();
    shown.sort_by(|one, other| one.board_code.cmp(&other.board_code));
    Ok(shown)
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.received.extend(other.received.iter().copied());
        self.waits.extend(other.waits.iter().copied());
        self.held += other.held;
        let (all, one) = (&mut self.figures, &other.figures);
        all.objections += one.objections;
        all.objections_upheld += one.objections_upheld;
        all.objections_overruled += one.objections_overruled;
        all.hand_overs_requested += one.hand_overs_requested;
        all.hand_overs_approved += one.hand_overs_approved;
        all.hand_overs_refused += one.hand_overs_refused;
        all.hand_overs_declined += one.hand_overs_declined;
        all.silent_tasks += one.silent_tasks;
    }

    fn written(mut self) -> BuckPassingFigures {
        self.waits.sort_unstable();
        BuckPassingFigures {
            tasks_received: i64::try_from(self.received.len()).unwrap_or(i64::MAX),
            median_hours_to_accept: median(&self.waits).map(|wait| in_units(wait, 3_600)),
            days_held: in_units(self.held, 86_400),
            ..self.figures
        }
    }
}

/// The middle of sorted spans; of two in the middle, half-way between them.
fn median(sorted: &[TimeDelta]) -> Option<TimeDelta> {
    let last = sorted.len().checked_sub(1)?;
    let (low, high) = (sorted.get(last / 2)?, sorted.get(last.div_ceil(2))?);
    Some((*low + *high) / 2)
}

/// A span in units of so many seconds, two decimals.
fn in_units(span: TimeDelta, seconds: i64) -> String {
    decimal(divide(i128::from(span.num_seconds()) * 100, i128::from(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_half_way_between_two() {
        let hours = |all: &[i64]| all.iter().map(|hours| TimeDelta::hours(*hours)).collect::<Vec<_>>();
        for (waits, expected) in [
            (vec![], None),
            (vec![3], Some("3.00")),
            (vec![1, 2], Some("1.50")),
            (vec![1, 2, 30], Some("2.00")),
        ] {
            let median = median(&hours(&waits)).map(|wait| in_units(wait, 3_600));
            assert_eq!(median.as_deref(), expected);
        }
    }

    #[test]
    fn a_period_counts_as_far_as_it_lies_in_the_window() {
        let at = |text: &str| text.parse().unwrap_or_default();
        let window = Window { from: at("2025-12-10T00:00:00Z"), before: at("2025-12-12T00:00:00Z") };
        for (from, to, days) in [
            ("2025-12-01T00:00:00Z", None, 2),
            ("2025-12-11T00:00:00Z", None, 1),
            ("2025-12-01T00:00:00Z", Some("2025-12-11T00:00:00Z"), 1),
            ("2025-12-01T00:00:00Z", Some("2025-12-10T00:00:00Z"), 0),
        ] {
            assert_eq!(window.share(at(from), to.map(at)), TimeDelta::days(days), "{from} {to:?}");
        }
    }
}
