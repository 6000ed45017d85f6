//! What the journey behind a travel claim says about its lines.

use chrono::NaiveDate;
use entity::expense_claim_lines::Model as Line;
use entity::travel_order_legs::{Model as Leg, Transport};

use crate::claims::orders::Journey;
use crate::clock::office_day;
use crate::error::{FieldError, Text, text};

/// Costs of a way that is not made in a car of the office.
const WAYS: [&str; 4] = ["hired_transport", "hired_vehicle", "private_transport", "ticket"];

/// Everything that a travel claim asks for and its journey forbids: a day outside the order, a way that the office's
/// car made, a night that is paid twice.
pub fn broken(journey: &Journey, lines: &[Line]) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for line in lines {
        let mut wrong = |field: &str, code, detail: Text| {
            errors.push(FieldError::body(&format!("lines/{}/{field}", line.position), code, detail));
        };
        if !authorized(journey, line.incurred_on) {
            let (first, last) = journey.days();
            let outside = text(
                format!("ngoài quyết định: chỉ từ {first} đến {last}"),
                format!("outside the order, which goes from {first} to {last}"),
            );
            wrong("incurred_on", "outside_authorization", outside);
        }
        if WAYS.contains(&line.kind.as_str()) && by_office_car(&journey.legs, line.incurred_on) {
            let car = text("chặng này đã đi xe của cơ quan", "the office's car made this leg");
            wrong("kind", "double_transport", car);
        }
        if line.kind == "lodging_lump_sum" && night_by_receipt(lines, line.incurred_on) {
            let twice = text(
                "một đêm của một người chỉ khoán hoặc theo hóa đơn",
                "a night of one person is paid by lump sum or by receipt, not both",
            );
            wrong("kind", "lodging_method_conflict", twice);
        }
    }
    errors
}

fn authorized(journey: &Journey, day: NaiveDate) -> bool {
    let (first, last) = journey.days();
    first <= day && day <= last
}

/// All legs that begin on a day are made in a car of the office.
fn by_office_car(legs: &[Leg], day: NaiveDate) -> bool {
    let mut that_day = legs.iter().filter(|leg| office_day(leg.starts_at) == day).peekable();
    that_day.peek().is_some() && that_day.all(|leg| leg.transport == Transport::OfficeCar)
}

fn night_by_receipt(lines: &[Line], night: NaiveDate) -> bool {
    lines.iter().any(|line| line.kind == "lodging_receipt" && line.incurred_on == night)
}
