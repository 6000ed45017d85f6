//! Bảng kê thanh toán công tác phí (C17-HD): what a journey cost, beside what was advanced for it.

use chrono::Datelike;
use entity::expense_claim_lines::Model as Line;
use entity::expense_claims::{ClaimKind, ClaimStatus, Model as Claim};
use entity::payments::{self, PaymentKind};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::claims::advances::{rules, store};
use crate::claims::settlement::Settlement;
use crate::claims::store as claims;
use crate::error::{ApiError, ApiResult, Code, text};
use crate::forms::format;
use crate::forms::head::{Head, People, happened_on, not_ready, title};
use crate::forms::paper::Width::{Points, Share};
use crate::forms::paper::{Block, Cell, Paper, Table, Text, field, signatures};
use crate::forms::press::Sheet;
use crate::forms::words::amount_in_words;
use crate::http::call::Call;

/// The columns of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Tickets,
    Hired,
    PerDiem,
    Lodging,
    Other,
}

/// Where a kind of cost stands; kinds are an open list.
fn column(kind: &str) -> Column {
    match kind {
        "ticket" => Column::Tickets,
        "private_transport" => Column::Hired,
        kind if kind.starts_with("hired_vehicle") => Column::Hired,
        kind if kind.contains("per_diem") => Column::PerDiem,
        kind if kind.starts_with("lodging") => Column::Lodging,
        _ => Column::Other,
    }
}

/// What is allowed of a line, or asked as long as nobody has decided.
fn amount(line: &Line) -> i64 {
    line.allowed_amount.unwrap_or(line.claimed_amount)
}

/// The name of the file and the form.
///
/// # Errors
/// 422 `form_not_ready` for a claim of another kind, and while the claimant still writes it.
pub async fn sheet(db: &impl ConnectionTrait, call: &Call, claim: Claim) -> ApiResult<(String, Sheet)> {
    if claim.kind != ClaimKind::Travel {
        return Err(not_travel());
    }
    if matches!(claim.status, ClaimStatus::Draft | ClaimStatus::Returned | ClaimStatus::Withdrawn) {
        return Err(not_ready(claim.status));
    }
    let lines = claims::lines_of(db, [claim.id]).await?.remove(&claim.id).unwrap_or_default();
    let day = happened_on(db, claim.id, "submit", claim.created_at).await?;
    let head = Head::load(db, call, Some(claim.board_id), day, claim.updated_at).await?;
    let hands = [Some(claim.claimant_id), claim.confirmed_by_id, claim.verified_by_id, claim.approved_by_id];
    let people = People::load(db, hands).await?;
    let total: i64 = lines.iter().map(amount).sum();
    let settled = settled(db, &claim, total).await?;
    let claimant = people.name(claim.claimant_id);
    let under = vec![
        Text::new(format!("Tháng {} năm {}", day.month(), day.year())),
        Text::new(format!("Số: {}", claim.number)),
    ];
    let mut blocks = vec![
        head.of_state(Some("C17-HD")),
        title("BẢNG KÊ THANH TOÁN CÔNG TÁC PHÍ", under),
        table(claimant.as_deref(), head.board.as_deref(), &figures(&lines, total, settled)),
    ];
    blocks.extend(notes(&lines, total));
    blocks.push(head.place_and_day().right().into());
    blocks.push(signatures(
        &[
            ("NGƯỜI LẬP", claimant),
            ("TRƯỞNG BAN", people.name(claim.confirmed_by_id)),
            ("KẾ TOÁN", people.name(claim.verified_by_id)),
            ("THỦ TRƯỞNG ĐƠN VỊ", people.name(claim.approved_by_id)),
        ],
        48.0,
    ));
    let name = format!("Bảng kê thanh toán công tác phí {}", claim.number);
    let paper = Paper { landscape: true, ..head.paper(name.clone(), blocks) };
    Ok((name, Sheet { form: "travel_expense_sheet", paper }))
}

fn sum_of(lines: &[Line], wanted: Column) -> i64 {
    lines.iter().filter(|line| column(&line.kind) == wanted).map(amount).sum()
}

