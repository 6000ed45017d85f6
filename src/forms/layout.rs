//! Lays a paper out: its blocks become lines of words, and the lines pages.
//!
//! A piece is what stays on one page: a line of text, a row of a table, a block that is kept together. Pieces are stacked
//! until a page is full.

use std::rc::Rc;

use crate::forms::faces::Faces;
use crate::forms::paper::{Align, Block, Cell, Column, Face, Paper, Run, Table, Text, Width};

/// A4 upright, in points.
const SHORT_SIDE: f32 = 595.28;
const LONG_SIDE: f32 = 841.89;

const TOP: f32 = 54.0;
const BOTTOM: f32 = 48.0;
const LEFT: f32 = 68.0;
const RIGHT: f32 = 45.0;

/// From line to line, in sizes of the text.
const LEADING: f32 = 1.27;
/// Between paragraphs, in sizes of the text.
const BETWEEN: f32 = 0.22;
/// Between the border of a cell and its text.
const INSET: f32 = 4.0;
/// Between columns.
const GUTTER: f32 = 8.0;

/// Something that is drawn, at its place on the page.
#[derive(Clone, Debug)]
pub enum Mark {
    /// Words on a base line.
    Words {
        x: f32,
        y: f32,
        face: Face,
        size: f32,
        text: String,
    },
    Line {
        from: (f32, f32),
        to: (f32, f32),
    },
}

/// A page with what is drawn on it.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub marks: Vec<Mark>,
}

/// The width and height of the pages of a paper.
pub fn size(paper: &Paper) -> (f32, f32) {
    if paper.landscape { (LONG_SIDE, SHORT_SIDE) } else { (SHORT_SIDE, LONG_SIDE) }
}

/// The pages of a paper; at least one.
pub fn pages(faces: &Faces, paper: &Paper) -> Vec<Page> {
    let (width, height) = size(paper);
    let room = height - TOP - BOTTOM;
    let layout = Layout { faces, room };
    let pieces = layout.blocks(&paper.blocks, LEFT, width - LEFT - RIGHT);
    let mut pages = stacked(pieces, room);
    if paper.numbered && pages.len() > 1 {
        layout.number(&mut pages, width, height);
    }
    pages
}

/// What stays on one page; places count from its top.
#[derive(Clone, Debug, Default)]
struct Piece {
    height: f32,
    marks: Vec<Mark>,
    /// Stands above it where it begins a page.
    head: Option<Rc<Piece>>,
    new_page: bool,
}

/// Puts pieces onto pages.
fn stacked(pieces: Vec<Piece>, room: f32) -> Vec<Page> {
    let mut pages = Vec::new();
    let (mut page, mut used) = (Page::default(), 0.0);
    for piece in pieces {
        let full = used + piece.height > room && used > 0.0;
        if full || piece.new_page {
            pages.push(std::mem::take(&mut page));
            used = 0.0;
            if let Some(head) = &piece.head {
                page.marks.extend(moved(&head.marks, TOP));
                used = head.height;
            }
        }
        page.marks.extend(moved(&piece.marks, TOP + used));
        used += piece.height;
    }
    pages.push(page);
    pages
}

fn moved(marks: &[Mark], down: f32) -> impl Iterator<Item = Mark> {
    marks.iter().cloned().map(move |mark| match mark {
        Mark::Words { x, y, face, size, text } => Mark::Words { x, y: y + down, face, size, text },
        Mark::Line { from, to } => Mark::Line { from: (from.0, from.1 + down), to: (to.0, to.1 + down) },
    })
}

/// Pieces below each other as one.
fn joined(pieces: Vec<Piece>) -> Piece {
    let mut whole = Piece::default();
    for piece in pieces {
        whole.marks.extend(moved(&piece.marks, whole.height));
        whole.height += piece.height;
    }
    whole
}

/// A word, or a part of one, on its way into a line.
struct Word {
    text: String,
    face: Face,
    width: f32,
    /// Follows a space.
    apart: bool,
}

struct Layout<'a> {
    faces: &'a Faces,
    /// The height of a page between its margins.
    room: f32,
}

