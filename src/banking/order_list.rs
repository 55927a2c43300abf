//! What an issuer says has become of the passes of an order: a table, one line for each pass or booklet. What never lives here:
//! whether it is so.

use super::answers::{Unread, UnreadLine};
use crate::domain::contradiction::PassState;
use crate::domain::ids::{BookletId, ItemId};
use crate::domain::programme::Programme;
use crate::domain::serial::{BookletSerial, PassSerial};

/// The columns, each with its French name; in any order.
const COLUMNS: [[&str; 2]; 2] = [["serial", "pass"], ["state", "etat"]];

/// The states in French, without accents; both ways of writing are read.
const FRENCH: [(&str, PassState); 6] = [
    ("non utilise", PassState::Unused),
    ("bloque", PassState::Withdrawn),
    ("utilise", PassState::Used),
    ("paye", PassState::Paid),
    ("perime", PassState::Expired),
    ("avoir", PassState::Credited),
];

/// One line: a pass, or a booklet with all of its passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedItem {
    /// Counted from 1, the header included.
    pub line: usize,
    pub item: ItemId,
    pub state: PassState,
}

/// Reads an issuer's list and hands over line by line what it says: `;` or `,` between cells, UTF-8 with or without a byte order
/// mark, a header with the names of the columns, and others besides.
///
/// # Errors
/// [`Unread`]: this is not such a table.
pub fn order_list_in(
    programme: &Programme,
    bytes: &[u8],
    mut take: impl FnMut(Result<ListedItem, UnreadLine>),
) -> Result<(), Unread> {
    // With one sign at the end of a line, the reader counts lines as people do.
    let text = std::str::from_utf8(bytes).map_err(|_| Unread)?.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let header = text.lines().next().unwrap_or_default();
    let delimiter = if header.contains(';') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let names: Vec<String> =
        reader.headers().map_err(|_| Unread)?.iter().map(|name| name.trim().to_lowercase()).collect();
    let place = |column: [&str; 2]| names.iter().position(|name| column.contains(&name.as_str())).ok_or(Unread);
    let [serial, state] = COLUMNS;
    let (serial, state) = (place(serial)?, place(state)?);
    for record in reader.records() {
        let record = record.map_err(|_| Unread)?;
        let line = record.position().map_or(usize::MAX, |at| usize::try_from(at.line()).unwrap_or(usize::MAX));
        let cell = |place| record.get(place).map(str::trim).unwrap_or_default();
        take(match (own_item(programme, cell(serial)), state_in(cell(state))) {
            (Some(item), Some(state)) => Ok(ListedItem { line, item, state }),
            _ => Err(UnreadLine { line, text: cell(serial).chars().take(40).collect(), column: None }),
        });
    }
    Ok(())
}

fn own_item(programme: &Programme, text: &str) -> Option<ItemId> {
    let of_booklet = |serial: &BookletSerial| {
        (serial.programme() == &programme.code).then(|| BookletId::new(programme.no, serial.number()))
    };
    if let Ok(serial) = BookletSerial::parse(text) {
        return of_booklet(&serial).map(BookletId::item);
    }
    let serial = PassSerial::parse(text).ok()?;
    of_booklet(serial.booklet()).map(|booklet| booklet.pass(serial.rank()).item())
}

fn state_in(text: &str) -> Option<PassState> {
    let plain = text.to_lowercase().replace(['é', 'è'], "e").replace('_', " ");
    let french = FRENCH.iter().find(|(name, _)| *name == plain).map(|(_, state)| *state);
    french.or_else(|| PassState::parse(&plain).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_read_in_french_or_by_their_names_and_never_guessed() {
        for (text, wanted) in
            [("Non utilisé", PassState::Unused), ("non_utilise", PassState::Unused), ("PAYÉ", PassState::Paid)]
        {
            assert_eq!(state_in(text), Some(wanted), "{text}");
        }
        for state in PassState::ALL {
            assert_eq!(state_in(state.as_str()), Some(*state));
        }
        for wrong in ["", "utilisés", "spent", "?"] {
            assert_eq!(state_in(wrong), None, "{wrong}");
        }
    }
}
