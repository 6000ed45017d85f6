//! Báo cáo sơ kết, tổng kết: the paper that a chief of office takes to the meeting. The texts come first, with the
//! signature below them; the figures follow as an annex.

use entity::reviews::{Model, ReviewStatus};
use sea_orm::{ConnectionTrait, EntityTrait};

use crate::clock::office_day;
use crate::decimal::decimal;
use crate::error::ApiResult;
use crate::forms::format;
use crate::forms::head::{Head, People, not_ready, title};
use crate::forms::paper::Width::{Points, Share};
use crate::forms::paper::{Block, Cell, Column, Face, Table, Text, Width};
use crate::forms::press::Sheet;
use crate::http::call::Call;
use crate::http::language::Language;
use crate::reviews::columns::{self, Entry, Filled, tables};
use crate::reviews::json::{ReviewText, ReviewTextKind, texts};

/// The parts of the paper, in their order.
const PARTS: [(ReviewTextKind, &str); 3] = [
    (ReviewTextKind::Results, "KẾT QUẢ ĐẠT ĐƯỢC"),
    (ReviewTextKind::Hindrances, "KHÓ KHĂN, VƯỚNG MẮC"),
    (ReviewTextKind::Directions, "PHƯƠNG HƯỚNG, NHIỆM VỤ"),
];

const NUMERALS: [&str; 3] = ["I", "II", "III"];

/// More figures than this do not stand beside each other on A4; the table goes on below.
const WIDEST: usize = 9;

/// The name of the file and the form.
///
/// # Errors
/// 422 `form_not_ready` for a review without figures.
pub async fn sheet(db: &impl ConnectionTrait, call: &Call, review: Model) -> ApiResult<(String, Sheet)> {
    let Some(tables) = tables(&review, Language::Vi) else { return Err(not_ready(review.status)) };
    let day = office_day(review.approved_at.unwrap_or(review.waiting_since));
    let head = Head::load(db, call, None, day, review.updated_at).await?;
    let people = People::load(db, [review.approved_by_id]).await?;
    let position = review.approved_by_id.and_then(|approver| people.title(approver, day));
    let successor = match review.superseded_by_id {
        Some(id) => entity::reviews::Entity::find_by_id(id).one(db).await?.map(|review| review.number),
        None => None,
    };
    let mut blocks = vec![head.of_party(&review.number), heading(&review, successor)];
    blocks.extend(parts(&texts(&review)));
    blocks.push(signature(position, people.name(review.approved_by_id)));
    blocks.extend(annex(&review, &tables));
    let name = format!("Báo cáo {}", review.number);
    Ok((name.clone(), Sheet { form: "review_report", paper: head.paper(name, blocks) }))
}

/// The name of the paper, its period, and whether it is in force.
fn heading(review: &Model, successor: Option<String>) -> Block {
    let period =
        format!("(Từ ngày {} đến ngày {})", format::date(review.from_on), format::date(review.to_on));
    let mut under = vec![Text::new(&review.title).bold(), Text::new(period).italic()];
    if review.revision > 1 {
        under.push(Text::new(format!("(Đính chính lần {})", review.revision - 1)));
    }
    if review.status == ReviewStatus::Drafted {
        under.push(Text::new("DỰ THẢO").bold());
    }
    if let Some(number) = successor {
        under.push(Text::new("ĐÃ ĐƯỢC THAY THẾ").bold().then(format!(" bởi {number}"), Face::Regular));
    }
    title("BÁO CÁO", under)
}

/// Numbered parts of what there are texts for.
fn parts(texts: &[ReviewText]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let written = PARTS.iter().filter(|(kind, _)| texts.iter().any(|text| text.kind == *kind));
    for (numeral, (kind, name)) in NUMERALS.iter().zip(written) {
        blocks.push(Block::Gap(6.0));
        let mut first = vec![Text::new(format!("{numeral}. {name}")).bold().into()];
        for (place, text) in (1..).zip(texts.iter().filter(|text| text.kind == *kind)) {
            let mut lines = text.text.lines().filter(|line| !line.trim().is_empty());
            // A heading never stands at a page's end without a line of its text.
            first.push(Text::new(format!("{place}. {}", text.heading)).bold().into());
            first.extend(lines.next().map(|line| Text::new(line).into()));
            blocks.push(Block::Together(std::mem::take(&mut first)));
            blocks.extend(lines.map(|line| Text::new(line).into()));
        }
    }
    blocks
}

