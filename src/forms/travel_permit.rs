//! Giấy đi đường (C16-HD): what a traveller carries and has stamped where they come; one page for each traveller.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::advances::{self, AdvanceStatus};
use entity::travel_order_legs::{LegKind, Model as Leg, Transport};
use entity::travel_order_travellers::Model as Traveller;
use entity::travel_orders::{Model as Order, TravelOrderStatus};
use entity::{travel_order_legs, travel_order_travellers};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::clock::office_day;
use crate::decimal::decimal;
use crate::error::ApiResult;
use crate::forms::format;
use crate::forms::head::{Head, People, happened_on, not_ready, title};
use crate::forms::paper::Width::{Points, Share};
use crate::forms::paper::{Block, Cell, Column, Paper, Table, Text, field, signatures, strong_field};
use crate::forms::press::Sheet;
use crate::http::call::Call;

/// What is of one traveller.
#[derive(Debug)]
struct Page {
    name: Option<String>,
    title: Option<String>,
    /// Null where nothing was advanced.
    advance: Option<String>,
}

/// The name of the file and the form.
///
/// # Errors
/// 422 `form_not_ready` for an order that is not in force.
pub async fn sheet(db: &impl ConnectionTrait, call: &Call, order: Order) -> ApiResult<(String, Sheet)> {
    use TravelOrderStatus::{Approved, Completed, Settled};
    if !matches!(order.status, Approved | Completed | Settled) {
        return Err(not_ready(order.status));
    }
    let day = happened_on(db, order.id, "approve", order.created_at).await?;
    let head = Head::load(db, call, Some(order.board_id), day, order.updated_at).await?;
    let legs = legs(db, order.id).await?;
    let approver = People::load(db, [order.approved_by_id]).await?.name(order.approved_by_id);
    let common = Common { head: &head, order: &order, day, legs: &legs, approver };
    let mut blocks = Vec::new();
    for (place, page) in pages(db, &order).await?.into_iter().enumerate() {
        if place > 0 {
            blocks.push(Block::NewPage);
        }
        blocks.extend(common.permit(page));
    }
    let name = format!("Giấy đi đường {}", order.number);
    // Each traveller carries a paper of their own.
    let paper = Paper { numbered: false, ..head.paper(name.clone(), blocks) };
    Ok((name, Sheet { form: "travel_permit", paper }))
}

/// What stands on the permits of all travellers.
struct Common<'a> {
    head: &'a Head,
    order: &'a Order,
    /// The day on which the order was approved.
    day: NaiveDate,
    legs: &'a [Leg],
    approver: Option<String>,
}

impl Common<'_> {
    fn permit(&self, page: Page) -> Vec<Block> {
        let order = self.order;
        let (from, until) = (format::date_of(order.starts_at), format::date_of(order.ends_at));
        let decision = format!("{}, ngày {}", order.number, format::date(self.day));
        let sent_to = order.host.clone().unwrap_or_else(|| places(self.legs));
        vec![
            self.head.of_state(Some("C16-HD")),
            title("GIẤY ĐI ĐƯỜNG", vec![Text::new(format!("Số: {}", order.number))]),
            strong_field("Cấp cho", page.name.as_deref()),
            field("Chức vụ", page.title.as_deref()),
            field("Được cử đi công tác tại", Some(&sent_to)),
            field("Nội dung công tác", Some(&order.purpose)),
            field("Theo quyết định số", Some(&decision)),
            field("Thời gian", Some(&format!("từ ngày {from} đến ngày {until}"))),
            field("Tiền ứng trước", page.advance.as_deref()),
            self.approval(),
            Block::Gap(6.0),
            table(self.legs),
            field("Vé tàu, xe, máy bay", tickets(self.legs).as_deref()),
            Block::Together(vec![
                field("Thời gian lưu trú được hưởng phụ cấp", None),
                signatures(
                    &[("NGƯỜI ĐI CÔNG TÁC", page.name), ("PHỤ TRÁCH BỘ PHẬN", None), ("KẾ TOÁN", None)],
                    46.0,
                ),
            ]),
        ]
    }

    fn approval(&self) -> Block {
        let right = vec![
            self.head.place_and_day().center().into(),
            Text::new("THỦ TRƯỞNG ĐƠN VỊ").bold().center().size(11.5).into(),
            Text::new("(Ký, họ tên, đóng dấu)").italic().center().size(10.5).into(),
            Block::Gap(46.0),
            Text::new(self.approver.clone().unwrap_or_default()).bold().center().size(11.5).into(),
        ];
        Block::Columns(vec![Column::new(1.0, Vec::new()), Column::new(1.1, right)])
    }
}

