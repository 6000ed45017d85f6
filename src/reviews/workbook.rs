//! A review as a workbook: its tables on sheets, with charts beside them. Texts are written as texts, so nothing that
//! somebody typed becomes a formula. The same review in the same language gives the same bytes.

use actix_web::http::header::{DispositionType, ETag, EntityTag};
use actix_web::{HttpRequest, HttpResponse};
use entity::reviews::Model;
use rust_xlsxwriter::{
    Chart, ChartType, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet,
    XlsxError,
};
use sha2::{Digest, Sha256};

use crate::decimal::decimal;
use crate::error::{ApiError, ApiResult};
use crate::forms::answer::named;
use crate::forms::head::not_ready;
use crate::http::call::Call;
use crate::http::document::XLSX;
use crate::http::language::Language;
use crate::http::reply::unchanged;
use crate::reviews::columns::{Entry, Filled, tables, unit};
use crate::reviews::json::{ReviewTextKind, texts};

/// The workbook to save, and not again while it says the same.
///
/// # Errors
/// 422 `form_not_ready` for a review without figures.
pub async fn send(call: &Call, request: &HttpRequest, review: Model) -> ApiResult<HttpResponse> {
    if review.figures.is_none() {
        return Err(not_ready(review.status));
    }
    let (language, tag) = (call.language, tag(&review, call.language));
    let mut response = HttpResponse::Ok();
    response.insert_header(("Content-Language", language.tag()));
    response.insert_header(ETag(EntityTag::new_strong(tag.clone())));
    if unchanged(request, &tag) {
        return Ok(response.status(actix_web::http::StatusCode::NOT_MODIFIED).finish());
    }
    let name = named(DispositionType::Attachment, &format!("{}.xlsx", review.number));
    // Compressing is work for a core, so it is done away from the request threads.
    let written = tokio::task::spawn_blocking(move || write(&review, language));
    let bytes = written.await.map_err(ApiError::internal)?.map_err(ApiError::internal)?;
    Ok(response.insert_header(name).content_type(XLSX).body(bytes))
}

/// Changes with the version of the service, the review and the language, and with nothing else.
fn tag(review: &Model, language: Language) -> String {
    let said = format!("{} {} {} {}", env!("CARGO_PKG_VERSION"), review.id, review.version, language.tag());
    Sha256::digest(said).iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

/// A sheet with its tables, and the charts of the first one: kind, title, the fields that are drawn.
struct Plan {
    vi: &'static str,
    en: &'static str,
    sections: &'static [&'static str],
    charts: &'static [Drawing],
}

struct Drawing {
    kind: ChartType,
    vi: &'static str,
    en: &'static str,
    fields: &'static [&'static str],
}

const PLANS: &[Plan] = &[
    Plan {
        vi: "Nhiệm vụ",
        en: "Tasks",
        sections: &["tasks", "bookings"],
        charts: &[Drawing {
            kind: ChartType::Column,
            vi: "Nhiệm vụ theo ban",
            en: "Tasks by board",
            fields: &["done_count", "on_time_count", "late_count"],
        }],
    },
    Plan {
        vi: "Xe",
        en: "Cars",
        sections: &["cars"],
        charts: &[
            Drawing {
                kind: ChartType::Column,
                vi: "Quãng đường theo xe",
                en: "Distance by car",
                fields: &["km"],
            },
            Drawing {
                kind: ChartType::Column,
                vi: "Nhiên liệu so với định mức",
                en: "Fuel against the norm",
                fields: &["statement_norm_litres", "statement_used_litres"],
            },
        ],
    },
    Plan {
        vi: "Hồ sơ",
        en: "Claims",
        sections: &["claims", "open_claims", "return_reasons", "advances"],
        charts: &[Drawing {
            kind: ChartType::Column,
            vi: "Hồ sơ theo ban",
            en: "Claims by board",
            fields: &["submitted_count", "paid_count", "return_count", "open_count"],
        }],
    },
    Plan {
        vi: "Dự toán",
        en: "Budgets",
        sections: &["budgets"],
        charts: &[Drawing {
            kind: ChartType::ColumnStacked,
            vi: "Dự toán theo ban và nguồn",
            en: "Budget by board and source",
            fields: &["spent_amount", "committed_amount", "available_amount"],
        }],
    },
    Plan {
        vi: "Vướng mắc",
        en: "Obstacles",
        sections: &["obstacles"],
        charts: &[Drawing {
            kind: ChartType::Column,
            vi: "Vướng mắc theo ban",
            en: "Obstacles by board",
            fields: &["raised_count", "resolved_count", "open_count"],
        }],
    },
];

