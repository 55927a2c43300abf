//! How much two descriptions look like the same place, scored as the national tools do: in one commune and of a compatible
//! kind, the mean of how alike the addresses are, how alike the names are, and how near the positions. What never lives
//! here: what is done about it; that is for people.

use super::sheet::{Sheet, folded};

/// Scores from here on are worth a look.
pub const CUTOFF: u32 = 90;
/// Nearer than this many ten-millionths of a degree is the same spot (0.0004°, some 40 m).
const SAME_SPOT: i64 = 4_000;
/// Ten-millionths of a degree in a thousandth.
const THOUSANDTH: i64 = 10_000;

/// From 0 to 100; `None` where they cannot be the same: another commune, or kinds that exclude each other.
#[must_use]
pub fn score(one: &Sheet, other: &Sheet) -> Option<u32> {
    let (here, there) = (one.located()?, other.located()?);
    if here.code != there.code || !compatible(one, other) {
        return None;
    }
    let address = likeness(one.address.as_str(), other.address.as_str());
    let name = likeness(one.name.as_str(), other.name.as_str());
    Some(match nearness(one, other) {
        Some(near) => (address + name + near) / 3,
        None => u32::midpoint(address, name),
    })
}

/// Two places that both say what they are must share a kind.
fn compatible(one: &Sheet, other: &Sheet) -> bool {
    one.kinds.is_empty() || other.kinds.is_empty() || one.kinds.iter().any(|kind| other.kinds.contains(kind))
}

/// 100 on the same spot, then 100 / (1000·d + 1), d in degrees; `None` where a position is not given.
fn nearness(one: &Sheet, other: &Sheet) -> Option<u32> {
    let (here, there) = (one.position()?, other.position()?);
    let (north, east) = (here.latitude.e7() - there.latitude.e7(), here.longitude.e7() - there.longitude.e7());
    let apart = (north * north + east * east).isqrt();
    if apart < SAME_SPOT {
        return Some(100);
    }
    u32::try_from(100 * THOUSANDTH / (apart + THOUSANDTH)).ok()
}

/// From 0 to 100: how much of both texts is left when what must be inserted and deleted to make one of the other is
/// taken off, accents and capitals apart.
#[must_use]
pub fn likeness(one: &str, other: &str) -> u32 {
    let (one, other): (Vec<char>, Vec<char>) = (folded(one).chars().collect(), folded(other).chars().collect());
    let whole = one.len() + other.len();
    if whole == 0 {
        return 100;
    }
    u32::try_from(200 * common(&one, &other) / whole).unwrap_or(0)
}

/// The length of the longest common subsequence.
fn common(one: &[char], other: &[char]) -> usize {
    let mut row = vec![0; other.len() + 1];
    for c in one {
        let mut before = 0;
        let mut left = 0;
        for (cell, d) in row.iter_mut().skip(1).zip(other) {
            let here = if c == d { before + 1 } else { left.max(*cell) };
            before = *cell;
            *cell = here;
            left = here;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sheet(name: &str, address: &str, kind: &str, at: Option<(&str, &str)>) -> Sheet {
        let mut value = json!({ "pivot": "43493312300029", "nom": name, "commune": "Maubeuge", "code_postal": "59600",
            "adresse": address, "date_maj": "2026-01-01", "services": [], "typologie": [kind] });
        if let Some((latitude, longitude)) = at {
            value["latitude"] = json!(latitude);
            value["longitude"] = json!(longitude);
        }
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_likeness_is_what_two_texts_share() {
        assert_eq!(likeness("Médiathèque", "mediatheque"), 100);
        assert_eq!(likeness("abc", "xyz"), 0);
        assert_eq!(likeness("", ""), 100);
        assert_eq!(likeness("2 place de la Gare", "2 pl de la Gare"), 90);
        assert_eq!(likeness("kitten", "sitting"), 61);
    }

    #[test]
    fn the_same_place_written_twice_is_found() {
        let one = sheet("Médiathèque de Maubeuge", "2 rue du Parc", "BIB", Some(("50.27875", "3.97267")));
        let near = sheet("Mediathèque Maubeuge", "2, rue du parc", "BIB", Some(("50.27880", "3.97260")));
        let score = score(&one, &near).unwrap();
        assert!(score >= CUTOFF, "{score}");
    }

    #[test]
    fn neighbours_and_other_kinds_are_not_the_same() {
        let one = sheet("Médiathèque", "2 rue du Parc", "BIB", Some(("50.27875", "3.97267")));
        let far = sheet("Médiathèque", "2 rue du Parc", "BIB", Some(("50.28875", "3.97267")));
        assert_eq!(score(&one, &far), Some((100 + 100 + 9) / 3));
        assert_eq!(score(&one, &sheet("Médiathèque", "2 rue du Parc", "CCAS", None)), None);
        let mut elsewhere = one.clone();
        elsewhere.commune = Some(crate::domain::territory::CommuneCode::parse("59350").unwrap());
        assert_eq!(score(&one, &elsewhere), None);
    }
}
