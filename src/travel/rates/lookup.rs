//! Which row answers for a day.

use chrono::NaiveDate;
use entity::rate_tables::{self, RateAuthority};
use entity::rates::{self, RateKind};
use sea_orm::ConnectionTrait;

use crate::error::ApiResult;
use crate::http::text::code_key;
use crate::travel::estimates::json::RateUsed;
use crate::travel::rates::store;

/// The rows of some kinds in a time, read at once: a journey asks them for every day.
pub struct Book {
    rows: Vec<(rates::Model, rate_tables::Model)>,
}

/// A row that answers.
#[derive(Clone, Copy)]
pub struct Found<'a> {
    pub rate: &'a rates::Model,
    pub table: &'a rate_tables::Model,
    /// The row by which the traveller was classed.
    class: Option<(&'a rates::Model, &'a rate_tables::Model)>,
}

/// The kinds of which a journey asks.
const OF_TRAVEL: &[RateKind] = &[
    RateKind::TravellerClass,
    RateKind::PerDiem,
    RateKind::SameDayPerDiem,
    RateKind::LodgingLumpSum,
    RateKind::LodgingReceiptCeiling,
    RateKind::LodgingRule,
    RateKind::MonthlyLumpSum,
    RateKind::PrivateTransport,
    RateKind::OfficeSetting,
];

/// The kinds of which a conference or a reception asks.
const OF_CONFERENCES: &[RateKind] = &[
    RateKind::TravellerClass,
    RateKind::LodgingLumpSum,
    RateKind::ConferenceRefreshments,
    RateKind::ConferenceMealSupport,
    RateKind::ConferenceCatering,
    RateKind::Hospitality,
];

/// A setting of the office on a day; nothing where it has made no choice.
///
/// # Errors
/// When the database does not answer.
pub async fn setting(db: &impl ConnectionTrait, code: &str, day: NaiveDate) -> ApiResult<Option<String>> {
    let rows = store::in_force(db, &[RateKind::OfficeSetting], day, day).await?;
    Ok(Book { rows }
        .find(RateKind::OfficeSetting, Some(code), day)
        .and_then(|found| found.rate.value.clone()))
}

impl Book {
    /// # Errors
    /// When the database does not answer.
    pub async fn of_travel(db: &impl ConnectionTrait, first: NaiveDate, last: NaiveDate) -> ApiResult<Self> {
        Ok(Self { rows: store::in_force(db, OF_TRAVEL, first, last).await? })
    }

