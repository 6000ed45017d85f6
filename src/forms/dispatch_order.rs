//! Lệnh điều xe: the order that a driver carries and the user of the car signs.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::trips::{Model as Trip, TripStatus};
use entity::{boards, vehicle_bookings};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::clock::office_day;
use crate::error::{ApiError, ApiResult};
use crate::forms::format;
use crate::forms::head::{Head, People, not_ready, title};
use crate::forms::paper::Width::{Points, Share};
use crate::forms::paper::{Block, Cell, Face, Table, Text, field, signatures, strong_field};
use crate::forms::press::Sheet;
use crate::http::call::Call;
use crate::http::page::by_id;
use crate::trips::json::{TripExpand, TripOut};
use crate::trips::view;
use crate::vehicles::plate::Plate;

/// A booking that the trip carries out.
#[derive(Debug)]
struct Request {
    number: String,
    board: String,
    requester: Option<String>,
    purpose: String,
    passengers: i64,
    pick_up_place: String,
    destination: String,
}

/// The name of the file and the form, with the part of the trip that the caller may see.
///
/// # Errors
/// 422 `form_not_ready` for a trip that is only planned.
pub async fn sheet(db: &impl ConnectionTrait, call: &Call, trip: Trip) -> ApiResult<(String, Sheet)> {
    let (Some(issued_at), changed_at) = (trip.issued_at, trip.updated_at) else {
        return Err(not_ready(trip.status));
    };
    let seen = view::outs(db, call, vec![trip], &[TripExpand::Vehicle, TripExpand::Bookings]).await?;
    let trip = seen.into_iter().next().ok_or_else(|| ApiError::internal("a trip vanished on its way out"))?;
    let head = Head::load(db, call, None, office_day(issued_at), changed_at).await?;
    let requests = requests(db, &trip).await?;
    let dispatcher = People::load(db, [trip.issued_by_id]).await?.name(trip.issued_by_id);
    let name = format!("Lệnh điều xe {}", trip.number.as_deref().unwrap_or_default());
    let mut blocks = vec![head.of_party(trip.number.as_deref().unwrap_or_default()), heading(&trip)];
    blocks.extend(order(&trip));
    blocks.push(Text::new("Theo đăng ký sử dụng xe:").into());
    blocks.push(table(requests));
    blocks.push(Block::Together(vec![
        Text::new("Xác nhận của người sử dụng xe:").into(),
        readings(&trip),
        signatures(&[("NGƯỜI SỬ DỤNG XE", None), ("LÁI XE", None), ("NGƯỜI ĐIỀU XE", dispatcher)], 52.0),
    ]));
    Ok((name.clone(), Sheet { form: "dispatch_order", paper: head.paper(name, blocks) }))
}

/// The name of the form, and whether it is in force as it was first written.
fn heading(trip: &TripOut) -> Block {
    let mut under = Vec::new();
    if trip.revision > 1 {
        under.push(Text::new(format!("(Sửa đổi lần {})", trip.revision - 1)));
    }
    if trip.status == TripStatus::Void {
        let reason = trip.decision_reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        under.push(Text::new("ĐÃ HỦY").bold().then(reason, Face::Regular));
    }
    title("LỆNH ĐIỀU XE", under)
}

/// Who drives which car where, and when.
fn order(trip: &TripOut) -> Vec<Block> {
    let car = trip.vehicle.as_ref();
    let plate = car.and_then(|car| Plate::parse(&car.plate)).map(|plate| plate.display());
    let car = car.map(|car| format!("{}, biển số {}", car.name, plate.unwrap_or_default()));
    let mut fields = vec![
        strong_field("Xe", car.as_deref()),
        strong_field("Lái xe", Some(&trip.driver_name)),
        field("Lộ trình", Some(&trip.route)),
        field("Giờ đi", Some(&format::time(trip.starts_at))),
        field("Dự kiến về", Some(&format::time(trip.ends_at))),
        field("Số người đi", Some(&trip.passenger_count.to_string())),
    ];
    fields.extend(trip.note.as_deref().map(|note| field("Ghi chú", Some(note))));
    fields
}

fn table(requests: Vec<Request>) -> Block {
    let row = |one: Request| {
        let requester = one.requester.map(Text::new);
        let board = Cell::left(one.board);
        vec![
            Cell::left(one.number),
            requester.into_iter().fold(board, Cell::and),
            Cell::left(one.purpose),
            Cell::center(one.passengers.to_string()),
            Cell::left(format!("{} → {}", one.pick_up_place, one.destination)),
        ]
    };
    let heads = ["Số đăng ký", "Ban, người phụ trách", "Nội dung công tác", "Số người", "Nơi đón, nơi đến"];
    Block::Table(Table {
        widths: vec![Points(88.0), Share(1.1), Share(1.35), Points(40.0), Share(1.2)],
        head: heads.map(Cell::heading).to_vec(),
        rows: requests.into_iter().map(row).collect(),
        row_height: 0.0,
    })
}

/// What the user of the car confirms; open as long as the car is not out or not back.
fn readings(trip: &TripOut) -> Block {
    let at = |at: Option<DateTime<Utc>>| Cell::center(at.map(format::time).unwrap_or_else(dots));
    let km = |km: Option<i64>| Cell::center(km.map(format::amount).unwrap_or_else(dots));
    Block::Table(Table {
        widths: vec![Share(1.0), Share(1.6), Share(1.2)],
        head: ["", "Giờ, ngày", "Số km trên đồng hồ"].map(Cell::heading).to_vec(),
        rows: vec![
            vec![Cell::left("Xe đi"), at(trip.departed_at), km(trip.odometer_start_km)],
            vec![Cell::left("Xe về"), at(trip.returned_at), km(trip.odometer_end_km)],
            vec![Cell::left("Quãng đường (km)"), km(trip.km).over(2)],
        ],
        row_height: 22.0,
    })
}

fn dots() -> String {
    ".".repeat(30)
}

async fn requests(db: &impl ConnectionTrait, trip: &TripOut) -> ApiResult<Vec<Request>> {
    let ids = trip.booking_ids.iter().copied();
    let rows = by_id::<vehicle_bookings::Entity, _>(db, ids, vehicle_bookings::Column::Id).await?;
    let boards = rows.values().map(|row| row.board_id);
    let boards: BTreeMap<Uuid, _> = by_id::<boards::Entity, _>(db, boards, boards::Column::Id).await?;
    let people = People::load(db, rows.values().map(|row| Some(row.requester_id))).await?;
    let request = |id: &Uuid| {
        let row = rows.get(id)?;
        Some(Request {
            number: row.number.clone(),
            board: boards.get(&row.board_id).map(|board| board.name.clone()).unwrap_or_default(),
            requester: people.name(row.requester_id),
            purpose: row.purpose.clone(),
            passengers: row.passenger_count,
            pick_up_place: row.pick_up_place.clone(),
            destination: row.destination.clone(),
        })
    };
    Ok(trip.booking_ids.iter().filter_map(request).collect())
}
