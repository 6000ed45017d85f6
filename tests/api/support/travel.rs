//! Travel orders for tests that are not about how an order comes to be: written as they would stand.

use chrono::{Datelike, TimeDelta};
use entity::budget_lines::{self, BudgetLineStatus};
use entity::funding_source::FundingSource;
use entity::travel_order_legs::{LegKind, Lodging, Transport};
use entity::travel_orders::TravelOrderStatus;
use entity::{travel_order_legs, travel_order_travellers, travel_orders};
use sea_orm::{ActiveModelTrait, ActiveValue, EntityTrait, IntoActiveModel, Set};
use shared_office::budgets::commitments::{self, Document};
use shared_office::budgets::ledger::{self, Move, Movement};
use shared_office::budgets::lines;
use shared_office::budgets::lines::json::BudgetLineIn;
use shared_office::write::{Actor, Event};
use uuid::Uuid;

use super::{Office, Value, at, id, json};

/// An order of a board for these travellers, by default three days in November 2025.
pub(crate) struct Order<'a> {
    pub(crate) name: &'a str,
    pub(crate) board: &'a str,
    pub(crate) travellers: &'a [&'a str],
    pub(crate) status: TravelOrderStatus,
    pub(crate) starts_at: &'a str,
    pub(crate) ends_at: &'a str,
    pub(crate) estimated_amount: i64,
    /// What each traveller may be paid: kind, day, amount.
    pub(crate) costs: &'a [(&'a str, &'a str, i64)],
    /// The transports of its legs, one a day from its first day on.
    pub(crate) legs: &'a [Transport],
}

impl Default for Order<'_> {
    fn default() -> Self {
        Self {
            name: "order",
            board: "btctu",
            travellers: &["p_duong"],
            status: TravelOrderStatus::Approved,
            starts_at: "2025-11-10T07:00:00+07:00",
            ends_at: "2025-11-12T17:00:00+07:00",
            estimated_amount: 10_000_000,
            costs: &[],
            legs: &[],
        }
    }
}

/// A budget line of autonomous funds with plenty of money; its id.
pub(crate) async fn given_line(office: &Office, board: &str, year: i64, sub_item: &str) -> Uuid {
    given_line_of(office, board, (year, sub_item), 1_000_000_000).await
}

/// A budget line of autonomous funds with this much money; its id.
pub(crate) async fn given_line_of(
    office: &Office,
    board: &str,
    (year, sub_item): (i64, &str),
    planned_amount: i64,
) -> Uuid {
    let line_id = id(&format!("bl_{year}_{board}_13_{sub_item}"));
    let body = BudgetLineIn {
        year,
        board_id: id(board),
        funding_source: FundingSource::Autonomous,
        sub_item: sub_item.to_owned(),
        planned_amount,
        document_number: "12-QĐ/TU".to_owned(),
        issuer: "Ban Thường vụ Tỉnh ủy".to_owned(),
        signed_on: "2024-12-25".parse().expect("a day"),
    };
    shared_office::write::transaction(&office.app, &Actor::system(), async |tx| {
        if budget_lines::Entity::find_by_id(line_id).one(tx.db()).await?.is_some() {
            return Ok(());
        }
        let planned = lines::store::insert(tx, line_id, &body, None).await?;
        let active =
            budget_lines::ActiveModel { status: Set(BudgetLineStatus::Active), ..Default::default() };
        let event = Event::new("activate", "budget_line", line_id, planned.version + 1);
        let line = lines::store::save(tx, &planned, active, event).await?;
        lines::handlers::appropriate(tx, &line).await.map(drop)
    })
    .await
    .expect("a line");
    line_id
}

/// Gives a budget line more money.
pub(crate) async fn fund(office: &Office, line_id: Uuid, amount: i64) {
    let more = Movement { line_id, what: Move::Supplement, amount };
    shared_office::write::transaction(&office.app, &Actor::system(), async |tx| {
        ledger::post(tx, Document::budget_line(line_id), &[more]).await
    })
    .await
    .expect("a supplement");
}