fn table(legs: &[Leg]) -> Block {
    let heads = [
        "Nơi đi, nơi đến",
        "Giờ, ngày",
        "Phương tiện",
        "Số km",
        "Số ngày",
        "Lý do lưu trú",
        "Chứng nhận của nơi đến (ký tên, đóng dấu)",
    ];
    let last = legs.len();
    Block::Table(Table {
        widths: vec![
            Share(1.5),
            Share(1.35),
            Share(1.15),
            Points(44.0),
            Points(36.0),
            Share(1.2),
            Share(1.8),
        ],
        head: heads.map(Cell::heading).to_vec(),
        rows: (1..).zip(legs).map(|(place, leg)| row(leg, place == last)).collect(),
        row_height: 62.0,
    })
}

/// The days of a leg are those until the next one begins, so that the days of all are those of the journey.
fn row(leg: &Leg, is_last: bool) -> Vec<Cell> {
    let (first, last) = (office_day(leg.starts_at), office_day(leg.ends_at));
    let km = leg.one_way_km_hundredths.map(|km| if leg.round_trip { km * 2 } else { km });
    let km = km.map(|km| decimal(km).replace('.', ","));
    let days = (last - first).num_days() + i64::from(is_last);
    vec![
        Cell::left(format!("Nơi đi: {}", leg.from_place))
            .and(Text::new(format!("Nơi đến: {}", leg.to_place))),
        Cell::left(format!("Đi: {}", format::time(leg.starts_at)))
            .and(Text::new(format!("Xong: {}", format::time(leg.ends_at)))),
        Cell::left(means(leg.transport)),
        Cell::center(km.unwrap_or_default()),
        Cell::center(days.to_string()),
        Cell::left(""),
        Cell::left(""),
    ]
}

/// The legs as decided: the permit is carried before anybody knows how it went.
async fn legs(db: &impl ConnectionTrait, order_id: Uuid) -> ApiResult<Vec<Leg>> {
    use travel_order_legs::Column;
    let rows = travel_order_legs::Entity::find()
        .filter(Column::OrderId.eq(order_id))
        .filter(Column::Kind.eq(LegKind::Planned));
    Ok(rows.order_by_asc(Column::Position).all(db).await?)
}

/// Every place once, in the order of the journey, without the way home.
fn places(legs: &[Leg]) -> String {
    let home = legs.first().map(|leg| leg.from_place.as_str()).unwrap_or_default();
    let mut places: Vec<&str> = Vec::new();
    for leg in legs {
        if leg.to_place != home && !places.contains(&leg.to_place.as_str()) {
            places.push(&leg.to_place);
        }
    }
    places.join(", ")
}

fn tickets(legs: &[Leg]) -> Option<String> {
    let sum: i64 = legs.iter().filter_map(|leg| leg.ticket_amount).sum();
    (sum > 0).then(|| format::money(sum))
}

async fn pages(db: &impl ConnectionTrait, order: &Order) -> ApiResult<Vec<Page>> {
    use travel_order_travellers::Column;
    let travellers: Vec<Traveller> = travel_order_travellers::Entity::find()
        .filter(Column::OrderId.eq(order.id))
        .order_by_asc(Column::Position)
        .all(db)
        .await?;
    let people = People::load(db, travellers.iter().map(|one| Some(one.staff_id))).await?;
    let advanced = advanced(db, order.id).await?;
    let on = office_day(order.starts_at);
    let page = |traveller: Traveller| Page {
        name: people.name(traveller.staff_id),
        title: people.title(traveller.staff_id, on),
        advance: advanced.get(&traveller.staff_id).map(|sum| format::money(*sum)),
    };
    Ok(travellers.into_iter().map(page).collect())
}

/// What each traveller was paid before the journey.
async fn advanced(db: &impl ConnectionTrait, order_id: Uuid) -> ApiResult<BTreeMap<Uuid, i64>> {
    use advances::Column;
    let rows = advances::Entity::find()
        .filter(Column::TravelOrderId.eq(order_id))
        .filter(Column::Status.is_in([AdvanceStatus::Paid, AdvanceStatus::Settled]))
        .all(db)
        .await?;
    let mut sums = BTreeMap::new();
    for row in rows {
        *sums.entry(row.requester_id).or_default() += row.amount;
    }
    Ok(sums)
}

fn means(transport: Transport) -> &'static str {
    match transport {
        Transport::OfficeCar => "Xe cơ quan",
        Transport::Private => "Phương tiện cá nhân",
        Transport::Public => "Phương tiện công cộng",
        Transport::Air => "Máy bay",
        Transport::Hired => "Xe thuê",
        Transport::None => "Tự túc",
    }
}
