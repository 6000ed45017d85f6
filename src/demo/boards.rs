//! The demo office's boards.

use entity::boards::BoardKind;
use entity::{board_successions, boards};
use sea_orm::{ActiveModelTrait, Set};

use crate::boards::store::TYPE;
use crate::demo::{Demo, day, id, optional, optional_day, reference, string};
use crate::error::ApiResult;
use crate::http::text::{code_key, search_key};
use crate::write::{Event, Tx};

/// # Errors
/// When the database does not take them.
pub(super) async fn fill(tx: &Tx, demo: &Demo) -> ApiResult<()> {
    for row in demo.rows("boards") {
        let (code, name) = (string(row, "code"), string(row, "name_vi"));
        let board = boards::ActiveModel {
            id: Set(reference(row, "ref")?),
            code_key: Set(code_key(&code)),
            search: Set(search_key(&format!("{code} {name}"))),
            kind: Set(match code.as_str() {
                "VPTU" => BoardKind::Office,
                "UBKTTU" => BoardKind::Inspection,
                _ => BoardKind::AdvisoryBody,
            }),
            code: Set(code),
            name: Set(name),
            name_en: Set(optional(row, "name_en")),
            short_name: Set(None),
            valid_from: Set(day(row, "valid_from")?),
            valid_to: Set(optional_day(row, "valid_to")),
            version: Set(1),
            created_at: Set(tx.now),
            updated_at: Set(tx.now),
            created_by_id: Set(None),
        };
        let board = board.insert(tx.db()).await?;
        for predecessor in row["successor_of"].as_array().into_iter().flatten() {
            let succession = board_successions::ActiveModel {
                board_id: Set(board.id),
                predecessor_id: Set(id(predecessor.as_str().unwrap_or_default())),
                direct: Set(true),
            };
            succession.insert(tx.db()).await?;
        }
        tx.record(Event::new("create", TYPE, board.id, 1).of_board(board.id)).await?;
    }
    Ok(())
}
