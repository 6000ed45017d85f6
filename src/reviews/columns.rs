//! What each figure is called and counts: one table, read by the answer, the workbook and the report, so that all three
//! say the same. Tables are read from the figures as they are kept, so that a review of years ago can still be printed;
//! what it does not have stays empty.

use entity::reviews::Model;
use serde_json::Value;

use crate::decimal::hundredths;
use crate::error::{Text, text};
use crate::http::language::Language;
use crate::reviews::figures::json::ReviewUnit;

/// A table of the figures.
pub struct Section {
    /// Its place in the figures, e.g. `tasks`.
    pub code: &'static str,
    pub vi: &'static str,
    pub en: &'static str,
    /// A JSON Pointer to the rows where they stand elsewhere; nothing adds those up.
    pub rows: &'static str,
    pub columns: &'static [Column],
}

/// A column: its field, the unit (empty for words), its names.
pub struct Column {
    pub field: &'static str,
    pub unit: &'static str,
    pub vi: &'static str,
    pub en: &'static str,
}

/// A value on its way to paper or into a sheet.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    Empty,
    Word(String),
    Whole(i64),
    /// In hundredths.
    Decimal(i64),
}

/// A section with its values; the last row is the sum where there is one.
pub struct Filled {
    pub section: &'static Section,
    pub rows: Vec<Vec<Entry>>,
    pub total: Option<Vec<Entry>>,
}

const fn column(field: &'static str, unit: &'static str, vi: &'static str, en: &'static str) -> Column {
    Column { field, unit, vi, en }
}

const BOARD: Column = column("board_code", "", "Ban", "Board");

const TASKS: &[Column] = &[
    BOARD,
    column("given_out_count", "task", "Đã giao", "Given out"),
    column("done_count", "task", "Hoàn thành", "Done"),
    column("on_time_count", "task", "Đúng hạn", "On time"),
    column("on_time_percent", "percent", "Tỷ lệ đúng hạn", "Share on time"),
    column("late_count", "task", "Trễ hạn", "Late"),
    column("silent_count", "task", "Không phản hồi", "Silent"),
    column("objection_count", "objection", "Từ chối", "Objections"),
    column("hand_over_count", "hand_over", "Đề nghị chuyển giao", "Hand-overs"),
];

const BOOKINGS: &[Column] = &[
    BOARD,
    column("asked_count", "booking", "Đăng ký", "Asked for"),
    column("served_count", "booking", "Đã phục vụ", "Served"),
    column("rejected_count", "booking", "Từ chối", "Rejected"),
    column("cancelled_count", "booking", "Hủy", "Cancelled"),
    column("expired_count", "booking", "Hết hạn", "Expired"),
    column("open_count", "booking", "Đang chờ", "Open"),
    column("clashed_count", "booking", "Trùng xe", "Clashed"),
    column("urgent_count", "booking", "Đột xuất", "Urgent"),
];

const CARS: &[Column] = &[
    column("plate", "", "Biển số", "Plate"),
    column("name", "", "Xe", "Car"),
    column("trip_count", "trip", "Chuyến", "Trips"),
    column("km", "km", "Quãng đường", "Distance"),
    column("norm_litres", "litre", "Định mức", "Norm"),
    column("bought_litres", "litre", "Đã mua", "Bought"),
    column("bought_amount", "vnd", "Tiền mua", "Cost"),
    column("statement_count", "month", "Bảng kê đã khóa", "Closed statements"),
    column("statement_norm_litres", "litre", "Định mức theo bảng kê", "Norm by statements"),
    column("statement_used_litres", "litre", "Đã dùng theo bảng kê", "Used by statements"),
    column("used_percent", "percent", "Dùng so định mức", "Used of norm"),
];

