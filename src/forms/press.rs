//! Prints papers as PDF. Nothing is read from the machine and nothing from the network, so the same paper gives the same
//! bytes everywhere. The texts of a record are drawn letter by letter; there is no language that they could speak.
//!
//! Printing is work for a core, so it is done away from the request threads, by at most as many printers as there are
//! cores.

use std::sync::Arc;
use std::time::Instant;

use krilla::Document;
use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder, Point};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::error::{ApiError, ApiResult};
use crate::forms::faces::Faces;
use crate::forms::layout::{self, Mark, Page};
use crate::forms::paper::Paper;
use crate::ops::metrics::Metrics;

/// Waiting for a printer behind more forms than this is worse than being told to come back.
const QUEUE: usize = 32;

/// A form that is ready to be printed.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The form's name in figures.
    pub form: &'static str,
    pub paper: Paper,
}

impl Sheet {
    /// Names this very form: it changes with the version of the service, with what the form says, and with nothing else.
    ///
    /// # Errors
    /// When the paper cannot be written down, which is a fault of the service.
    pub fn tag(&self) -> ApiResult<String> {
        let mut digest = Sha256::new();
        digest.update(env!("CARGO_PKG_VERSION"));
        digest.update(serde_json::to_vec(&self.paper).map_err(ApiError::internal)?);
        Ok(digest.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect())
    }
}

/// The printers of one process.
pub struct Press {
    printers: Arc<Semaphore>,
    queue: Semaphore,
}

impl Default for Press {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self { printers: Semaphore::new(cores).into(), queue: Semaphore::new(QUEUE) }
    }
}

impl Press {
    /// The form as a PDF.
    ///
    /// # Errors
    /// 503 when too many forms wait.
    pub async fn print(&self, sheet: Sheet, metrics: &Metrics) -> ApiResult<Vec<u8>> {
        let _place = self.queue.try_acquire().map_err(|_| ApiError::unavailable("too many forms at once"))?;
        let printer = Arc::clone(&self.printers).acquire_owned().await.map_err(ApiError::internal)?;
        let (started, form) = (Instant::now(), sheet.form);
        let printed = tokio::task::spawn_blocking(move || {
            let printed = print(&sheet.paper);
            drop(printer);
            printed
        })
        .await
        .map_err(ApiError::internal)?;
        metrics.forms.with_label_values(&[form]).observe(started.elapsed().as_secs_f64());
        printed.map_err(|error| ApiError::internal(format!("{form}: {error}")))
    }
}

fn print(paper: &Paper) -> Result<Vec<u8>, String> {
    let faces = Faces::get()?;
    let (width, height) = layout::size(paper);
    let mut document = Document::new();
    document.set_metadata(properties(paper));
    for page in layout::pages(faces, paper) {
        let settings = PageSettings::from_wh(width, height).ok_or("a page has no size")?;
        let mut sheet = document.start_page_with(settings);
        let mut surface = sheet.surface();
        draw(&mut surface, faces, &page);
        surface.finish();
        sheet.finish();
    }
    document.finish().map_err(|error| format!("{error:?}"))
}

fn properties(paper: &Paper) -> Metadata {
    let (year, month, day) = paper.made_on;
    Metadata::new()
        .title(paper.title.clone())
        .authors(paper.author.iter().cloned().collect())
        .creator("Shared Office".to_owned())
        .language("vi".to_owned())
        .creation_date(DateTime::new(year).month(month).day(day))
}

fn draw(surface: &mut Surface<'_>, faces: &Faces, page: &Page) {
    for mark in &page.marks {
        match mark {
            Mark::Words { x, y, face, size, text } => {
                surface.set_fill(Some(ink()));
                surface.set_stroke(None);
                let (start, glyphs) = (Point::from_xy(*x, *y), faces.glyphs(*face, text));
                surface.draw_glyphs(start, &glyphs, faces.font(*face), text, *size, false);
            }
            Mark::Line { from, to } => {
                surface.set_fill(None);
                surface.set_stroke(Some(pen()));
                if let Some(path) = line(*from, *to) {
                    surface.draw_path(&path);
                }
            }
        }
    }
}

fn line(from: (f32, f32), to: (f32, f32)) -> Option<Path> {
    let mut path = PathBuilder::new();
    path.move_to(from.0, from.1);
    path.line_to(to.0, to.1);
    path.finish()
}

fn ink() -> Fill {
    Fill { paint: rgb::Color::black().into(), opacity: NormalizedF32::ONE, ..Fill::default() }
}

fn pen() -> Stroke {
    Stroke { paint: rgb::Color::black().into(), width: 0.5, ..Stroke::default() }
}
