//! A paper as a form describes it: blocks from top to bottom, without a thought of lines and pages.

use serde::Serialize;

/// One form, ready to be laid out. Lengths are points (1/72 inch).
#[derive(Clone, Debug, Serialize)]
pub struct Paper {
    pub title: String,
    pub author: Option<String>,
    /// Year, month and day for the properties of the file.
    pub made_on: (u16, u8, u8),
    pub landscape: bool,
    /// Whether the pages are numbered where there are several.
    pub numbered: bool,
    pub blocks: Vec<Block>,
}

#[derive(Clone, Debug, Serialize)]
pub enum Block {
    Text(Text),
    Gap(f32),
    /// A line in the middle, of this length.
    Rule(f32),
    Columns(Vec<Column>),
    Table(Table),
    /// Never parted by a page's end.
    Together(Vec<Block>),
    NewPage,
}

/// A part of the width, beside others.
#[derive(Clone, Debug, Serialize)]
pub struct Column {
    pub share: f32,
    pub blocks: Vec<Block>,
}

/// A paragraph.
#[derive(Clone, Debug, Serialize)]
pub struct Text {
    pub runs: Vec<Run>,
    pub size: f32,
    pub align: Align,
    /// Dots to the end of the last line, for whoever fills it in by hand.
    pub dots: bool,
}

/// Words in one face.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    pub text: String,
    pub face: Face,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Face {
    Regular,
    Bold,
    Italic,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Align {
    Left,
    Center,
    Right,
}

/// A table whose head stands on every page that it reaches; a row is never parted.
#[derive(Clone, Debug, Serialize)]
pub struct Table {
    pub widths: Vec<Width>,
    pub head: Vec<Cell>,
    pub rows: Vec<Vec<Cell>>,
    /// Rows are at least so high.
    pub row_height: f32,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub enum Width {
    Points(f32),
    /// A part of what the others leave.
    Share(f32),
}

/// A cell over one column or several.
#[derive(Clone, Debug, Serialize)]
pub struct Cell {
    pub texts: Vec<Text>,
    pub span: usize,
}

/// The size of ordinary text.
pub const SIZE: f32 = 12.5;
/// The size of text in tables.
pub const SMALL: f32 = 11.0;

impl Text {
    pub fn new(text: impl Into<String>) -> Self {
        let run = Run { text: text.into(), face: Face::Regular };
        Self { runs: vec![run], size: SIZE, align: Align::Left, dots: false }
    }

    /// All of it in another face.
    pub fn face(mut self, face: Face) -> Self {
        self.runs.iter_mut().for_each(|run| run.face = face);
        self
    }

    pub fn bold(self) -> Self {
        self.face(Face::Bold)
    }

    pub fn italic(self) -> Self {
        self.face(Face::Italic)
    }

    pub fn size(mut self, size: f32) -> Self {
        self.size = size;
        self
    }

    pub fn center(mut self) -> Self {
        self.align = Align::Center;
        self
    }

    pub fn right(mut self) -> Self {
        self.align = Align::Right;
        self
    }

    /// Goes on with other words in a face of their own.
    pub fn then(mut self, text: impl Into<String>, face: Face) -> Self {
        self.runs.push(Run { text: text.into(), face });
        self
    }
}

impl Column {
    pub fn new(share: f32, blocks: Vec<Block>) -> Self {
        Self { share, blocks }
    }
}

impl Cell {
    pub fn new(text: Text) -> Self {
        Self { texts: vec![text.size(SMALL)], span: 1 }
    }

    pub fn left(text: impl Into<String>) -> Self {
        Self::new(Text::new(text))
    }

    pub fn center(text: impl Into<String>) -> Self {
        Self::new(Text::new(text).center())
    }

    /// An amount; the few that are too long for a column are set smaller.
    pub fn amount(text: impl Into<String>) -> Self {
        let text = text.into();
        let size = if text.len() > 15 { 8.5 } else { SMALL };
        Self { texts: vec![Text::new(text).right().size(size)], span: 1 }
    }

    pub fn heading(text: impl Into<String>) -> Self {
        Self::new(Text::new(text).center().bold())
    }

    pub fn bold(mut self) -> Self {
        self.texts = self.texts.into_iter().map(Text::bold).collect();
        self
    }

    pub fn over(mut self, columns: usize) -> Self {
        self.span = columns;
        self
    }

    /// Another paragraph below.
    pub fn and(mut self, text: Text) -> Self {
        self.texts.push(text.size(SMALL));
        self
    }
}

impl From<Text> for Block {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

/// `Label: value`; dots where nothing is known.
pub fn field(label: &str, value: Option<&str>) -> Block {
    entry(label, value, Face::Regular)
}

/// A field whose value is the heart of the form.
pub fn strong_field(label: &str, value: Option<&str>) -> Block {
    entry(label, value, Face::Bold)
}

fn entry(label: &str, value: Option<&str>, face: Face) -> Block {
    let mut text = Text::new(format!("{label}: "));
    match value {
        Some(value) => text = text.then(value, face),
        None => text.dots = true,
    }
    text.into()
}

/// The title of who signs, and the name where the service knows it.
pub type Hand<'a> = (&'a str, Option<String>);

/// Titles with room to sign and, below, the names of those who signed in the service.
pub fn signatures(hands: &[Hand<'_>], room: f32) -> Block {
    let row = |size: f32, text: &dyn Fn(&Hand<'_>) -> Text| {
        let column = |hand| Column::new(1.0, vec![text(hand).center().size(size).into()]);
        Block::Columns(hands.iter().map(column).collect())
    };
    let size = if hands.len() > 3 { 10.0 } else { 11.0 };
    Block::Together(vec![
        Block::Gap(12.0),
        row(size, &|hand| Text::new(hand.0).bold()),
        row(10.5, &|_| Text::new("(Ký, họ tên)").italic()),
        Block::Gap(room),
        row(11.5, &|hand| Text::new(hand.1.clone().unwrap_or_default()).bold()),
    ])
}