/// The columns (1) to (8) of the form.
fn figures(lines: &[Line], total: i64, settled: Settlement) -> [String; 8] {
    [
        sum_of(lines, Column::Tickets),
        sum_of(lines, Column::Hired),
        sum_of(lines, Column::PerDiem),
        sum_of(lines, Column::Lodging),
        total,
        settled.set_off + settled.to_pay_back,
        settled.to_pay_back,
        settled.to_receive,
    ]
    .map(format::amount)
}

fn table(claimant: Option<&str>, board: Option<&str>, figures: &[String; 8]) -> Block {
    let heads = [
        "Tiền vé tàu, xe",
        "Tiền thuê, khoán phương tiện",
        "Phụ cấp lưu trú",
        "Tiền thuê phòng nghỉ",
        "Cộng",
        "Số đã tạm ứng",
        "Thừa, phải nộp lại",
        "Thiếu, được chi thêm",
    ];
    let numbered = (1..)
        .zip(heads)
        .map(|(place, head)| Cell::heading(head).and(Text::new(format!("({place})")).italic().center()));
    let mut head: Vec<Cell> = ["TT", "Họ và tên", "Đơn vị công tác"].map(Cell::heading).to_vec();
    head.extend(numbered);
    head.push(Cell::heading("Ký nhận"));
    let mut row = vec![
        Cell::center("1"),
        Cell::left(claimant.unwrap_or_default()),
        Cell::left(board.unwrap_or_default()),
    ];
    row.extend(figures.iter().map(Cell::amount));
    row.push(Cell::left(""));
    let mut sums = vec![Cell::heading("Cộng").over(3)];
    sums.extend(figures.iter().map(|figure| Cell::amount(figure).bold()));
    sums.push(Cell::left(""));
    let mut widths = vec![Points(26.0), Share(1.5), Share(1.4)];
    widths.extend([Share(1.0); 8]);
    widths.push(Points(48.0));
    Block::Table(Table { widths, head, rows: vec![row, sums], row_height: 36.0 })
}

fn notes(lines: &[Line], total: i64) -> Vec<Block> {
    let other = sum_of(lines, Column::Other);
    let originals = lines.iter().filter(|line| line.invoice_number.is_some()).count();
    let originals = (originals > 0).then(|| originals.to_string());
    let mut notes = Vec::new();
    if other > 0 {
        notes.push(Text::new(format!("Cột (5) gồm cả {} chi phí khác.", format::money(other))).into());
    }
    notes.push(field("Tổng số tiền (bằng chữ)", Some(&amount_in_words(total))));
    notes.push(field("Số chứng từ gốc kèm theo", originals.as_deref()));
    notes
}

fn not_travel() -> ApiError {
    ApiError::new(
        Code::FormNotReady,
        text("Chỉ đề nghị công tác phí có biểu mẫu này.", "Only a claim of travel costs has this form."),
    )
}

/// What an advance covers: as it was paid, or as it would be if the claim were paid now.
async fn settled(db: &impl ConnectionTrait, claim: &Claim, total: i64) -> ApiResult<Settlement> {
    if claim.payment_id.is_none() {
        let advances = store::outstanding_of(db, claim.travel_order_id).await?;
        let own = advances.iter().filter(|advance| advance.requester_id == claim.claimant_id);
        return Ok(Settlement::of(total, own.map(rules::outstanding).sum()));
    }
    let paid = payments::Entity::find()
        .filter(payments::Column::ClaimId.eq(claim.id))
        .filter(payments::Column::ReversesId.is_null())
        .all(db)
        .await?;
    let of_kind = |kind: PaymentKind| paid.iter().filter(move |row| row.kind == kind);
    Ok(Settlement {
        set_off: of_kind(PaymentKind::Claim).map(|row| row.set_off_amount).sum(),
        to_receive: of_kind(PaymentKind::Claim).map(|row| row.amount).sum(),
        to_pay_back: of_kind(PaymentKind::Refund).map(|row| row.amount).sum(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_travel_cost_has_its_column() {
        for (kind, expected) in [
            ("ticket", Column::Tickets),
            ("hired_vehicle", Column::Hired),
            ("hired_vehicle_share", Column::Hired),
            ("private_transport", Column::Hired),
            ("per_diem", Column::PerDiem),
            ("same_day_per_diem", Column::PerDiem),
            ("lodging_lump_sum", Column::Lodging),
            ("lodging_receipt", Column::Lodging),
            ("other", Column::Other),
        ] {
            assert_eq!(column(kind), expected, "{kind}");
        }
    }
}