impl Layout<'_> {
    fn blocks(&self, blocks: &[Block], x: f32, width: f32) -> Vec<Piece> {
        blocks.iter().flat_map(|block| self.block(block, x, width)).collect()
    }

    fn block(&self, block: &Block, x: f32, width: f32) -> Vec<Piece> {
        match block {
            Block::Text(text) => self.text(text, x, width),
            Block::Gap(height) => vec![Piece { height: *height, ..Piece::default() }],
            Block::Rule(length) => vec![rule(*length, x, width)],
            Block::Columns(columns) => vec![self.columns(columns, x, width)],
            Block::Table(table) => self.table(table, x, width),
            Block::NewPage => vec![Piece { new_page: true, ..Piece::default() }],
            Block::Together(blocks) => {
                let pieces = self.blocks(blocks, x, width);
                let height: f32 = pieces.iter().map(|piece| piece.height).sum();
                if height > self.room { pieces } else { vec![joined(pieces)] }
            }
        }
    }

    fn columns(&self, columns: &[Column], x: f32, width: f32) -> Piece {
        let shares: Vec<Width> = columns.iter().map(|column| Width::Share(column.share)).collect();
        let mut whole = Piece::default();
        for (column, (from, to)) in columns.iter().zip(edges(&shares, x, width)) {
            let last = to >= x + width - 0.5;
            let inner = if last { to - from } else { to - from - GUTTER };
            let piece = joined(self.blocks(&column.blocks, from, inner));
            whole.height = whole.height.max(piece.height);
            whole.marks.extend(piece.marks);
        }
        whole
    }

    fn text(&self, text: &Text, x: f32, width: f32) -> Vec<Piece> {
        let lines = self.lines(text, width);
        let last = lines.len();
        let piece = |(place, words): (usize, Vec<Word>)| {
            let mut piece = self.line(text, &words, x, width, place == last);
            piece.height += if place == last { BETWEEN * text.size } else { 0.0 };
            piece
        };
        (1..).zip(lines).map(piece).collect()
    }

    /// One line with its words at their places.
    fn line(&self, text: &Text, words: &[Word], x: f32, width: f32, is_last: bool) -> Piece {
        let space = |word: &Word| if word.apart { self.space(word.face, text.size) } else { 0.0 };
        let used: f32 = words
            .iter()
            .enumerate()
            .map(|(i, word)| word.width + if i > 0 { space(word) } else { 0.0 })
            .sum();
        let mut at = x + match text.align {
            Align::Left => 0.0,
            Align::Center => (width - used) / 2.0,
            Align::Right => width - used,
        };
        let base = text.size * (LEADING + 1.0) / 2.0 * 0.86;
        let mut marks: Vec<Mark> = Vec::new();
        for (place, word) in words.iter().enumerate() {
            let gap = if place > 0 { space(word) } else { 0.0 };
            match marks.last_mut() {
                // Words of one face are one text, so that a reader can search and copy it.
                Some(Mark::Words { text: before, face, .. }) if *face == word.face => {
                    if word.apart {
                        before.push(' ');
                    }
                    before.push_str(&word.text);
                }
                _ => marks.push(Mark::Words {
                    x: at + gap,
                    y: base,
                    face: word.face,
                    size: text.size,
                    text: word.text.clone(),
                }),
            }
            at += gap + word.width;
        }
        if text.dots && is_last {
            marks.extend(self.dots(at + 2.0, x + width, base, text.size));
        }
        Piece { height: text.size * LEADING, marks, ..Piece::default() }
    }

    fn dots(&self, from: f32, to: f32, base: f32, size: f32) -> Option<Mark> {
        let one = self.faces.width(Face::Regular, size, ".");
        let mut text = String::new();
        let mut width = one;
        while from + width < to {
            text.push('.');
            width += one;
        }
        let x = to - (width - one);
        (!text.is_empty()).then_some(Mark::Words { x, y: base, face: Face::Regular, size, text })
    }

    fn space(&self, face: Face, size: f32) -> f32 {
        self.faces.letter(face, ' ') * size
    }

    /// The words of a paragraph, line by line; at least one line.
    fn lines(&self, text: &Text, width: f32) -> Vec<Vec<Word>> {
        let mut lines = vec![Vec::new()];
        let mut used = 0.0;
        for word in self.words(text, width) {
            let gap = if word.apart { self.space(word.face, text.size) } else { 0.0 };
            let begins = lines.last().is_none_or(Vec::is_empty);
            if !begins && used + gap + word.width > width {
                lines.push(Vec::new());
                used = 0.0;
            }
            used += word.width + if begins { 0.0 } else { gap };
            if let Some(line) = lines.last_mut() {
                line.push(word);
            }
        }
        lines
    }

    fn words(&self, text: &Text, width: f32) -> Vec<Word> {
        let mut words = Vec::new();
        let mut apart = false;
        for run in &text.runs {
            for (place, part) in run.text.split(char::is_whitespace).enumerate() {
                apart |= place > 0;
                if !part.is_empty() {
                    words.extend(self.broken(run, part, text.size, width, apart));
                    apart = false;
                }
            }
        }
        words
    }

    /// A word in parts that fit a line each; nearly always one part.
    fn broken(&self, run: &Run, word: &str, size: f32, width: f32, apart: bool) -> Vec<Word> {
        let part = |apart| Word { text: String::new(), face: run.face, width: 0.0, apart };
        let mut parts = vec![part(apart)];
        for letter in word.chars() {
            let wide = self.faces.letter(run.face, letter) * size;
            if parts.last().is_some_and(|part| part.width > 0.0 && part.width + wide > width) {
                parts.push(part(false));
            }
            if let Some(part) = parts.last_mut() {
                part.text.push(letter);
                part.width += wide;
            }
        }
        parts
    }

    fn table(&self, table: &Table, x: f32, width: f32) -> Vec<Piece> {
        let edges = edges(&table.widths, x, width);
        let head = Rc::new(self.row(&table.head, &edges, 0.0));
        let mut rows = table.rows.iter().map(|cells| self.row(cells, &edges, table.row_height));
        // A head never stands at a page's end without a row.
        let first = [Some((*head).clone()), rows.next()].into_iter().flatten().collect();
        let mut pieces = vec![joined(first)];
        pieces.extend(rows.map(|row| Piece { head: Some(Rc::clone(&head)), ..row }));
        pieces.push(Piece { height: 6.0, ..Piece::default() });
        pieces
    }

    /// A row with its borders. The upper border of a row is the lower one of the row before.
    fn row(&self, cells: &[Cell], edges: &[(f32, f32)], at_least: f32) -> Piece {
        let mut placed = Vec::new();
        let mut column = 0;
        for cell in cells {
            let last = (column + cell.span).min(edges.len()).saturating_sub(1);
            let from = edges.get(column).map_or(0.0, |edge| edge.0);
            let to = edges.get(last).map_or(from, |edge| edge.1);
            let blocks: Vec<Block> = cell.texts.iter().cloned().map(Block::from).collect();
            placed.push((from, to, joined(self.blocks(&blocks, from + INSET, to - from - 2.0 * INSET))));
            column += cell.span;
        }
        let content = placed.iter().map(|(_, _, cell)| cell.height).fold(0.0, f32::max);
        let height = (content + INSET).max(at_least);
        let mut row = Piece { height, ..Piece::default() };
        for (from, to, cell) in placed {
            row.marks.extend(moved(&cell.marks, (height - cell.height) / 2.0 + 1.0));
            for (start, end) in [
                ((from, 0.0), (to, 0.0)),
                ((from, height), (to, height)),
                ((from, 0.0), (from, height)),
                ((to, 0.0), (to, height)),
            ] {
                row.marks.push(Mark::Line { from: start, to: end });
            }
        }
        row
    }

    fn number(&self, pages: &mut [Page], width: f32, height: f32) {
        let all = pages.len();
        for (place, page) in (1..).zip(pages) {
            let text = format!("Trang {place} / {all}");
            let x = (width - self.faces.width(Face::Regular, 10.0, &text)) / 2.0;
            page.marks.push(Mark::Words { x, y: height - 24.0, face: Face::Regular, size: 10.0, text });
        }
    }
}

fn rule(length: f32, x: f32, width: f32) -> Piece {
    let from = x + (width - length) / 2.0;
    let line = Mark::Line { from: (from, 2.0), to: (from + length, 2.0) };
    Piece { height: 6.0, marks: vec![line], ..Piece::default() }
}

/// Where columns begin and end.
fn edges(widths: &[Width], x: f32, width: f32) -> Vec<(f32, f32)> {
    let (mut fixed, mut shares) = (0.0, 0.0);
    for one in widths {
        match one {
            Width::Points(points) => fixed += points,
            Width::Share(share) => shares += share,
        }
    }
    let mut from = x;
    let edge = |one: &Width| {
        let wide = match one {
            Width::Points(points) => *points,
            Width::Share(share) => (width - fixed) * share / shares,
        };
        let start = from;
        from += wide;
        (start, from)
    };
    widths.iter().map(edge).collect()
}
