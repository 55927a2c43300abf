//! The finder: published places by commune, service, distance and date, in an order that is the same on every machine.
//! What never lives here: a place that is not published, or a person.

use std::collections::BTreeSet;

use super::session::Session;
use super::sheet::{Sheet, folded};
use crate::domain::ids::PlaceId;
use crate::domain::party::Service;
use crate::domain::position::{Position, Vector};
use crate::domain::short_code::ShortCode;
use crate::domain::territory::{self, Commune};
use crate::domain::text::Label;
use crate::domain::time::Day;

/// Days after which a description that nobody confirmed is told as outdated.
pub const OUTDATED_DAYS: u32 = 365;

/// A published place with what is known besides its description.
#[derive(Debug, Clone)]
pub struct Listed {
    pub id: PlaceId,
    pub sheet: Sheet,
    pub commune: Commune,
    /// Programmes whose passes are taken here today: those of the linked venue, while the Region approves it.
    pub programmes: BTreeSet<ShortCode>,
    /// From today on, in order of day and time, without those that are cancelled.
    pub sessions: Vec<Session>,
}

impl Listed {
    #[must_use]
    pub fn accepts_passes(&self) -> bool {
        !self.programmes.is_empty()
    }
}

/// How far around a commune one looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Around {
    #[default]
    Commune,
    /// Its intercommunalité.
    Epci,
    Department,
    /// Everywhere within a distance.
    Metres(i64),
}

/// What somebody looks for: all of it at once.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    pub commune: Option<Commune>,
    pub around: Around,
    /// Where the person is; else the commune.
    pub near: Option<Position>,
    pub services: BTreeSet<Service>,
    /// A value of `prise_en_charge_specifique`: "Surdité".
    pub special_care: Option<Label>,
    /// Only places whose accessibility is described (Acceslibre).
    pub described_access: bool,
    /// Only places that take passes.
    pub accepts: bool,
    /// Only places that take passes of this programme.
    pub programme: Option<ShortCode>,
    /// Only places that hold a session from the first to the last of these days.
    pub sessions: Option<(Day, Day)>,
    /// Words of the name or the address.
    pub words: Option<String>,
}

/// A place that fits.
#[derive(Debug, Clone)]
pub struct Found<'a> {
    pub listed: &'a Listed,
    /// From where one looks, to the nearest of the place and its sessions; `None` where either is not known.
    pub metres: Option<i64>,
}

/// A place with what is compared again and again.
#[derive(Debug, Clone)]
struct Entry {
    listed: Listed,
    words: String,
    /// The spot of a place that stays, and those of its sessions.
    spots: Vec<Vector>,
    session_spots: Vec<Option<Vector>>,
}

/// Every published place.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    entries: Vec<Entry>,
}

impl Directory {
    #[must_use]
    pub fn new(listed: Vec<Listed>) -> Self {
        Self { entries: listed.into_iter().map(Entry::new).collect() }
    }

    /// Everything, in the order of the identifiers.
    pub fn all(&self) -> impl Iterator<Item = &Listed> {
        self.entries.iter().map(|entry| &entry.listed)
    }

    #[must_use]
    pub fn one(&self, id: PlaceId) -> Option<&Listed> {
        self.all().find(|listed| listed.id == id)
    }

    /// What fits, the nearest first, then by name.
    #[must_use]
    pub fn find(&self, wish: &Wish) -> Vec<Found<'_>> {
        let asked_from = wish.near.or_else(|| Some(territory::whereabouts(&wish.commune?)?.position));
        let from = asked_from.map(Position::vector);
        let words = wish.words.as_deref().map(folded);
        let fits = |entry: &&Entry| entry.fits(wish, words.as_deref());
        let measured = self.entries.iter().filter(fits).map(|entry| (entry.metres(from, wish.sessions), entry));
        let mut found: Vec<_> = measured.filter(|(metres, entry)| entry.is_around(wish, *metres)).collect();
        found.sort_by(|(one, here), (other, there)| {
            let key = |metres: &Option<i64>| metres.unwrap_or(i64::MAX);
            (key(one), &here.words, here.listed.id).cmp(&(key(other), &there.words, there.listed.id))
        });
        found.into_iter().map(|(metres, entry)| Found { listed: &entry.listed, metres }).collect()
    }
}

