//! What all lines of an estimate share: which day's rates count, what a line looks like, and what is missing.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::fuel_prices;
use entity::rates::RateKind;
use entity::vehicles::FuelType;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::decimal::decimal;
use crate::error::{ApiError, ApiResult, Code, FieldError, Text, text};
use crate::fuel::prices;
use crate::http::language::Language;
use crate::travel::estimates::json::{EstimateLine, RateChangePricing, RateUsed};
use crate::travel::rates::lookup::Book;
use crate::travel::rates::rules::RATE_CHANGE_PRICING;

/// The rates of a journey's days.
pub struct Pricing {
    pub book: Book,
    petrol: Vec<fuel_prices::Model>,
    pub mode: RateChangePricing,
    departure: NaiveDate,
    pub language: Language,
}

/// Somebody who travels, as far as rates ask.
pub struct Person {
    pub staff_id: Option<Uuid>,
    /// In hundredths.
    pub coefficient: i64,
    /// Nothing where the coefficient decides.
    pub has_car_right: Option<bool>,
    pub private_dates: BTreeSet<NaiveDate>,
}

/// Rates that do not exist, each said once.
#[derive(Default)]
pub struct Missing {
    known: BTreeSet<String>,
    errors: Vec<FieldError>,
}

impl Pricing {
    /// Reads everything that a journey of these days can ask for: four queries, however long it is.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn load(
        db: &impl ConnectionTrait,
        language: Language,
        wish: Option<RateChangePricing>,
        (first, last): (NaiveDate, NaiveDate),
    ) -> ApiResult<Self> {
        let book = Book::of_travel(db, first, last).await?;
        let petrol = prices::between(db, FuelType::Petrol, first, last).await?;
        let mode = wish.unwrap_or_else(|| chosen(&book, first));
        Ok(Self { book, petrol, mode, departure: first, language })
    }

    /// The day whose rates price a day of the journey.
    pub fn day(&self, on: NaiveDate) -> NaiveDate {
        match self.mode {
            RateChangePricing::ByDay => on,
            RateChangePricing::ByDeparture => self.departure,
        }
    }

    /// The price of a litre of petrol: always of the day itself, since nobody fills up in advance.
    pub fn petrol(&self, on: NaiveDate) -> Option<&fuel_prices::Model> {
        let on_day =
            |price: &&fuel_prices::Model| price.valid_from <= on && price.valid_to.is_none_or(|to| on <= to);
        self.petrol.iter().find(on_day)
    }
}

/// What the office chose for a change of rates.
fn chosen(book: &Book, day: NaiveDate) -> RateChangePricing {
    let setting = book.find(RateKind::OfficeSetting, Some(RATE_CHANGE_PRICING), day);
    match setting.and_then(|found| found.rate.value.as_deref()) {
        Some("by_departure") => RateChangePricing::ByDeparture,
        _ => RateChangePricing::ByDay,
    }
}

/// A fuel price as a row behind an amount.
pub fn fuel_price(price: &fuel_prices::Model, day: NaiveDate) -> RateUsed {
    RateUsed {
        rate_id: price.id,
        table: None,
        document_number: price.document_number.clone(),
        issuer: price.issuer.clone(),
        article: None,
        verification: price.verification,
        priced_on: day,
    }
}

/// One of something that costs nothing yet.
pub fn line(kind: &str, on: NaiveDate, leg: usize, unit: &str) -> EstimateLine {
    EstimateLine {
        kind: kind.to_owned(),
        on,
        leg: i64::try_from(leg).ok(),
        quantity: decimal(100),
        unit: unit.to_owned(),
        rate_amount: 0,
        amount: 0,
        asked_amount: None,
        reason: None,
        working: String::new(),
        rates: Vec::new(),
    }
}

impl EstimateLine {
    /// Nothing is paid, and this is why.
    pub(super) fn unpaid(self, reason: &str, working: &Text, language: Language) -> Self {
        Self { amount: 0, reason: Some(reason.to_owned()), working: working.get(language).to_owned(), ..self }
    }

    pub(super) fn on_private_day(self, language: Language) -> Self {
        self.unpaid("private_day", &text("ngày riêng", "own day"), language)
    }
}

impl Missing {
    /// Notes that there is no such rate on a day; a further day without it says nothing new.
    pub fn add(&mut self, pointer: &str, what: &Text, day: NaiveDate) {
        if self.known.insert(format!("{pointer} {}", what.en)) {
            let detail = text(
                format!("Chưa có {} vào ngày {day}.", what.vi),
                format!("There is no {} on {day}.", what.en),
            );
            self.errors.push(FieldError::body(pointer, Code::RateNotFound.name(), detail));
        }
    }

    /// Everything that is missing, to be told with what else is wrong.
    pub fn into_errors(self) -> Vec<FieldError> {
        self.errors
    }

    /// # Errors
    /// 422 `rate_not_found`, naming everything that is missing.
    pub fn refuse(self) -> ApiResult<()> {
        match self.errors.first() {
            None => Ok(()),
            Some(first) => {
                let detail = first.detail.clone();
                Err(ApiError::new(Code::RateNotFound, detail).with_errors(self.errors))
            }
        }
    }
}
