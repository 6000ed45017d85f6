//! What a rate binds: refreshments, meals, lodging and hospitality. A line is quantity x rate, rounded once.

use chrono::NaiveDate;
use entity::rates::{AmountKind, RateKind};

use crate::conferences::costs::estimates::json::{
    ConferenceCostLine, ConferenceHospitalityIn, ConferenceLodgingIn, ConferenceMealSupportIn,
    ConferenceRefreshmentsIn, HospitalityKind, MealsFor,
};
use crate::decimal::{decimal, divide, hundredths};
use crate::error::{FieldError, Text, text};
use crate::http::document::LARGEST_AMOUNT;
use crate::http::language::Language;
use crate::travel::estimates::pricing::Missing;
use crate::travel::estimates::working::dong;
use crate::travel::rates::lookup::{Book, Found};

/// The kinds of cost that are bound by a rate and by nothing else, as claims name them.
const BOUND: [&str; 4] =
    ["conference_meal_support", "conference_refreshments", "hospitality_drinks", "hospitality_meal"];

pub fn is_bound(kind: &str) -> bool {
    BOUND.contains(&kind)
}

/// The rates of an estimate, and all that is wrong with it so far.
pub struct Asked<'a> {
    pub book: &'a Book,
    pub language: Language,
    pub on: NaiveDate,
    pub missing: Missing,
    pub broken: Vec<FieldError>,
}

/// A line before its amount is known.
struct Priced<'a> {
    item: String,
    kind: &'static str,
    on: NaiveDate,
    quantity: i64,
    found: Found<'a>,
    /// How the quantity came about, e.g. `150 đại biểu x 2 buổi`.
    working: Text,
}

/// The refusal of a gift.
pub fn gift(field: &str) -> FieldError {
    let never = text(
        "không tặng quà bằng tiền tiếp khách hoặc tiền hội nghị",
        "gifts are never paid from the money of hospitality or conferences",
    );
    FieldError::body(field, "gift_not_allowed", never)
}