    /// The rows of one regulation where it is named by its code.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn of_conferences(
        db: &impl ConnectionTrait,
        (first, last): (NaiveDate, NaiveDate),
        table: Option<&str>,
    ) -> ApiResult<Self> {
        let mut rows = store::in_force(db, OF_CONFERENCES, first, last).await?;
        let wanted = table.map(code_key);
        rows.retain(|(_, table)| wanted.as_ref().is_none_or(|wanted| *wanted == table.code_key));
        Ok(Self { rows })
    }

    /// The row of a kind and a code.
    pub fn find(&self, kind: RateKind, code: Option<&str>, day: NaiveDate) -> Option<Found<'_>> {
        self.best(kind, day, |rate, _| rate.code.as_deref() == code)
    }

    /// The row of a kind and a code for a class of places; one for any place where none is for this one.
    pub fn at_place(&self, kind: RateKind, code: &str, place: &str, day: NaiveDate) -> Option<Found<'_>> {
        self.best(kind, day, |rate, _| {
            rate.code.as_deref() == Some(code)
                && rate.place_class.as_deref().is_none_or(|known| known == place)
        })
    }

    /// The tier of a journey within one day. `seconds` and `km` (in hundredths, one way) reach its limits.
    pub fn same_day(&self, seconds: i64, km: i64, day: NaiveDate) -> Option<Found<'_>> {
        self.best(RateKind::SameDayPerDiem, day, |rate, _| {
            let hours = rate.min_hours_hundredths.unwrap_or_default();
            seconds * 100 >= hours * 3600 && km >= rate.min_one_way_km_hundredths.unwrap_or_default()
        })
    }

    /// The rate of a night (`LodgingLumpSum` or `LodgingReceiptCeiling`) for a coefficient in hundredths. `place_in`
    /// gives the class of the place in a regulation, by the regulation's code.
    pub fn lodging<'a>(
        &'a self,
        kind: RateKind,
        coefficient: i64,
        place_in: impl Fn(&str) -> Option<&'a str>,
        day: NaiveDate,
    ) -> Option<Found<'a>> {
        let found = self.best(kind, day, |rate, table| {
            let place = rate.place_class.as_deref();
            (place.is_none() || place == place_in(&table.code))
                && self.class(rate, coefficient, day).is_some()
        })?;
        Some(Found { class: self.class(found.rate, coefficient, day), ..found })
    }

    /// The row that says that a coefficient belongs to the class of a rate.
    fn class(
        &self,
        rate: &rates::Model,
        coefficient: i64,
        day: NaiveDate,
    ) -> Option<(&rates::Model, &rate_tables::Model)> {
        let rows = self.rows.iter().map(|(row, table)| (row, table));
        rows.filter(|(row, _)| in_force(row, RateKind::TravellerClass, day)).find(|(row, _)| {
            row.rate_table_id == rate.rate_table_id
                && row.applies_to == Some(rate.kind)
                && row.code == rate.traveller_class
                && row.coefficient_from_hundredths.is_some_and(|lowest| lowest <= coefficient)
                && row.coefficient_to_hundredths.is_none_or(|highest| coefficient <= highest)
        })
    }

    /// The office's row unless it is above the state's.
    fn best(
        &self,
        kind: RateKind,
        day: NaiveDate,
        fits: impl Fn(&rates::Model, &rate_tables::Model) -> bool,
    ) -> Option<Found<'_>> {
        let newest = |authority: RateAuthority| {
            self.rows
                .iter()
                .filter(|(rate, table)| table.authority == authority && in_force(rate, kind, day))
                .filter(|(rate, table)| fits(rate, table))
                .max_by(|one, other| rank(one).cmp(&rank(other)))
                .map(|(rate, table)| Found { rate, table, class: None })
        };
        match (newest(RateAuthority::Office), newest(RateAuthority::State)) {
            (Some(own), Some(state)) if measure(own.rate) > measure(state.rate) => Some(state),
            (own, state) => own.or(state),
        }
    }
}

fn in_force(rate: &rates::Model, kind: RateKind, day: NaiveDate) -> bool {
    rate.kind == kind && rate.valid_from <= day && rate.valid_to.is_none_or(|last| day <= last)
}

/// The newest regulation, and in it the row for the very place, and the highest tier that was reached.
fn rank((rate, table): &(rates::Model, rate_tables::Model)) -> (NaiveDate, &str, bool, Option<i64>) {
    (table.valid_from, &table.code, rate.place_class.is_some(), rate.amount)
}

/// By what two rows of one kind are compared.
fn measure(rate: &rates::Model) -> Option<i64> {
    rate.amount.or(rate.percent_hundredths).or(rate.litres_per_km_hundredths)
}

impl Found<'_> {
    /// The amount; rows of kinds without one have none.
    pub fn amount(&self) -> i64 {
        self.rate.amount.unwrap_or_default()
    }

    /// The rows behind the answer, for the line that it enters.
    pub fn used(&self, day: NaiveDate) -> Vec<RateUsed> {
        let mut rows = vec![(self.rate, self.table)];
        rows.extend(self.class);
        let used = rows.into_iter().map(|(rate, table)| RateUsed {
            rate_id: rate.id,
            table: Some(table.code.clone()),
            document_number: Some(table.document_number.clone()),
            issuer: table.issuer.clone(),
            article: rate.article.clone(),
            verification: rate.verification,
            priced_on: day,
        });
        used.collect()
    }
}