impl Order<'_> {
    /// Writes it down; its id.
    pub(crate) async fn given(self, office: &Office) -> Uuid {
        let (db, order_id, now) = (&office.app.db.writer, id(self.name), office.app.clock.now());
        let (starts_at, ends_at) = (at(self.starts_at), at(self.ends_at));
        let completed = matches!(self.status, TravelOrderStatus::Completed | TravelOrderStatus::Settled);
        let order = travel_orders::Model {
            id: order_id,
            number: format!("TO-{}", self.name),
            chain_id: order_id,
            revision: 1,
            amends_id: None,
            amend_reason: None,
            board_id: id(self.board),
            requester_id: id(self.travellers[0]),
            traveller_id: id(self.travellers[0]),
            purpose: "Khảo sát".to_owned(),
            host: None,
            funding_note: None,
            starts_at,
            ends_at,
            status: self.status,
            waiting_since: now,
            estimate: Some(self.estimate()),
            estimated_amount: Some(self.estimated_amount),
            budget_line_id: None,
            funds_reason: None,
            funding_source: Some(FundingSource::Autonomous),
            submitted_by_id: Some(id(self.travellers[0])),
            funds_checked_by_id: Some(id("p_ha")),
            approved_by_id: Some(id("p_an")),
            decision_reason: None,
            actual_starts_at: completed.then_some(starts_at),
            actual_ends_at: completed.then_some(ends_at),
            actual_estimate: None,
            actual_amount: None,
            permit_stamped: completed.then_some(true),
            completion_note: None,
            completed_at: completed.then_some(now),
            completed_by_id: completed.then(|| id(self.travellers[0])),
            settled_at: None,
            settled_by_id: None,
            search: String::new(),
            version: 1,
            created_at: now,
            updated_at: now,
            created_by_id: None,
        };
        order.into_active_model().insert(db).await.expect("an order");
        for (position, traveller) in (0..).zip(self.travellers) {
            let row = travel_order_travellers::ActiveModel {
                id: Set(id(&format!("{}/{position}", self.name))),
                order_id: Set(order_id),
                position: Set(position),
                staff_id: Set(id(traveller)),
                coefficient_hundredths: Set(Some(0)),
                private_dates: Set(json!([])),
                starts_at: Set(starts_at),
                ends_at: Set(ends_at),
                away: Set(false),
            };
            row.insert(db).await.expect("a traveller");
        }
        for (position, transport) in (0..).zip(self.legs) {
            let leaves = starts_at + TimeDelta::days(position);
            let leg = travel_order_legs::ActiveModel {
                id: Set(id(&format!("{}/leg/{position}", self.name))),
                order_id: Set(order_id),
                kind: Set(LegKind::Planned),
                position: Set(position),
                from_place: Set("Buôn Ma Thuột".to_owned()),
                to_place: Set("Nha Trang".to_owned()),
                starts_at: Set(leaves),
                ends_at: Set(leaves + TimeDelta::hours(3)),
                place_class: Set(None),
                other_place_classes: Set(json!([])),
                transport: Set(*transport),
                one_way_km_hundredths: Set(None),
                round_trip: Set(false),
                difficult_area: Set(false),
                at_sea: Set(false),
                ticket_amount: Set(None),
                lodging: Set(Lodging::None),
                room_amount: Set(None),
                room_occupants: Set(None),
                late_check_out_cause: Set(None),
                late_check_out_reason: Set(None),
            };
            leg.insert(db).await.expect("a leg");
        }
        let line = given_line(office, self.board, starts_at.year().into(), "6702").await;
        fund(office, line, self.estimated_amount).await;
        let shares = [(line, self.estimated_amount)].into();
        shared_office::write::transaction(&office.app, &Actor::system(), async |tx| {
            commitments::commit(tx, Document::travel_order(order_id), &shares).await
        })
        .await
        .expect("a commitment");
        order_id
    }

    /// The estimate that was frozen with the order.
    fn estimate(&self) -> Value {
        let rate = json!({
            "rate_id": id("a rate"), "table": "TT40-2017", "document_number": "40/2017/TT-BTC", "issuer": "Bộ Tài chính",
            "article": null, "verification": "verified", "priced_on": "2025-11-10",
        });
        let line = |(kind, on, amount): &(&str, &str, i64)| {
            json!({
                "kind": kind, "on": on, "leg": 0, "quantity": "1.00", "unit": "per_person_per_day", "rate_amount": amount,
                "amount": amount, "asked_amount": null, "reason": null, "working": format!("1 x {amount} đ"), "rates": [rate],
            })
        };
        let lines: Vec<Value> = self.costs.iter().map(line).collect();
        let traveller = |staff: &&str| {
            json!({
                "staff_id": id(staff), "coefficient": "0.00", "days": 3, "nights": 2, "paid_days": 3, "lines": lines,
                "per_diem_amount": 0, "lodging_amount": 0, "transport_amount": 0, "total_amount": 0,
            })
        };
        let travellers: Vec<Value> = self.travellers.iter().map(traveller).collect();
        json!({
            "travellers": travellers, "total_amount": self.estimated_amount, "verification": "verified",
            "document_numbers": ["40/2017/TT-BTC"], "rate_change_pricing": "by_day",
        })
    }
}

/// The order at another stage.
pub(crate) async fn set_status(office: &Office, order_id: Uuid, status: TravelOrderStatus) {
    let db = &office.app.db.writer;
    let found = travel_orders::Entity::find_by_id(order_id).one(db).await;
    let order = found.expect("an answer").expect("the order");
    let (starts_at, ends_at, traveller) = (order.starts_at, order.ends_at, order.traveller_id);
    let mut order = order.into_active_model();
    order.status = Set(status);
    if matches!(status, TravelOrderStatus::Completed | TravelOrderStatus::Settled) {
        order.actual_starts_at = Set(Some(starts_at));
        order.actual_ends_at = Set(Some(ends_at));
        order.permit_stamped = Set(Some(true));
        order.completed_by_id = ActiveValue::Set(Some(traveller));
    }
    order.update(db).await.expect("changed");
}