impl Asked<'_> {
    /// The amount, unless it is larger than any amount of the service.
    pub fn within(&mut self, field: &str, exact: i128) -> Option<i64> {
        let amount = i64::try_from(exact).ok().filter(|amount| *amount <= LARGEST_AMOUNT);
        if amount.is_none() {
            let large = text("vượt quá số tiền lớn nhất", "is more than the largest amount");
            self.broken.push(FieldError::body(field, "out_of_range", large));
        }
        amount
    }

    fn lacks(&mut self, item: &str, vi: &str, en: &str, on: NaiveDate) {
        self.missing.add(item, &text(vi, en), on);
    }

    pub fn refreshments(
        &mut self,
        at: usize,
        asked: &ConferenceRefreshmentsIn,
    ) -> Option<ConferenceCostLine> {
        let (item, on) = (format!("refreshments/{at}"), asked.on.unwrap_or(self.on));
        let Some(found) = self.book.find(RateKind::ConferenceRefreshments, None, on) else {
            self.lacks(&item, "mức giải khát giữa giờ", "rate of refreshments (conference_refreshments)", on);
            return None;
        };
        let ConferenceRefreshmentsIn { delegates, sessions, .. } = asked;
        let working = text(
            format!("{delegates} đại biểu x {sessions} buổi"),
            format!("{delegates} delegates x {sessions} half days"),
        );
        let (kind, quantity) = ("conference_refreshments", delegates * sessions);
        self.line(Priced { item, kind, on, quantity, found, working })
    }

    /// A salaried delegate's per diem pays their meals: the rate tables say so with a share of nothing.
    pub fn meal_support(&mut self, at: usize, asked: &ConferenceMealSupportIn) -> Option<ConferenceCostLine> {
        let (item, on) = (format!("meal_support/{at}"), asked.on.unwrap_or(self.on));
        let (code, salaried) = match asked.for_whom {
            MealsFor::UnsalariedGuest => ("unsalaried_guest", false),
            MealsFor::SalariedDelegate => ("salaried_delegate", true),
        };
        let mut share = None;
        if salaried || asked.collective_catering {
            share = self.book.find(RateKind::ConferenceCatering, Some(code), on);
            if share.is_none() {
                let vi = format!("mức ăn tập trung cho {code}");
                self.lacks(&item, &vi, &format!("share of catering (conference_catering) for {code}"), on);
            }
        }
        let percent = share.and_then(|share| share.rate.percent_hundredths);
        let working = text(
            format!("{} người x {} ngày", asked.persons, asked.days),
            format!("{} persons x {} days", asked.persons, asked.days),
        );
        let (kind, quantity) = ("conference_meal_support", asked.persons * asked.days);
        if let (true, Some(share)) = (salaried, share.filter(|_| percent == Some(0))) {
            let line = self.line(Priced { item, kind, on, quantity, found: share, working })?;
            return Some(ConferenceCostLine { reason: Some("salaried_delegate".to_owned()), ..line });
        }
        let support = RateKind::ConferenceMealSupport;
        let Some(found) = self.book.at_place(support, "unsalaried_guest", &asked.place_class, on) else {
            let place = &asked.place_class;
            let vi = format!("mức hỗ trợ tiền ăn ở {place}");
            self.lacks(&item, &vi, &format!("rate of meal support (conference_meal_support) at {place}"), on);
            return None;
        };
        if (salaried || asked.collective_catering) && share.is_none() {
            return None;
        }
        let line = self.line(Priced { item, kind, on, quantity, found, working })?;
        Some(match share.zip(percent) {
            Some((share, percent)) => self.catered(line, share, percent),
            None => line,
        })
    }

    /// Together for all: so many percent of the support.
    fn catered(&self, line: ConferenceCostLine, share: Found<'_>, percent: i64) -> ConferenceCostLine {
        let amount = divide(i128::from(line.amount) * i128::from(percent), 10_000);
        let mut rates = line.rates;
        rates.extend(share.used(line.on));
        let working = format!("{} x {}%", line.working, decimal(percent));
        ConferenceCostLine { amount, ceiling_amount: Some(amount), working, rates, ..line }
    }

    pub fn lodging(&mut self, at: usize, asked: &ConferenceLodgingIn) -> Option<ConferenceCostLine> {
        let (item, on) = (format!("lodging/{at}"), asked.on.unwrap_or(self.on));
        let coefficient = hundredths(&asked.coefficient).unwrap_or_default();
        let place = asked.place_class.as_str();
        let found = self.book.lodging(RateKind::LodgingLumpSum, coefficient, |_| Some(place), on);
        let Some(found) = found else {
            let vi = format!("mức khoán tiền phòng ở {place} cho hệ số {}", asked.coefficient);
            let en = format!("lodging lump sum (lodging_lump_sum) at {place} for {}", asked.coefficient);
            self.lacks(&item, &vi, &en, on);
            return None;
        };
        let working = text(
            format!("{} người x {} đêm", asked.persons, asked.nights),
            format!("{} persons x {} nights", asked.persons, asked.nights),
        );
        let (kind, quantity) = ("conference_lodging", asked.persons * asked.nights);
        self.line(Priced { item, kind, on, quantity, found, working })
    }

    pub fn hospitality(&mut self, at: usize, asked: &ConferenceHospitalityIn) -> Option<ConferenceCostLine> {
        let (item, on) = (format!("hospitality/{at}"), asked.on.unwrap_or(self.on));
        let (code, kind, vi) = match asked.kind {
            HospitalityKind::Meal => ("meal", "hospitality_meal", "bữa"),
            HospitalityKind::Drinks => ("drinks", "hospitality_drinks", "buổi"),
            HospitalityKind::Gift => ("gift", "gift", "phần"),
        };
        let Some(found) = self.book.find(RateKind::Hospitality, Some(code), on) else {
            let en = format!("ceiling of hospitality (hospitality) for {code}");
            self.lacks(&item, &format!("mức chi tiếp khách {code}"), &en, on);
            return None;
        };
        if found.rate.amount_kind == Some(AmountKind::Forbidden) {
            self.broken.push(gift(&format!("{item}/kind")));
            return None;
        }
        let sessions = asked.sessions.unwrap_or(1);
        let working = text(
            format!("{} người x {sessions} {vi}", asked.persons),
            format!("{} persons x {sessions}", asked.persons),
        );
        let line =
            self.line(Priced { item, kind, on, quantity: asked.persons * sessions, found, working })?;
        let Some(amount) = asked.amount else { return Some(line) };
        if amount > line.amount {
            let ceiling = dong(line.amount);
            let over = text(
                format!("vượt mức trần {}", ceiling.vi),
                format!("is above the ceiling of {}", ceiling.en),
            );
            self.broken.push(FieldError::body(&format!("{}/amount", line.item), "over_ceiling", over));
            return None;
        }
        Some(ConferenceCostLine { amount, ..line })
    }

    fn line(&mut self, priced: Priced<'_>) -> Option<ConferenceCostLine> {
        let Priced { item, kind, on, quantity, found, working } = priced;
        let rate = found.amount();
        let amount = self.within(&item, i128::from(quantity) * i128::from(rate))?;
        let (shown, words) = (dong(rate), working.get(self.language));
        Some(ConferenceCostLine {
            item,
            kind: kind.to_owned(),
            on,
            description: None,
            quantity: decimal(quantity * 100),
            unit: found.rate.unit.clone().unwrap_or_else(|| "each".to_owned()),
            rate_amount: rate,
            amount,
            ceiling_amount: Some(amount),
            reason: None,
            working: format!("{words} x {}", shown.get(self.language)),
            rates: found.used(on),
        })
    }
}