impl Entry {
    fn new(listed: Listed) -> Self {
        let text = format!("{} {} {}", listed.sheet.name, listed.commune.name, listed.sheet.address);
        let stays = !listed.sheet.travels() || listed.sessions.is_empty();
        let known = listed.sheet.position().or_else(|| Some(territory::whereabouts(&listed.commune)?.position));
        let spot = |session: &Session| {
            let there = territory::commune(&session.commune).and_then(|commune| territory::whereabouts(&commune));
            session.position.or_else(|| Some(there?.position)).map(Position::vector)
        };
        Self {
            words: folded(&text),
            spots: known.filter(|_| stays).into_iter().map(Position::vector).collect(),
            session_spots: listed.sessions.iter().map(spot).collect(),
            listed,
        }
    }

    fn fits(&self, wish: &Wish, words: Option<&str>) -> bool {
        let sheet = &self.listed.sheet;
        let offered = || sheet.offered();
        let care = |wanted: &Label| sheet.special_care.iter().any(|term| term.as_str() == wanted.as_str());
        let within = |days: (Day, Day)| self.sessions(Some(days)).next().is_some();
        (wish.services.is_empty() || wish.services.is_subset(&offered()))
            && wish.special_care.as_ref().is_none_or(care)
            && (!wish.described_access || sheet.accessibility.is_some())
            && (!wish.accepts || self.listed.accepts_passes())
            && wish.programme.as_ref().is_none_or(|programme| self.listed.programmes.contains(programme))
            && wish.sessions.is_none_or(within)
            && words.is_none_or(|words| words.split(' ').all(|word| self.words.contains(word)))
    }

    /// The sessions of these days, each with its spot.
    fn sessions(&self, days: Option<(Day, Day)>) -> impl Iterator<Item = (&Session, &Option<Vector>)> {
        let within = move |day: Day| days.is_none_or(|(first, last)| first <= day && day <= last);
        self.listed.sessions.iter().zip(&self.session_spots).filter(move |(session, _)| within(session.day))
    }

    fn metres(&self, from: Option<Vector>, days: Option<(Day, Day)>) -> Option<i64> {
        let from = from?;
        let fixed = self.spots.iter().filter(|_| days.is_none()).copied();
        let sessions = self.sessions(days).filter_map(|(_, spot)| *spot);
        fixed.chain(sessions).map(|spot| from.metres_to(spot)).min()
    }