/// How cells look.
struct Looks {
    title: Format,
    head: Format,
    word: Format,
    whole: Format,
    decimal: Format,
    sum: [Format; 3],
}

impl Looks {
    fn new() -> Self {
        let cell = || Format::new().set_border(FormatBorder::Thin).set_align(FormatAlign::Top);
        let (whole, decimal) = (cell().set_num_format("#,##0"), cell().set_num_format("#,##0.00"));
        Self {
            title: Format::new().set_bold(),
            head: cell().set_bold().set_text_wrap().set_align(FormatAlign::Center),
            word: cell(),
            sum: [cell().set_bold(), whole.clone().set_bold(), decimal.clone().set_bold()],
            whole,
            decimal,
        }
    }
}

fn write(review: &Model, language: Language) -> Result<Vec<u8>, XlsxError> {
    let tables = tables(review, language).unwrap_or_default();
    let looks = Looks::new();
    let mut book = Workbook::new();
    let made = ExcelDateTime::from_timestamp(review.updated_at.timestamp())?;
    book.set_properties(&DocProperties::new().set_title(&review.title).set_creation_datetime(&made));
    summary(book.add_worksheet(), review, &tables, &looks, language)?;
    for plan in PLANS {
        let name = said(language, plan.vi, plan.en);
        let sheet = book.add_worksheet();
        sheet.set_name(name)?;
        paper(sheet);
        let chosen: Vec<&Filled> =
            tables.iter().filter(|table| plan.sections.contains(&table.section.code)).collect();
        let mut row = 0;
        for (place, table) in chosen.iter().enumerate() {
            if place == 0 {
                charts(sheet, name, plan.charts, table, language)?;
            }
            row = fill(sheet, row, table, &looks, language)?;
        }
        if plan.sections.contains(&"obstacles") {
            hindrances(sheet, row, review, &looks)?;
        }
    }
    book.save_to_buffer()
}

fn said(language: Language, vi: &'static str, en: &'static str) -> &'static str {
    match language {
        Language::Vi => vi,
        Language::En => en,
    }
}

/// A4, as wide as one page.
fn paper(sheet: &mut Worksheet) {
    sheet.set_paper_size(9).set_landscape().set_print_fit_to_pages(1, 0);
}

/// What the review is, the sums of all tables, and who was in charge.
fn summary(
    sheet: &mut Worksheet,
    review: &Model,
    tables: &[Filled],
    looks: &Looks,
    language: Language,
) -> Result<(), XlsxError> {
    sheet.set_name(said(language, "Tổng hợp", "Summary"))?;
    paper(sheet);
    let digest = review.figures_sha256.clone().unwrap_or_default();
    let period = format!("{} – {}", review.from_on, review.to_on);
    let facts = [
        (said(language, "Số", "Number"), review.number.as_str()),
        (said(language, "Kỳ", "Period"), period.as_str()),
        (said(language, "SHA-256 của số liệu", "SHA-256 of the figures"), digest.as_str()),
    ];
    sheet.write_string_with_format(0, 0, &review.title, &looks.title)?;
    let mut row = 1;
    for (name, value) in facts {
        sheet.write_string(row, 0, name)?.write_string(row, 1, value)?;
        row += 1;
    }
    row += 1;
    let heads = [
        said(language, "Nội dung", "Subject"),
        said(language, "Chỉ tiêu", "Figure"),
        said(language, "Giá trị", "Value"),
        said(language, "Đơn vị", "Unit"),
    ];
    for (column, head) in (0..).zip(heads) {
        sheet.write_string_with_format(row, column, head, &looks.head)?;
        sheet.set_column_width(column, 30)?;
    }
    row += 1;
    for table in tables {
        let Some(total) = &table.total else { continue };
        let figures = table.section.columns.iter().zip(total).filter(|(column, _)| !column.unit.is_empty());
        for (column, entry) in figures {
            sheet.write_string_with_format(row, 0, table.section.name(language), &looks.word)?;
            sheet.write_string_with_format(row, 1, column.name(language), &looks.word)?;
            put(sheet, row, 2, entry, [&looks.word, &looks.whole, &looks.decimal])?;
            sheet.write_string_with_format(row, 3, unit(column.unit).get(language), &looks.word)?;
            row += 1;
        }
    }
    if let Some(table) = tables.iter().find(|table| table.section.code == "accountants") {
        fill(sheet, row + 1, table, looks, language)?;
    }
    Ok(())
}

