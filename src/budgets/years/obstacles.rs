//! What can stand in the way of the end of a year, in words.

use entity::budget_entries::DocumentType;
use entity::budget_lines::Model as Line;
use uuid::Uuid;

use crate::budgets::lines::json::BudgetDocument;
use crate::budgets::years::json::BudgetObstacle;
use crate::error::{Text, text};
use crate::http::language::Language;

/// Something that stands in the way.
#[derive(Clone)]
pub struct Obstacle {
    code: &'static str,
    detail: Text,
    line_id: Option<Uuid>,
    document: Option<(DocumentType, Uuid)>,
    amount: Option<i64>,
}

/// The obstacles as callers see them.
pub fn tell(obstacles: Vec<Obstacle>, language: Language) -> Vec<BudgetObstacle> {
    obstacles
        .into_iter()
        .map(|obstacle| BudgetObstacle {
            code: obstacle.code.to_owned(),
            detail: obstacle.detail.get(language).to_owned(),
            budget_line_id: obstacle.line_id,
            document: obstacle.document.map(|(kind, id)| BudgetDocument::new(kind, id)),
            amount: obstacle.amount,
        })
        .collect()
}

pub(super) fn open_commitment(line_id: Uuid, document: (DocumentType, Uuid), amount: i64) -> Obstacle {
    let detail = text(
        format!("Chứng từ còn {amount} đ đã cam kết; hãy chi hoặc trả lại trước."),
        format!("The document still has {amount} đồng reserved; spend or release them first."),
    );
    let (line_id, amount) = (Some(line_id), Some(amount));
    Obstacle { code: "open_commitment", detail, line_id, document: Some(document), amount }
}

pub(super) fn claim_under_way(claim_id: Uuid, line_id: Option<Uuid>, amount: i64) -> Obstacle {
    let detail = text(
        format!("Hồ sơ thanh toán {amount} đ đang được xử lý; hãy chi hoặc kết thúc trước."),
        format!("A claim of {amount} đồng is under way; pay it or end it first."),
    );
    let document = Some((DocumentType::ExpenseClaim, claim_id));
    Obstacle { code: "claim_under_way", detail, line_id, document, amount: Some(amount) }
}

/// What concerns the money that is left on a line.
fn about(line: &Line, amount: i64, code: &'static str, detail: Text) -> Obstacle {
    Obstacle { code, detail, line_id: Some(line.id), document: None, amount: Some(amount) }
}

pub(super) fn sub_item_ended(line: &Line, amount: i64, next_year: i64) -> Obstacle {
    let code = &line.sub_item;
    let detail = text(
        format!(
            "Tiểu mục {code} không còn hiệu lực vào đầu năm {next_year}; hãy điều chuyển {amount} đ trước."
        ),
        format!("Sub-item {code} is not in force when {next_year} begins; transfer the {amount} đồng first."),
    );
    about(line, amount, "sub_item_ended", detail)
}

pub(super) fn board_ended(line: &Line, amount: i64, next_year: i64) -> Obstacle {
    let detail = text(
        format!("Ban đã kết thúc trước năm {next_year}; hãy điều chuyển {amount} đ trước."),
        format!("The board ended before {next_year}; transfer the {amount} đồng first."),
    );
    about(line, amount, "board_ended", detail)
}

pub(super) fn next_line_not_active(line: &Line, amount: i64, next_year: i64) -> Obstacle {
    let detail = text(
        format!("Dòng dự toán năm {next_year} của tiểu mục {} chưa hoặc không còn được dùng.", line.sub_item),
        format!("The line of {next_year} for sub-item {} is not active.", line.sub_item),
    );
    about(line, amount, "next_line_not_active", detail)
}

pub(super) fn not_carried_forward(line: &Line, amount: i64) -> Obstacle {
    let detail = text(
        format!("Còn {amount} đ kinh phí tự chủ chưa chuyển sang năm sau."),
        format!("{amount} đồng of autonomous funds are not carried forward yet."),
    );
    about(line, amount, "not_carried_forward", detail)
}

pub(super) fn next_year_not_open(next_year: i64) -> Obstacle {
    let detail = text(
        format!("Năm ngân sách {next_year} đã khóa hoặc đã đóng."),
        format!("The budget year {next_year} is frozen or closed."),
    );
    Obstacle { code: "next_year_not_open", detail, line_id: None, document: None, amount: None }
}

pub(super) fn no_next_year(next_year: i64) -> Obstacle {
    let detail = text(
        format!("Hệ thống không có năm ngân sách {next_year}."),
        format!("The service has no budget year {next_year}."),
    );
    Obstacle { code: "no_next_year", detail, line_id: None, document: None, amount: None }
}