const CLAIMS: &[Column] = &[
    BOARD,
    column("submitted_count", "claim", "Đã nộp", "Handed in"),
    column("submitted_amount", "vnd", "Số tiền đề nghị", "Asked for"),
    column("paid_count", "claim", "Đã chi trả", "Paid"),
    column("paid_amount", "vnd", "Số tiền chi trả", "Paid amount"),
    column("median_days_to_payment", "day", "Trung vị từ nộp đến chi", "Median to payment"),
    column("returned_count", "claim", "Bị trả lại", "Returned"),
    column("return_count", "return", "Số lần trả lại", "Returns"),
    column("return_reason_count", "reason", "Số thiếu sót", "Reasons"),
    column("open_count", "claim", "Đang xử lý", "Open"),
    column("open_amount", "vnd", "Số tiền đang xử lý", "Open amount"),
];

const OPEN_CLAIMS: &[Column] = &[
    BOARD,
    column("status", "", "Bước", "Step"),
    column("open_count", "claim", "Hồ sơ", "Claims"),
    column("open_amount", "vnd", "Số tiền", "Amount"),
    column("days_0_to_2_count", "claim", "0–2 ngày", "0–2 days"),
    column("days_3_to_5_count", "claim", "3–5 ngày", "3–5 days"),
    column("days_6_to_10_count", "claim", "6–10 ngày", "6–10 days"),
    column("days_over_10_count", "claim", "Trên 10 ngày", "Over 10 days"),
    column("late_count", "claim", "Quá hạn", "Late"),
];

const RETURN_REASONS: &[Column] =
    &[column("code", "", "Thiếu sót", "Reason"), column("return_reason_count", "reason", "Lần", "Reasons")];

const BUDGETS: &[Column] = &[
    column("year", "", "Năm", "Year"),
    BOARD,
    column("funding_source", "", "Nguồn", "Source"),
    column("appropriated_amount", "vnd", "Dự toán giao", "Appropriated"),
    column("transferred_amount", "vnd", "Điều chỉnh", "Transferred"),
    column("spent_amount", "vnd", "Đã chi", "Spent"),
    column("committed_amount", "vnd", "Đã cam kết", "Committed"),
    column("available_amount", "vnd", "Còn lại", "Available"),
    column("spent_percent", "percent", "Tỷ lệ chi", "Share spent"),
];

const ADVANCES: &[Column] = &[
    BOARD,
    column("outstanding_count", "advance", "Chưa thanh toán", "Outstanding"),
    column("outstanding_amount", "vnd", "Số tiền chưa thanh toán", "Outstanding amount"),
    column("overdue_count", "advance", "Quá hạn", "Overdue"),
    column("overdue_amount", "vnd", "Số tiền quá hạn", "Overdue amount"),
];

const OBSTACLES: &[Column] = &[
    BOARD,
    column("raised_count", "obstacle", "Vướng mắc mới", "Raised"),
    column("resolved_count", "obstacle", "Đã giải quyết", "Resolved"),
    column("open_count", "obstacle", "Còn tồn tại", "Open"),
    column("proposed_measure_count", "measure", "Giải pháp đề xuất", "Measures proposed"),
    column("done_measure_count", "measure", "Đã thực hiện", "Measures done"),
    column("effective_measure_count", "measure", "Có hiệu quả", "Effective"),
    column("ineffective_measure_count", "measure", "Không hiệu quả", "Ineffective"),
    column("overdue_measure_count", "measure", "Quá hạn", "Overdue"),
];

const ACCOUNTANTS: &[Column] = &[
    BOARD,
    column("full_name", "", "Kế toán", "Accountant"),
    column("kind", "", "Vai trò", "Part"),
    column("valid_from", "", "Từ ngày", "From"),
    column("valid_to", "", "Đến ngày", "To"),
    column("decision_number", "", "Quyết định", "Decision"),
];