fn put(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    entry: &Entry,
    [word, whole, two]: [&Format; 3],
) -> Result<(), XlsxError> {
    match entry {
        Entry::Empty => sheet.write_blank(row, column, word)?,
        Entry::Word(text) => sheet.write_string_with_format(row, column, text, word)?,
        Entry::Whole(number) => sheet.write_with_format(row, column, *number, whole)?,
        Entry::Decimal(number) => {
            let number: f64 = decimal(*number).parse().unwrap_or_default();
            sheet.write_number_with_format(row, column, number, two)?
        }
    };
    Ok(())
}

/// Title, head, rows and sum of a table; the row after it and a free one.
fn fill(
    sheet: &mut Worksheet,
    from: u32,
    table: &Filled,
    looks: &Looks,
    language: Language,
) -> Result<u32, XlsxError> {
    sheet.write_string_with_format(from, 0, table.section.name(language), &looks.title)?;
    for (place, column) in (0..).zip(table.section.columns) {
        sheet.write_string_with_format(from + 1, place, column.heading(language), &looks.head)?;
        sheet.set_column_width(place, 18)?;
    }
    let mut row = from + 2;
    for entries in &table.rows {
        for (place, entry) in (0..).zip(entries) {
            put(sheet, row, place, entry, [&looks.word, &looks.whole, &looks.decimal])?;
        }
        row += 1;
    }
    if let Some(total) = &table.total {
        let [word, whole, two] = &looks.sum;
        for (place, entry) in (0..).zip(total) {
            put(sheet, row, place, entry, [word, whole, two])?;
        }
        sheet.write_string_with_format(row, 0, said(language, "Cộng", "Total"), word)?;
        row += 1;
    }
    Ok(row + 1)
}

/// Charts of the table at the top of a sheet, to the right of it; none of a table without rows.
fn charts(
    sheet: &mut Worksheet,
    name: &str,
    drawings: &[Drawing],
    table: &Filled,
    language: Language,
) -> Result<(), XlsxError> {
    let columns = table.section.columns;
    let (Ok(rows), Ok(width)) = (u32::try_from(table.rows.len()), u16::try_from(columns.len())) else {
        return Ok(());
    };
    if rows == 0 {
        return Ok(());
    }
    let words = columns.iter().take_while(|column| column.unit.is_empty()).count();
    let last_word = u16::try_from(words).unwrap_or(1).saturating_sub(1);
    let mut at = 1;
    for drawing in drawings {
        let mut chart = Chart::new(drawing.kind);
        chart.title().set_name(said(language, drawing.vi, drawing.en));
        for (place, column) in (0..).zip(columns) {
            if drawing.fields.contains(&column.field) {
                chart
                    .add_series()
                    .set_name((name, 1, place))
                    .set_categories((name, 2, 0, rows + 1, last_word))
                    .set_values((name, 2, place, rows + 1, place));
            }
        }
        sheet.insert_chart(at, width + 1, &chart)?;
        at += 18;
    }
    Ok(())
}

/// What people wrote about what hinders the work.
fn hindrances(sheet: &mut Worksheet, from: u32, review: &Model, looks: &Looks) -> Result<(), XlsxError> {
    let mut row = from;
    for text in texts(review).into_iter().filter(|text| text.kind == ReviewTextKind::Hindrances) {
        sheet.write_string_with_format(row, 0, &text.heading, &looks.title)?;
        for paragraph in text.text.lines() {
            row += 1;
            sheet.write_string(row, 0, paragraph)?;
        }
        row += 2;
    }
    Ok(())
}
