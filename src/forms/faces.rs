//! The faces of the forms: Libertinus Serif, which has every letter of Vietnamese and of the Central Highlands' languages.
//! Its files stand in `fonts/` with their licence, so a form looks the same on every machine.

use std::sync::LazyLock;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider};

use crate::forms::paper::Face;

const REGULAR: &[u8] = include_bytes!("fonts/LibertinusSerif-Regular.otf");
const BOLD: &[u8] = include_bytes!("fonts/LibertinusSerif-Bold.otf");
const ITALIC: &[u8] = include_bytes!("fonts/LibertinusSerif-Italic.otf");

/// All faces, read once.
pub struct Faces {
    regular: OneFace,
    bold: OneFace,
    italic: OneFace,
}

struct OneFace {
    font: Font,
    letters: Charmap<'static>,
    widths: GlyphMetrics<'static>,
    units: f32,
}

static FACES: LazyLock<Result<Faces, String>> = LazyLock::new(|| {
    Ok(Faces { regular: OneFace::read(REGULAR)?, bold: OneFace::read(BOLD)?, italic: OneFace::read(ITALIC)? })
});

impl Faces {
    /// # Errors
    /// When a font that is built in cannot be read, which is a fault of the service.
    pub fn get() -> Result<&'static Self, String> {
        FACES.as_ref().map_err(Clone::clone)
    }

    pub fn font(&self, face: Face) -> Font {
        self.one(face).font.clone()
    }

    /// The width of a letter at size 1.
    pub fn letter(&self, face: Face, letter: char) -> f32 {
        self.one(face).glyph(letter).1
    }

    /// The width of words at a size.
    pub fn width(&self, face: Face, size: f32, text: &str) -> f32 {
        text.chars().map(|letter| self.letter(face, letter)).sum::<f32>() * size
    }

    /// The glyphs of words; a letter that the font lacks is a box.
    pub fn glyphs(&self, face: Face, text: &str) -> Vec<KrillaGlyph> {
        let one = self.one(face);
        let glyph = |(at, letter): (usize, char)| {
            let (glyph, advance) = one.glyph(letter);
            KrillaGlyph::new(glyph, advance, 0.0, 0.0, 0.0, at..at + letter.len_utf8(), None)
        };
        text.char_indices().map(glyph).collect()
    }

    fn one(&self, face: Face) -> &OneFace {
        match face {
            Face::Regular => &self.regular,
            Face::Bold => &self.bold,
            Face::Italic => &self.italic,
        }
    }
}

impl OneFace {
    fn read(bytes: &'static [u8]) -> Result<Self, String> {
        let font = FontRef::new(bytes).map_err(|error| error.to_string())?;
        let drawn = Font::new(bytes.into(), 0).ok_or("a built-in font cannot be drawn")?;
        Ok(Self {
            units: drawn.units_per_em(),
            font: drawn,
            letters: font.charmap(),
            widths: font.glyph_metrics(Size::unscaled(), LocationRef::default()),
        })
    }

    /// The glyph of a letter and its width at size 1.
    fn glyph(&self, letter: char) -> (GlyphId, f32) {
        let glyph = self.letters.map(letter).unwrap_or_default();
        (GlyphId::new(glyph.to_u32()), self.widths.advance_width(glyph).unwrap_or_default() / self.units)
    }
}