/// Every table, in the order of the report.
pub const SECTIONS: &[Section] = &[
    section("tasks", "Nhiệm vụ hội nghị, tiếp khách", "Tasks of conferences and receptions", TASKS),
    section("bookings", "Đăng ký sử dụng xe", "Requests for cars", BOOKINGS),
    section("cars", "Xe, quãng đường và nhiên liệu", "Cars, distance and fuel", CARS),
    section("claims", "Hồ sơ thanh toán", "Expense claims", CLAIMS),
    Section {
        rows: "/claims/open",
        ..section("open_claims", "Hồ sơ thanh toán đang xử lý", "Open claims", OPEN_CLAIMS)
    },
    Section {
        rows: "/claims/return_reasons",
        ..section("return_reasons", "Lý do trả lại hồ sơ", "Why claims were returned", RETURN_REASONS)
    },
    section("advances", "Tạm ứng chưa thanh toán", "Outstanding advances", ADVANCES),
    section("budgets", "Thực hiện dự toán", "Execution of the budget", BUDGETS),
    section("obstacles", "Khó khăn, vướng mắc và giải pháp", "Obstacles and measures", OBSTACLES),
    Section {
        rows: "/accountants",
        ..section("accountants", "Kế toán phụ trách các ban", "Accountants in charge", ACCOUNTANTS)
    },
];

const fn section(
    code: &'static str,
    vi: &'static str,
    en: &'static str,
    columns: &'static [Column],
) -> Section {
    Section { code, vi, en, rows: "", columns }
}

impl Section {
    pub fn name(&self, language: Language) -> &'static str {
        one(language, self.vi, self.en)
    }

    /// The section's values in the figures of a review.
    pub fn filled(&'static self, figures: &Value, language: Language) -> Filled {
        let own = |part: &str| figures.pointer(&format!("/{}/{part}", self.code));
        let elsewhere = (!self.rows.is_empty()).then(|| figures.pointer(self.rows));
        let found = elsewhere.unwrap_or_else(|| own("rows")).and_then(Value::as_array);
        let rows = found.into_iter().flatten().map(|row| self.entries(row, language)).collect();
        let total = own("total").filter(|_| self.rows.is_empty());
        Filled { section: self, rows, total: total.map(|total| self.entries(total, language)) }
    }

    fn entries(&self, row: &Value, language: Language) -> Vec<Entry> {
        let value = |column: &Column| match &row[column.field] {
            Value::Null if row["figures"].is_object() => &row["figures"][column.field],
            value => value,
        };
        self.columns.iter().map(|column| column.entry(value(column), language)).collect()
    }
}

impl Column {
    pub fn name(&self, language: Language) -> &'static str {
        one(language, self.vi, self.en)
    }

    /// The name with the unit, e.g. `Quãng đường (km)`, or the name alone where it is the unit.
    pub fn heading(&self, language: Language) -> String {
        let name = self.name(language);
        match unit(self.unit).get(language) {
            "" => name.to_owned(),
            unit if name.to_lowercase() == unit => name.to_owned(),
            unit => format!("{name} ({unit})"),
        }
    }

    fn entry(&self, value: &Value, language: Language) -> Entry {
        match value {
            Value::Number(number) => number.as_i64().map_or(Entry::Empty, |number| match self.unit {
                // A year is a name, not a number to add up.
                "" => Entry::Word(number.to_string()),
                _ => Entry::Whole(number),
            }),
            Value::String(text) if self.unit.is_empty() => Entry::Word(word(text, language)),
            Value::String(text) => hundredths(text).map_or(Entry::Empty, Entry::Decimal),
            _ => Entry::Empty,
        }
    }
}

fn one(language: Language, vi: &'static str, en: &'static str) -> &'static str {
    match language {
        Language::Vi => vi,
        Language::En => en,
    }
}

/// The unit as people write it.
pub fn unit(code: &str) -> Text {
    let (vi, en) = match code {
        "task" => ("việc", "tasks"),
        "objection" => ("lần", "objections"),
        "hand_over" => ("lần", "hand-overs"),
        "booking" => ("đăng ký", "bookings"),
        "trip" => ("chuyến", "trips"),
        "km" => ("km", "km"),
        "litre" => ("lít", "l"),
        "vnd" => ("đồng", "VND"),
        "month" => ("tháng", "months"),
        "percent" => ("%", "%"),
        "claim" => ("hồ sơ", "claims"),
        "day" => ("ngày", "days"),
        "return" => ("lần", "returns"),
        "reason" => ("lần", "reasons"),
        "advance" => ("khoản", "advances"),
        "obstacle" => ("vướng mắc", "obstacles"),
        "measure" => ("giải pháp", "measures"),
        _ => ("", ""),
    };
    text(vi, en)
}

