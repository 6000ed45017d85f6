//! Giấy đề nghị thanh toán: the claim as its claimant signs it, with what was allowed once it is verified.

use entity::expense_claim_lines::Model as Line;
use entity::expense_claims::{ClaimStatus, Model as Claim};
use entity::payments::{self, PaymentMethod};
use sea_orm::{ConnectionTrait, EntityTrait};

use crate::claims::store;
use crate::error::ApiResult;
use crate::forms::format;
use crate::forms::head::{Head, People, happened_on, not_ready, title};
use crate::forms::paper::Width::{Points, Share};
use crate::forms::paper::{Block, Cell, Table, Text, field, signatures, strong_field};
use crate::forms::press::Sheet;
use crate::forms::words::amount_in_words;
use crate::http::call::Call;

/// The name of the file and the form.
///
/// # Errors
/// 422 `form_not_ready` while the claimant still writes the claim, and once it is withdrawn or reversed.
pub async fn sheet(db: &impl ConnectionTrait, call: &Call, claim: Claim) -> ApiResult<(String, Sheet)> {
    // What was reversed is no request any more; nobody shall be paid by its print.
    if matches!(
        claim.status,
        ClaimStatus::Draft | ClaimStatus::Returned | ClaimStatus::Withdrawn | ClaimStatus::Reversed
    ) {
        return Err(not_ready(claim.status));
    }
    let lines = store::lines_of(db, [claim.id]).await?.remove(&claim.id).unwrap_or_default();
    let day = happened_on(db, claim.id, "submit", claim.created_at).await?;
    let head = Head::load(db, call, Some(claim.board_id), day, claim.updated_at).await?;
    let hands = [claim.confirmed_by_id, claim.verified_by_id, claim.approved_by_id];
    let people = People::load(db, [Some(claim.claimant_id)].into_iter().chain(hands)).await?;
    let payment = match claim.payment_id {
        Some(id) => payments::Entity::find_by_id(id).one(db).await?,
        None => None,
    };
    let claimant = people.name(claim.claimant_id);
    let number = Text::new(format!("Số: {}", claim.number));
    let mut blocks = vec![
        head.of_state(None),
        title("GIẤY ĐỀ NGHỊ THANH TOÁN", vec![number, head.place_and_day()]),
        strong_field("Kính gửi", head.unit.as_deref()),
        strong_field("Người đề nghị thanh toán", claimant.as_deref()),
        field("Chức vụ", people.title(claim.claimant_id, day).as_deref()),
        field("Bộ phận công tác", head.board.as_deref()),
        field("Nội dung thanh toán", Some(&claim.purpose)),
        Block::Gap(4.0),
        table(&claim, &lines),
    ];
    // Nobody signs a page on which nothing else stands.
    let mut end = sums(&claim, &lines, payment.as_ref());
    end.push(signatures(
        &[
            ("NGƯỜI ĐỀ NGHỊ", claimant),
            ("TRƯỞNG BAN", people.name(claim.confirmed_by_id)),
            ("KẾ TOÁN", people.name(claim.verified_by_id)),
            ("CHÁNH VĂN PHÒNG", people.name(claim.approved_by_id)),
        ],
        52.0,
    ));
    blocks.push(Block::Together(end));
    let name = format!("Giấy đề nghị thanh toán {}", claim.number);
    Ok((name.clone(), Sheet { form: "payment_request", paper: head.paper(name, blocks) }))
}

fn table(claim: &Claim, lines: &[Line]) -> Block {
    let heads = ["TT", "Nội dung chi", "Ngày", "Hóa đơn", "Đề nghị (đồng)", "Được duyệt (đồng)"];
    let mut rows: Vec<Vec<Cell>> = (1..).zip(lines).map(|(place, line)| row(place, line)).collect();
    rows.push(vec![
        Cell::heading("Cộng").over(4),
        Cell::amount(format::amount(claim.claimed_amount)).bold(),
        Cell::amount(claim.allowed_amount.map(format::amount).unwrap_or_default()).bold(),
    ]);
    Block::Table(Table {
        widths: vec![Points(26.0), Share(1.0), Points(64.0), Points(66.0), Points(82.0), Points(82.0)],
        head: heads.map(Cell::heading).to_vec(),
        rows,
        row_height: 0.0,
    })
}

fn row(place: usize, line: &Line) -> Vec<Cell> {
    let cut = line.cut_reason.as_deref().map(|reason| Text::new(format!("Giảm: {reason}")).italic());
    let invoice = line.invoice_number.as_deref().map(|number| match line.invoice_issued_on {
        Some(day) => format!("{number}, {}", format::date(day)),
        None => number.to_owned(),
    });
    vec![
        Cell::center(place.to_string()),
        cut.into_iter().fold(Cell::left(line.description.as_str()), Cell::and),
        Cell::center(format::date(line.incurred_on)),
        Cell::left(invoice.unwrap_or_default()),
        Cell::amount(format::amount(line.claimed_amount)),
        Cell::amount(line.allowed_amount.map(format::amount).unwrap_or_default()),
    ]
}

/// What is asked, what was allowed, and how it is or was paid.
fn sums(claim: &Claim, lines: &[Line], payment: Option<&payments::Model>) -> Vec<Block> {
    let invoices = lines.iter().filter(|line| line.invoice_number.is_some()).count();
    let attached = (invoices > 0).then(|| format!("{invoices} hóa đơn, chứng từ gốc"));
    let method = payment.map(|payment| match payment.method {
        PaymentMethod::Cash => "Tiền mặt",
        PaymentMethod::Transfer => "Chuyển khoản",
    });
    let in_words = |amount: i64| field("Bằng chữ", Some(&amount_in_words(amount)));
    let asked = format::money(claim.claimed_amount);
    let mut fields =
        vec![strong_field("Số tiền đề nghị thanh toán", Some(&asked)), in_words(claim.claimed_amount)];
    if let Some(allowed) = claim.allowed_amount {
        fields.extend([strong_field("Số tiền được duyệt", Some(&format::money(allowed))), in_words(allowed)]);
    }
    fields.extend([
        field("Kèm theo", attached.as_deref()),
        field("Hình thức thanh toán", method),
        field("Số tài khoản, ngân hàng", None),
        field("Nguồn kinh phí, tiểu mục", None),
    ]);
    fields.extend(payment.map(|payment| field("Phiếu chi số", Some(&payment.voucher_number))));
    fields
}
