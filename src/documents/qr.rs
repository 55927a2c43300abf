//! The square that a telephone reads: modules of a QR code, drawn by whoever prints them. What never lives here: what
//! the code says.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

/// A QR code as runs of dark modules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Qr {
    /// Modules per side, without the quiet zone; 0 where the text was too long for any code.
    pub(super) side: u16,
    /// Dark runs: column, row from the top, length.
    pub(super) runs: Vec<(u16, u16, u16)>,
}

impl Qr {
    /// Correction level M: a crease or a stain of a seventh of the surface is forgiven.
    pub(super) fn of(text: &str) -> Self {
        let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return Self::default() };
        let mut runs = Vec::new();
        for (row, colors) in (0_u16..).zip(code.to_colors().chunks(code.width().max(1))) {
            let mut open: Option<(u16, u16)> = None;
            for (column, color) in (0_u16..).zip(colors) {
                open = match (open, color) {
                    (None, Color::Dark) => Some((column, 1)),
                    (Some((start, length)), Color::Dark) => Some((start, length + 1)),
                    (run, Color::Light) => {
                        runs.extend(run.map(|(start, length)| (start, row, length)));
                        None
                    }
                };
            }
            runs.extend(open.map(|(start, length)| (start, row, length)));
        }
        Self { side: u16::try_from(code.width()).unwrap_or(0), runs }
    }

    /// The runs as the data of one SVG path, in modules.
    pub(super) fn path(&self) -> String {
        let mut path = String::with_capacity(self.runs.len() * 16);
        for (x, y, length) in &self.runs {
            // Writing to a String cannot fail.
            let _ = write!(path, "M{x} {y}h{length}v1h-{length}z");
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runs_are_the_dark_modules_of_the_code() {
        let text = format!("HDF21-MAUB-2026-000042 {}", "0f".repeat(32));
        let qr = Qr::of(&text);
        let code = QrCode::with_error_correction_level(&text, EcLevel::M).unwrap();
        let dark = code.to_colors().into_iter().filter(|color| *color == Color::Dark).count();
        assert_eq!(qr.runs.iter().map(|run| usize::from(run.2)).sum::<usize>(), dark);
        assert_eq!(usize::from(qr.side), code.width());
        assert!(qr.path().starts_with("M0 0h7v1h-7z"));
    }

    #[test]
    fn a_text_beyond_any_code_draws_nothing() {
        assert_eq!(Qr::of(&"x".repeat(5000)), Qr::default());
    }
}