/// Words of closed lists as people say them; days as they are written in the language; any other text as it is.
fn word(value: &str, language: Language) -> String {
    let (vi, en) = match value {
        "autonomous" => ("Tự chủ", "Autonomous"),
        "non_autonomous" => ("Không tự chủ", "Non-autonomous"),
        "submitted" => ("Chờ trưởng ban xác nhận", "Submitted"),
        "confirmed" => ("Chờ kế toán thẩm định", "Confirmed"),
        "verified" => ("Chờ duyệt", "Verified"),
        "approved" => ("Chờ chi", "Approved"),
        "returned" => ("Trả lại người đề nghị", "Returned"),
        "charge" => ("Phụ trách", "In charge"),
        "substitute" => ("Thay thế", "Substitute"),
        "unspecified" => ("Không nêu cụ thể", "Not specified"),
        other => {
            let day = other.parse::<chrono::NaiveDate>().ok().filter(|_| language == Language::Vi);
            return day.map_or_else(|| other.to_owned(), crate::forms::format::date);
        }
    };
    one(language, vi, en).to_owned()
}

/// The unit and the names of every figure, for the answer.
pub fn units() -> Vec<ReviewUnit> {
    let of = |section: &'static Section| {
        let figures = section.columns.iter().filter(|column| !column.unit.is_empty());
        figures.map(move |column| ReviewUnit {
            figure: format!("{}.{}", section.code, column.field),
            unit: column.unit.to_owned(),
            name_vi: column.vi.to_owned(),
            name_en: column.en.to_owned(),
        })
    };
    SECTIONS.iter().flat_map(of).collect()
}

/// The figures of a review, if it has any.
pub fn tables(review: &Model, language: Language) -> Option<Vec<Filled>> {
    let figures = review.figures.as_ref()?;
    Some(SECTIONS.iter().map(|section| section.filled(figures, language)).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::reviews::figures::json as wire;

    /// The fields of a kind of row that are figures.
    fn counted(row: impl serde::Serialize) -> Vec<String> {
        let row = serde_json::to_value(row).expect("a row");
        let names = row.as_object().expect("an object").keys();
        names.cloned().collect()
    }

    #[test]
    fn every_figure_has_a_name_and_a_unit() {
        let rows = [
            ("tasks", counted(wire::ReviewTaskFigures::default())),
            ("bookings", counted(wire::ReviewBookingFigures::default())),
            ("cars", counted(wire::ReviewCarFigures::default())),
            ("claims", counted(wire::ReviewClaimFigures::default())),
            ("budgets", counted(wire::ReviewBudgetFigures::default())),
            ("advances", counted(wire::ReviewAdvanceFigures::default())),
            ("obstacles", counted(wire::ReviewObstacleFigures::default())),
        ];
        for (code, fields) in rows {
            let section = SECTIONS.iter().find(|section| section.code == code).expect("a section");
            let with_unit = section.columns.iter().filter(|column| !column.unit.is_empty());
            let mut named: Vec<&str> = with_unit.map(|column| column.field).collect();
            named.sort_unstable();
            assert_eq!(named, fields, "{code}");
        }
        for one in units() {
            assert!(!unit(&one.unit).vi.is_empty(), "{} has no unit in words", one.figure);
        }
    }

    #[test]
    fn what_an_older_review_does_not_have_stays_empty() {
        let section = SECTIONS.first().expect("a section");
        let figures = json!({"tasks": {"rows": [{"board_code": "=1+1", "figures": {"done_count": 3, "on_time_percent": "33.33"}}]}});
        let filled = section.filled(&figures, Language::Vi);
        assert!(filled.total.is_none());
        assert_eq!(
            filled.rows[0][..5],
            [
                Entry::Word("=1+1".to_owned()),
                Entry::Empty,
                Entry::Whole(3),
                Entry::Empty,
                Entry::Decimal(3333)
            ]
        );
    }
}
