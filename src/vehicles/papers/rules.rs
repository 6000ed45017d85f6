//! Which days the papers of a car cover, and which papers a trip needs.

use chrono::NaiveDate;
use entity::vehicle_papers::{Model, PaperKind};

use crate::error::{FieldError, text};

/// All kinds, in the order in which they are told.
pub const KINDS: [PaperKind; 4] =
    [PaperKind::Registration, PaperKind::Inspection, PaperKind::Insurance, PaperKind::RoadFee];

/// A kind of paper that does not cover every day of a trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingPaper {
    pub kind: PaperKind,
    /// The last day on which the car still had it; nothing where it never had.
    pub valid_to: Option<NaiveDate>,
}

/// Where the papers of one kind stop to cover day after day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lapse {
    /// The first day without a valid paper.
    pub on: NaiveDate,
    /// The last day before it with one.
    pub valid_to: Option<NaiveDate>,
}

/// The first day from `first` on that none of these papers of one kind covers; nothing where the last of them has
/// no end.
pub fn lapse(papers: &[&Model], first: NaiveDate) -> Option<Lapse> {
    let mut in_order = papers.to_vec();
    in_order.sort_by_key(|paper| paper.valid_from);
    let mut on = first;
    for paper in in_order {
        if paper.valid_from > on {
            break;
        }
        match paper.valid_to {
            None => return None,
            Some(end) if end >= on => on = end.succ_opt()?,
            Some(_) => {}
        }
    }
    let valid_to = papers.iter().filter_map(|paper| paper.valid_to).filter(|end| *end < on).max();
    Some(Lapse { on, valid_to })
}

/// Whether a car may not go without this paper. A car needs its inspection and its insurance in any case, the others
/// only where the office keeps them: one that was there and has ended.
pub fn blocks(kind: PaperKind, lapse: &Lapse) -> bool {
    matches!(kind, PaperKind::Inspection | PaperKind::Insurance) || lapse.valid_to.is_some()
}

/// Which of a car's papers do not cover every day from `first_day` to `last_day`.
pub fn missing(papers: &[Model], first_day: NaiveDate, last_day: NaiveDate) -> Vec<MissingPaper> {
    KINDS
        .into_iter()
        .filter_map(|kind| {
            let of_kind: Vec<&Model> = papers.iter().filter(|paper| paper.kind == kind).collect();
            let lapse = lapse(&of_kind, first_day).filter(|lapse| lapse.on <= last_day)?;
            blocks(kind, &lapse).then_some(MissingPaper { kind, valid_to: lapse.valid_to })
        })
        .collect()
}

impl MissingPaper {
    /// The broken rule, e.g. `vehicle_inspection_expired`. `field` is what names the car, e.g. `vehicle_id`.
    pub fn broken(&self, field: &str) -> FieldError {
        let (code, vi, en) = match self.kind {
            PaperKind::Registration => ("vehicle_registration_expired", "đăng ký xe", "registration"),
            PaperKind::Inspection => ("vehicle_inspection_expired", "đăng kiểm", "inspection"),
            PaperKind::Insurance => ("vehicle_insurance_expired", "bảo hiểm trách nhiệm dân sự", "insurance"),
            PaperKind::RoadFee => ("vehicle_road_fee_expired", "phí sử dụng đường bộ", "road fee"),
        };
        let detail = match self.valid_to {
            Some(day) => text(
                format!("{vi} của xe không còn hiệu lực trong cả chuyến đi: hết hạn sau ngày {day}"),
                format!("the car's {en} does not cover the whole trip: it ends on {day}"),
            ),
            None => text(
                format!("xe chưa có {vi} cho thời gian của chuyến đi"),
                format!("the car has no {en} for the days of the trip"),
            ),
        };
        FieldError::body(field, code, detail)
    }
}