    /// Whether the place, or one of its sessions, is where one looks.
    fn is_around(&self, wish: &Wish, metres: Option<i64>) -> bool {
        if let Around::Metres(most) = wish.around {
            return metres.is_some_and(|metres| metres <= most);
        }
        let Some(wanted) = wish.commune else { return true };
        let near = |commune: &Commune| match wish.around {
            Around::Commune | Around::Metres(_) => commune.code == wanted.code || commune.commune == Some(wanted.code),
            Around::Epci => commune.code == wanted.code || (commune.epci.is_some() && commune.epci == wanted.epci),
            Around::Department => commune.department == wanted.department,
        };
        let fixed = wish.sessions.is_none() && near(&self.listed.commune);
        fixed
            || self
                .sessions(wish.sessions)
                .any(|(session, _)| territory::commune(&session.commune).is_some_and(|commune| near(&commune)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::super::words::TimeOfDay;
    use super::*;
    use crate::domain::ids::SessionId;
    use crate::domain::territory::CommuneCode;

    fn commune(code: &str) -> Commune {
        territory::commune(&CommuneCode::parse(code).unwrap()).unwrap()
    }

    fn listed(number: u128, name: &str, at: &str, changes: &Value) -> Listed {
        let commune = commune(at);
        let mut sheet = json!({ "pivot": "43493312300029", "nom": name, "commune": commune.name,
            "code_postal": "59600", "code_insee": at, "adresse": "1 rue du Parc", "date_maj": "2026-01-01",
            "services": ["Aide aux démarches administratives"] });
        for (column, value) in changes.as_object().unwrap() {
            sheet[column] = value.clone();
        }
        Listed {
            id: PlaceId::new(Uuid::from_u128(number)),
            sheet: serde_json::from_value(sheet).unwrap(),
            commune,
            programmes: BTreeSet::new(),
            sessions: Vec::new(),
        }
    }

    fn session(place: &Listed, day: &str, at: &str) -> Session {
        Session {
            id: SessionId::new(Uuid::from_u128(1)),
            place: place.id,
            day: Day::parse(day).unwrap(),
            starts: TimeOfDay::parse("09:00").unwrap(),
            ends: TimeOfDay::parse("12:00").unwrap(),
            commune: CommuneCode::parse(at).unwrap(),
            address: Label::parse("Place de la mairie").unwrap(),
            position: None,
            note: None,
            cancelled: false,
        }
    }

    fn directory() -> Directory {
        let mut accepting = listed(1, "Cyber-espace", "59392", &json!({ "prise_en_charge_specifique": ["Surdité"] }));
        accepting.programmes.insert(ShortCode::parse("HDF21").unwrap());
        let library = listed(2, "Médiathèque", "59365", &json!({ "services": ["Loisirs et créations numériques"] }));
        let far = listed(3, "Espace public numérique", "59350", &json!({}));
        let mut bus = listed(4, "Bus", "02381", &json!({ "itinerance": ["Itinérant"] }));
        bus.sessions = vec![session(&bus, "2026-12-01", "59392"), session(&bus, "2026-12-08", "59249")];
        Directory::new(vec![accepting, library, far, bus])
    }

    fn names(wish: &Wish) -> Vec<String> {
        directory().find(wish).iter().map(|found| found.listed.sheet.name.to_string()).collect()
    }

    fn days(first: &str, last: &str) -> (Day, Day) {
        (Day::parse(first).unwrap(), Day::parse(last).unwrap())
    }

    #[test]
    fn a_commune_finds_what_is_there_and_what_comes_there() {
        let here = Wish { commune: Some(commune("59392")), ..Wish::default() };
        assert_eq!(names(&here), ["Bus", "Cyber-espace"]);
        let around = Wish { around: Around::Epci, ..here.clone() };
        assert_eq!(names(&around), ["Bus", "Cyber-espace", "Médiathèque"]);
        let department = Wish { around: Around::Department, ..here.clone() };
        assert_eq!(names(&department), ["Bus", "Cyber-espace", "Médiathèque", "Espace public numérique"]);
        let near = Wish { around: Around::Metres(10_000), ..here };
        assert_eq!(names(&near), ["Bus", "Cyber-espace", "Médiathèque"]);
    }

    #[test]
    fn the_nearest_comes_first_and_says_how_far() {
        let lille = Position::parse("50.63297,3.05858").unwrap();
        let directory = directory();
        let found = directory.find(&Wish { near: Some(lille), ..Wish::default() });
        assert_eq!(found[0].listed.sheet.name.as_str(), "Espace public numérique");
        assert_eq!(found[0].metres, Some(0));
        assert!(found.is_sorted_by_key(|found| found.metres));
        assert!(found.iter().all(|found| found.metres.is_some()));
    }

    #[test]
    fn sessions_are_found_by_their_days() {
        let first = Wish { sessions: Some(days("2026-12-01", "2026-12-07")), ..Wish::default() };
        assert_eq!(names(&first), ["Bus"]);
        let there = Wish { commune: Some(commune("59249")), ..first.clone() };
        assert_eq!(names(&there), [""; 0], "it comes there a week later");
        let later = Wish { sessions: Some(days("2026-12-08", "2026-12-31")), ..there };
        assert_eq!(names(&later), ["Bus"]);
    }

    #[test]
    fn every_wish_counts() {
        let wish = Wish::default();
        assert_eq!(names(&Wish { accepts: true, ..wish.clone() }), ["Cyber-espace"]);
        let programme = |code: &str| Some(ShortCode::parse(code).unwrap());
        assert_eq!(names(&Wish { programme: programme("HDF21"), ..wish.clone() }), ["Cyber-espace"]);
        assert_eq!(names(&Wish { programme: programme("OTHER"), ..wish.clone() }), [""; 0]);
        let care = Some(Label::parse("Surdité").unwrap());
        assert_eq!(names(&Wish { special_care: care, ..wish.clone() }), ["Cyber-espace"]);
        assert_eq!(names(&Wish { described_access: true, ..wish.clone() }), [""; 0]);
        let services = BTreeSet::from([Service::Leisure]);
        assert_eq!(names(&Wish { services, ..wish.clone() }), ["Médiathèque"]);
        assert_eq!(names(&Wish { words: Some("mediatheque LOUVROIL".to_owned()), ..wish }), ["Médiathèque"]);
    }
}
