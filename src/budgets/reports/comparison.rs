//! How boards use the same sub-items: what each spent, for each head and of what it has, beside the others.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use entity::budget_lines::Model as Line;
use entity::{appointments, boards};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::budgets::codes::store as codes;
use crate::budgets::reports::execution::{lines, percent};
use crate::budgets::reports::json::{
    BudgetComparisonBoard, BudgetComparisonOut, BudgetComparisonRow, BudgetReportFilter,
};
use crate::dated;
use crate::decimal::divide;
use crate::error::ApiResult;
use crate::http::call::Call;
use crate::http::page;

/// What a board has and spent of a sub-item, whatever the source.
#[derive(Default)]
struct Use {
    given: i64,
    spent: i64,
}

/// # Errors
/// 403 for who reads no reports.
pub async fn report(call: &Call, filter: &BudgetReportFilter) -> ApiResult<BudgetComparisonOut> {
    let (year, lines) = lines(call, filter).await?;
    let on = call.today();
    let ids: BTreeSet<Uuid> = lines.iter().map(|line| line.board_id).collect();
    let boards = page::by_id::<boards::Entity, _>(call.db(), ids.clone(), boards::Column::Id).await?;
    let heads = heads(call.db(), ids, on).await?;
    let names: BTreeSet<&str> = lines.iter().map(|line| line.sub_item.as_str()).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let names = codes::sub_items_in_force(call.db(), &names, on, on).await?;
    let names: BTreeMap<String, String> = names.into_iter().map(|row| (row.code, row.name)).collect();
    let rows = by_sub_item(&lines).into_iter().map(|(sub_item, uses)| {
        let all = per_head(
            uses.values().map(|one| one.spent).sum(),
            uses.keys().map(|board| heads.get(board).copied().unwrap_or_default()).sum(),
        );
        let of_board = |(board_id, used): (&Uuid, &Use)| {
            let head_count = heads.get(board_id).copied().unwrap_or_default();
            let own = per_head(used.spent, head_count);
            BudgetComparisonBoard {
                board_id: *board_id,
                board_code: boards.get(board_id).map(|board| board.code.clone()).unwrap_or_default(),
                head_count,
                spent_amount: used.spent,
                spent_per_head_amount: own,
                spent_percent: percent(used.spent, used.given),
                against_all_percent: own.zip(all).and_then(|(own, all)| percent(own, all)),
            }
        };
        BudgetComparisonRow {
            name: names.get(&sub_item).cloned(),
            sub_item,
            spent_per_head_amount: all,
            boards: uses.iter().map(of_board).collect(),
        }
    });
    Ok(BudgetComparisonOut { year, on, rows: rows.collect() })
}

fn by_sub_item(lines: &[Line]) -> BTreeMap<String, BTreeMap<Uuid, Use>> {
    let mut found: BTreeMap<String, BTreeMap<Uuid, Use>> = BTreeMap::new();
    for line in lines {
        let used = found.entry(line.sub_item.clone()).or_default().entry(line.board_id).or_default();
        used.given += line.appropriated_amount + line.transferred_amount;
        used.spent += line.spent_amount;
    }
    found
}

fn per_head(spent: i64, heads: i64) -> Option<i64> {
    (heads > 0).then(|| divide(i128::from(spent), i128::from(heads)))
}

/// How many people have an appointment in each of these boards on a day; one query.
async fn heads(
    db: &impl ConnectionTrait,
    boards: BTreeSet<Uuid>,
    on: NaiveDate,
) -> ApiResult<BTreeMap<Uuid, i64>> {
    use appointments::{Column, Entity};
    let of_boards: Vec<(Option<Uuid>, Uuid)> = Entity::find()
        .filter(Column::BoardId.is_in(boards))
        .filter(dated::on_day(Column::ValidFrom, Column::ValidTo, on))
        .select_only()
        .columns([Column::BoardId, Column::StaffId])
        .distinct()
        .into_tuple()
        .all(db)
        .await?;
    let mut heads = BTreeMap::new();
    for (board_id, _) in of_boards {
        if let Some(board_id) = board_id {
            *heads.entry(board_id).or_default() += 1;
        }
    }
    Ok(heads)
}
