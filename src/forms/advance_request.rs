//! Giấy đề nghị tạm ứng: what somebody asks to have before it is spent.

use entity::advances::{AdvanceStatus, Model as Advance};
use entity::travel_orders;
use sea_orm::{ConnectionTrait, EntityTrait};

use crate::clock::office_day;
use crate::error::ApiResult;
use crate::forms::format;
use crate::forms::head::{Head, People, not_ready, title};
use crate::forms::paper::{Text, field, signatures, strong_field};
use crate::forms::press::Sheet;
use crate::forms::words::amount_in_words;
use crate::http::call::Call;

/// The name of the file and the form.
///
/// # Errors
/// 422 `form_not_ready` for an advance that was rejected or cancelled.
pub async fn sheet(db: &impl ConnectionTrait, call: &Call, advance: Advance) -> ApiResult<(String, Sheet)> {
    if matches!(advance.status, AdvanceStatus::Rejected | AdvanceStatus::Cancelled) {
        return Err(not_ready(advance.status));
    }
    let day = office_day(advance.created_at);
    let head = Head::load(db, call, Some(advance.board_id), day, advance.updated_at).await?;
    let people = People::load(db, [Some(advance.requester_id), advance.approved_by_id]).await?;
    let order = match advance.travel_order_id {
        Some(id) => travel_orders::Entity::find_by_id(id).one(db).await?,
        None => None,
    };
    let requester = people.name(advance.requester_id);
    let number = Text::new(format!("Số: {}", advance.number));
    let mut blocks = vec![
        head.of_state(None),
        title("GIẤY ĐỀ NGHỊ TẠM ỨNG", vec![number, head.place_and_day()]),
        strong_field("Kính gửi", head.unit.as_deref()),
        strong_field("Tên tôi là", requester.as_deref()),
        field("Chức vụ", people.title(advance.requester_id, day).as_deref()),
        field("Bộ phận công tác", head.board.as_deref()),
        strong_field("Đề nghị cho tạm ứng số tiền", Some(&format::money(advance.amount))),
        field("Bằng chữ", Some(&amount_in_words(advance.amount))),
        field("Lý do tạm ứng", Some(&advance.purpose)),
    ];
    blocks.extend(order.map(|order| field("Theo quyết định cử đi công tác số", Some(&order.number))));
    blocks.push(field("Thời hạn thanh toán", Some(&format::date(advance.settle_by))));
    blocks.push(signatures(
        &[
            ("THỦ TRƯỞNG ĐƠN VỊ", people.name(advance.approved_by_id)),
            ("KẾ TOÁN TRƯỞNG", None),
            ("PHỤ TRÁCH BỘ PHẬN", None),
            ("NGƯỜI ĐỀ NGHỊ", requester),
        ],
        52.0,
    ));
    let name = format!("Giấy đề nghị tạm ứng {}", advance.number);
    Ok((name.clone(), Sheet { form: "advance_request", paper: head.paper(name, blocks) }))
}