/// What is wrong with the days of a paper.
pub fn broken_days(
    kind: PaperKind,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
) -> Option<FieldError> {
    match valid_to {
        Some(day) if day < valid_from => Some(FieldError::body(
            "valid_to",
            "out_of_range",
            text("không được trước valid_from", "must not be before valid_from"),
        )),
        None if kind != PaperKind::Registration => Some(FieldError::body(
            "valid_to",
            "required",
            text(
                "chỉ đăng ký xe mới có thể không có ngày hết hạn",
                "only a registration may have no last day",
            ),
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PaperKind::{Inspection, Insurance, Registration, RoadFee};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn paper(kind: PaperKind, from: &str, to: &str) -> Model {
        Model {
            id: uuid::Uuid::nil(),
            vehicle_id: uuid::Uuid::nil(),
            kind,
            number: "1".to_owned(),
            valid_from: day(from),
            valid_to: (!to.is_empty()).then(|| day(to)),
            issuer: None,
            note: None,
            version: 1,
            created_at: chrono::DateTime::UNIX_EPOCH,
            updated_at: chrono::DateTime::UNIX_EPOCH,
            created_by_id: None,
        }
    }

    /// An inspected car whose insurance ends on a day.
    fn insured_to(to: &str) -> Vec<Model> {
        vec![paper(Inspection, "2020-01-01", "2030-12-31"), paper(Insurance, "2025-01-01", to)]
    }

    fn missing_on(papers: &[Model], first: &str, last: &str) -> Vec<MissingPaper> {
        missing(papers, day(first), day(last))
    }

    #[test]
    fn a_paper_counts_on_its_first_and_its_last_day() {
        let papers = insured_to("2025-12-10");
        let ended = MissingPaper { kind: Insurance, valid_to: Some(day("2025-12-10")) };
        assert_eq!(missing_on(&papers, "2025-12-10", "2025-12-10"), []);
        assert_eq!(missing_on(&papers, "2025-12-10", "2025-12-11"), [ended]);
        assert_eq!(missing_on(&papers, "2025-01-01", "2025-01-02"), []);
        let never = MissingPaper { kind: Insurance, valid_to: None };
        assert_eq!(missing_on(&papers, "2024-12-31", "2025-01-02"), [never]);
    }

    #[test]
    fn papers_of_one_kind_cover_a_trip_together() {
        let mut papers = insured_to("2025-12-10");
        papers.push(paper(Insurance, "2025-12-11", "2026-12-10"));
        assert_eq!(missing_on(&papers, "2025-12-09", "2025-12-12"), [], "one follows the other");
        papers.push(paper(Insurance, "2026-12-01", "2027-11-30"));
        assert_eq!(missing_on(&papers, "2025-12-09", "2027-11-30"), [], "renewed in advance");
        papers.push(paper(Insurance, "2027-12-02", "2028-12-01"));
        let gap = MissingPaper { kind: Insurance, valid_to: Some(day("2027-11-30")) };
        assert_eq!(missing_on(&papers, "2027-11-01", "2027-12-05"), [gap], "one day between them");
        assert_eq!(missing_on(&papers, "2027-12-02", "2027-12-05"), []);
    }

    #[test]
    fn a_long_paper_is_not_cut_short_by_a_shorter_one_within_it() {
        let mut papers = insured_to("2027-12-31");
        papers.push(paper(Insurance, "2025-06-01", "2025-06-30"));
        assert_eq!(missing_on(&papers, "2025-06-15", "2025-07-15"), []);
    }

    #[test]
    fn inspection_and_insurance_are_always_needed_and_the_others_where_they_are_kept() {
        let missing = |kind| MissingPaper { kind, valid_to: None };
        assert_eq!(missing_on(&[], "2025-12-10", "2025-12-10"), [missing(Inspection), missing(Insurance)]);
        let mut papers = insured_to("2030-12-31");
        assert_eq!(missing_on(&papers, "2025-12-10", "2025-12-10"), []);
        papers.push(paper(RoadFee, "2025-12-20", "2026-12-19"));
        assert_eq!(missing_on(&papers, "2025-12-10", "2025-12-10"), [], "kept from a later day on");
        papers.push(paper(RoadFee, "2024-12-01", "2025-11-30"));
        let ended = MissingPaper { kind: RoadFee, valid_to: Some(day("2025-11-30")) };
        assert_eq!(missing_on(&papers, "2025-12-10", "2025-12-10"), [ended]);
        papers.push(paper(Registration, "2019-01-01", ""));
        assert_eq!(missing_on(&papers, "2025-12-20", "2026-12-19"), [], "a registration without an end");
    }

    #[test]
    fn only_a_registration_has_no_end() {
        let broken = |kind, to: Option<&str>| broken_days(kind, day("2025-01-02"), to.map(day)).is_some();
        assert!(!broken(Registration, None));
        assert!(broken(Inspection, None));
        assert!(!broken(Inspection, Some("2025-01-02")));
        assert!(broken(Inspection, Some("2025-01-01")));
    }
}
