//! How much room a volume has. What never lives here: what follows from it.

use std::io;
use std::path::Path;

/// Room on a volume, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// What an ordinary account may still take.
    pub free_bytes: u64,
    pub total_bytes: u64,
}

impl Space {
    /// Less than a tenth is left.
    #[must_use]
    pub const fn is_low(self) -> bool {
        self.free_bytes < self.total_bytes / 10
    }
}

/// The room on the volume of a file or folder.
///
/// # Errors
/// When the system does not say.
pub fn space(of: &Path) -> io::Result<Space> {
    let found = rustix::fs::statvfs(of)?;
    let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
    Ok(Space { free_bytes: bytes(found.f_bavail), total_bytes: bytes(found.f_blocks) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_says_how_much_room_it_has() {
        let here = space(Path::new("/")).unwrap();
        assert!(here.total_bytes > 0 && here.free_bytes <= here.total_bytes);
        assert!(Space { free_bytes: 9, total_bytes: 100 }.is_low());
        assert!(!Space { free_bytes: 10, total_bytes: 100 }.is_low());
        assert!(space(Path::new("/nowhere/at/all")).is_err());
    }
}