/// Who gets the paper on the left, who signs it on the right: a deputy signs in the chief's place.
fn signature(position: Option<String>, approver: Option<String>) -> Block {
    const CHIEF: &str = "CHÁNH VĂN PHÒNG";
    let position = position.map_or_else(|| CHIEF.to_owned(), |position| position.to_uppercase());
    let in_place = position.starts_with("PHÓ").then(|| Text::new(format!("KT. {CHIEF}")));
    let left = vec![
        Text::new("Nơi nhận:").bold().size(11.0).into(),
        Text::new("- Thường trực Tỉnh ủy (báo cáo),").size(11.0).into(),
        Text::new("- Các ban, cơ quan được phục vụ,").size(11.0).into(),
        Text::new("- Lưu Văn phòng.").size(11.0).into(),
    ];
    let mut right: Vec<Block> = in_place.map(|line| line.bold().center().into()).into_iter().collect();
    right.extend([
        Text::new(position).bold().center().into(),
        Text::new("(Ký, họ tên)").italic().center().size(10.5).into(),
        Block::Gap(56.0),
        Text::new(approver.unwrap_or_default()).bold().center().into(),
    ]);
    Block::Together(vec![
        Block::Gap(14.0),
        Block::Columns(vec![Column::new(1.0, left), Column::new(1.0, right)]),
    ])
}

/// The figures, each table with its units, and the digest by which they are known.
fn annex(review: &Model, tables: &[Filled]) -> Vec<Block> {
    let counted = review.figures.as_ref().and_then(|figures| figures["as_of"].as_str()?.parse().ok());
    let counted = counted.map(|at| format!("Số liệu tính đến {}", format::time(at))).unwrap_or_default();
    let mut blocks = vec![Block::NewPage, title("PHỤ LỤC: SỐ LIỆU", vec![Text::new(counted).italic()])];
    for (place, table) in (1..).zip(tables.iter().filter(|table| !table.rows.is_empty())) {
        let name = Text::new(format!("{place}. {}", table.section.vi)).bold();
        let mut parts = parted(table).into_iter();
        // The name stays with the head of its table only where the whole of a short one is kept together.
        let first = parts.next();
        blocks.push(Block::Gap(8.0));
        if table.rows.len() <= 12 {
            blocks.push(Block::Together([Some(name.into()), first].into_iter().flatten().collect()));
        } else {
            blocks.push(name.into());
            blocks.extend(first);
        }
        blocks.extend(parts);
    }
    let digest = review.figures_sha256.clone().unwrap_or_default();
    blocks.push(Block::Gap(8.0));
    blocks.push(Text::new(format!("SHA-256 của số liệu: {digest}")).italic().size(9.0).into());
    blocks
}

/// A table in parts that fit the page; each begins with the words that name its rows.
fn parted(table: &Filled) -> Vec<Block> {
    let columns = table.section.columns;
    let words = columns.iter().take_while(|column| column.unit.is_empty()).count();
    let figures: Vec<usize> = (words..columns.len()).collect();
    if figures.is_empty() {
        return vec![part(table, &(0..words).collect::<Vec<_>>())];
    }
    let room = WIDEST.saturating_sub(words).max(1);
    let parts = figures.len().div_ceil(room);
    let each = figures.len().div_ceil(parts.max(1));
    let with_words = |figures: &[usize]| (0..words).chain(figures.iter().copied()).collect::<Vec<_>>();
    figures.chunks(each.max(1)).map(|figures| part(table, &with_words(figures))).collect()
}

fn part(table: &Filled, chosen: &[usize]) -> Block {
    let columns = || chosen.iter().filter_map(|place| table.section.columns.get(*place));
    let row = |entries: &Vec<Entry>| -> Vec<Cell> {
        chosen.iter().filter_map(|place| entries.get(*place)).map(cell).collect()
    };
    let mut rows: Vec<Vec<Cell>> = table.rows.iter().map(row).collect();
    if let Some(total) = &table.total {
        let words = columns().take_while(|column| column.unit.is_empty()).count();
        let mut sum = vec![small(Text::new("Cộng").bold()).over(words.max(1))];
        sum.extend(row(total).into_iter().skip(words.max(1)).map(Cell::bold));
        rows.push(sum);
    }
    Block::Table(Table {
        widths: columns().map(width).collect(),
        head: columns()
            .map(|column| small(Text::new(column.heading(Language::Vi)).center().bold()))
            .collect(),
        rows,
        row_height: 0.0,
    })
}

fn width(column: &columns::Column) -> Width {
    match (column.unit, column.field) {
        ("", "year") => Points(28.0),
        ("", "board_code" | "plate") => Points(58.0),
        ("", "funding_source") => Points(63.0),
        ("", "kind" | "valid_from" | "valid_to") => Points(66.0),
        ("", _) => Share(1.6),
        ("vnd", _) => Share(1.5),
        _ => Share(1.0),
    }
}

/// Nine columns stand side by side only in small letters; amounts of hundreds of billions in smaller ones.
fn small(text: Text) -> Cell {
    Cell { texts: vec![text.size(9.5)], span: 1 }
}

fn cell(entry: &Entry) -> Cell {
    let figure = |text: String| {
        let size = match text.len() {
            ..=12 => 9.5,
            13..=14 => 8.0,
            _ => 7.0,
        };
        Cell { texts: vec![Text::new(text).right().size(size)], span: 1 }
    };
    match entry {
        Entry::Empty => small(Text::new("")),
        Entry::Word(text) => small(Text::new(text)),
        Entry::Whole(number) => figure(format::amount(*number)),
        Entry::Decimal(number) => figure(decimal(*number).replace('.', ",")),
    }
}
