//! Who a person is, for one purpose: noticing that the same person asks twice. The names are reduced to a text
//! that does not depend on how they were typed; only a keyed fingerprint of that text is ever stored. What
//! never lives here: the key, the fingerprint, and any way to write a name back.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::refusal::Malformed;
use super::time::Day;

/// The longest name as typed, in characters.
const LONGEST_NAME: usize = 100;

/// Stands before every text, so that another way of normalising can never be mistaken for this one.
const VERSION: &str = "identity-1";

/// A person's normalised names and birth date. Accents, case, hyphens, apostrophes, spaces and punctuation do
/// not count: `DUPONT-MARTIN`, `Dupont Martin` and `dupont  martin` are one family name, `Jean-Pierre` and
/// `Jean Pierre` one given name. The order of a double family name counts: `Martin Dupont` is somebody else.
///
/// Of several given names only the first is kept, and a comma or semicolon is what separates them, as on French
/// civil-status documents (`Marie, Anne, Louise`). A space does not: `Jean Pierre` may be one name or two, and
/// nothing in the text says which. So a form must ask for the first given name alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    family_name: String,
    given_name: String,
    birth: Day,
}

impl Identity {
    /// # Errors
    /// [`Malformed::Name`] for a name without a letter, with a digit or a control character, or longer than 100
    /// characters. Whether the birth date makes sense is a matter of eligibility.
    pub fn new(family_name: &str, given_name: &str, birth: Day) -> Result<Self, Malformed> {
        let first = given_name.split([',', ';']).find(|part| !part.trim().is_empty()).unwrap_or_default();
        // The whole text is checked, not only the part that counts.
        normalised(given_name)?;
        Ok(Self { family_name: normalised(family_name)?, given_name: normalised(first)?, birth })
    }

    /// The birth date.
    #[must_use]
    pub const fn birth(&self) -> Day {
        self.birth
    }

    /// The text under the keyed fingerprint: `identity-1|dupontmartin|jeanpierre|1966-11-24`. Normalised names
    /// hold letters only, so that the separator makes it unambiguous. It must not be stored or logged.
    #[must_use]
    pub fn fingerprint_text(&self) -> String {
        format!("{VERSION}|{}|{}|{}", self.family_name, self.given_name, self.birth)
    }

    /// What two spellings of one person have in common, each to be kept under a key only: names that are exchanged; the day
    /// and month of birth, where they are; the birth date with one name whole and the two letters at either end of the other.
    /// A single mistake in a name of four letters or more (five, for two letters exchanged) leaves one of its ends alone.
    #[must_use]
    pub fn likeness_texts(&self) -> [String; 6] {
        let Self { family_name: family, given_name: given, birth } = self;
        let text = |what: &str, parts: [&str; 3]| format!("{VERSION}/{what}|{}|{}|{}", parts[0], parts[1], parts[2]);
        let birth = birth.to_string();
        let (year, rest) = birth.split_once('-').unwrap_or_default();
        let (month, day) = rest.split_once('-').unwrap_or_default();
        let date = format!("{year}|{}|{}", month.min(day), month.max(day));
        [
            text("names", [family.min(given), family.max(given), &birth]),
            text("date", [family, given, &date]),
            text("family-start", [start(family), given, &birth]),
            text("family-end", [end(family), given, &birth]),
            text("given-start", [family, start(given), &birth]),
            text("given-end", [family, end(given), &birth]),
        ]
    }
}

/// The two first letters.
fn start(name: &str) -> &str {
    name.char_indices().nth(2).map_or(name, |(place, _)| name.get(..place).unwrap_or(name))
}

/// The two last letters.
fn end(name: &str) -> &str {
    name.char_indices().nth_back(1).map_or(name, |(place, _)| name.get(place..).unwrap_or(name))
}

/// Says that there is somebody, never who.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(…)")
    }
}

/// The letters of `name` in lower case, without marks: compatibility decomposition (NFKD), marks dropped,
/// letters folded, everything that is not a letter dropped.
fn normalised(name: &str) -> Result<String, Malformed> {
    let typed = name.trim();
    let refused = |c: char| c.is_control() || c.is_numeric();
    if typed.chars().count() > LONGEST_NAME || typed.chars().any(refused) {
        return Err(Malformed::Name);
    }
    let mut letters = String::with_capacity(typed.len());
    for c in typed.nfkd().filter(|c| c.is_alphabetic() && !is_combining_mark(*c) && !modifies(*c)) {
        for lower in c.to_lowercase() {
            fold(lower, &mut letters);
        }
    }
    // Folding may bring marks back: İ in lower case is i with a dot above.
    letters.retain(|c| !is_combining_mark(c));
    if letters.is_empty() { Err(Malformed::Name) } else { Ok(letters) }
}

/// Spacing modifier letters, among them look-alikes of the apostrophe that Unicode counts as letters.
fn modifies(c: char) -> bool {
    ('\u{2b0}'..='\u{2ff}').contains(&c)
}

/// Letters that decomposition leaves whole, as they are transliterated in French civil status.
fn fold(letter: char, into: &mut String) {
    match letter {
        'œ' => into.push_str("oe"),
        'æ' => into.push_str("ae"),
        'ß' => into.push_str("ss"),
        'þ' => into.push_str("th"),
        'ø' => into.push('o'),
        'ł' => into.push('l'),
        'đ' | 'ð' => into.push('d'),
        'ħ' => into.push('h'),
        'ı' => into.push('i'),
        'ς' => into.push('σ'),
        other => into.push(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(family_name: &str, given_name: &str) -> String {
        Identity::new(family_name, given_name, Day::parse("1966-11-24").unwrap()).unwrap().fingerprint_text()
    }

    #[test]
    fn the_text_is_versioned_and_cut_by_a_character_no_name_holds() {
        assert_eq!(text("Dupont-Martin", "Jean-Pierre"), "identity-1|dupontmartin|jeanpierre|1966-11-24");
        assert_ne!(text("Dupont", "Martin Jean"), text("Dupont Martin", "Jean"));
        assert_eq!(text("Du|pont", "Jean"), text("Dupont", "Jean"));
    }

    fn alike((one, other): ([&str; 3], [&str; 3])) -> bool {
        let texts = |[family, given, birth]: [&str; 3]| {
            Identity::new(family, given, Day::parse(birth).unwrap()).unwrap().likeness_texts()
        };
        let known = texts(one);
        texts(other).iter().any(|text| known.contains(text))
    }

    #[test]
    fn a_typing_mistake_exchanged_names_and_a_transposed_date_leave_a_likeness() {
        let zoe = ["Lefèvre", "Zoé", "1955-03-04"];
        let mistakes = [
            ["Lefebvre", "Zoé", "1955-03-04"],
            ["Lefvère", "Zoé", "1955-03-04"],
            ["Lefevres", "Zoé", "1955-03-04"],
            ["Defèvre", "Zoé", "1955-03-04"],
            ["Lefèvre", "Zoëe", "1955-03-04"],
            ["Zoé", "Lefèvre", "1955-03-04"],
            ["Lefèvre", "Zoé", "1955-04-03"],
        ];
        for mistake in mistakes {
            assert!(alike((zoe, mistake)) && alike((mistake, zoe)), "{mistake:?}");
        }
        let others = [
            ["Lefèvre", "Zoé", "1956-03-04"],
            ["Lefèvre", "Anne", "1955-03-04"],
            ["Dubois", "Zoé", "1955-03-04"],
            ["Zoé", "Lefèvre", "1955-04-03"],
        ];
        for other in others {
            assert!(!alike((zoe, other)), "{other:?}");
        }
    }

    #[test]
    fn every_single_mistake_in_a_name_of_five_letters_or_more_leaves_a_likeness() {
        for name in ["petit", "lefevre", "vanderkanarie"] {
            let letters: Vec<char> = name.chars().collect();
            let mut spellings = Vec::new();
            for place in 0..letters.len() {
                let (mut changed, mut dropped, mut doubled) = (letters.clone(), letters.clone(), letters.clone());
                changed[place] = 'x';
                dropped.remove(place);
                doubled.insert(place, 'x');
                spellings.extend([changed, dropped, doubled]);
                if place > 0 {
                    let mut swapped = letters.clone();
                    swapped.swap(place - 1, place);
                    spellings.push(swapped);
                }
            }
            for spelling in spellings {
                let typed: String = spelling.into_iter().collect();
                assert!(alike(([name, "Zoé", "1955-03-04"], [&typed, "Zoé", "1955-03-04"])), "{typed}");
                assert!(alike((["Roy", name, "1955-03-04"], ["Roy", &typed, "1955-03-04"])), "{typed}");
            }
        }
    }

    #[test]
    fn a_double_family_name_is_one_however_it_is_typed() {
        for same in ["DUPONT-MARTIN", "Dupont Martin", "dupont  martin", " Dupont–Martin ", "Dupont\u{a0}Martin"] {
            assert_eq!(text(same, "Anne"), text("Dupont-Martin", "Anne"), "{same}");
        }
        assert_ne!(text("Martin-Dupont", "Anne"), text("Dupont-Martin", "Anne"));
    }

    #[test]
    fn a_compound_given_name_is_one_however_it_is_typed() {
        for same in
            ["Jean-Pierre", "Jean Pierre", "jeanpierre", "JEAN - PIERRE", "Jean-Pierre, Marie", "Jean Pierre;Luc"]
        {
            assert_eq!(text("Le Goff", same), text("Le Goff", "Jean-Pierre"), "{same}");
        }
        assert_ne!(text("Le Goff", "Jean"), text("Le Goff", "Jean-Pierre"));
        assert_eq!(text("Roy", "Marie, Anne, Louise"), text("Roy", "Marie"));
        assert_eq!(text("Roy", ", Marie"), text("Roy", "Marie"));
    }

    #[test]
    fn accents_case_and_ligatures_do_not_count() {
        for (one, other) in [
            ("Élodie", "ELODIE"),
            ("Françoise", "Franc\u{327}oise"),
            ("Lebœuf", "LEBOEUF"),
            ("Lætitia", "Laetitia"),
            ("Weiß", "WEISS"),
            ("Weiẞ", "weiss"),
            ("Nguyễn", "NGUYEN"),
            ("Łukasz", "lukasz"),
            ("Søren", "SOREN"),
            ("İpek", "ipek"),
            ("Ipek", "ıpek"),
            ("ﬁona", "Fiona"),
            ("Ａｎｎｅ", "Anne"),
            ("Γιώργος", "ΓΙΩΡΓΟΣ"),
            ("O'Brien", "O’Brien"),
            ("Oʼbrien", "OBRIEN"),
            ("D'Hondt", "d hondt"),
            ("St. Clair", "St Clair"),
        ] {
            assert_eq!(text(one, "Anne"), text(other, "Anne"), "{one}");
            assert_eq!(text("Anne", one), text("Anne", other), "{one}");
        }
    }

    #[test]
    fn a_name_of_one_letter_is_a_name() {
        assert_eq!(text("Y", "O"), "identity-1|y|o|1966-11-24");
    }

    #[test]
    fn texts_that_are_no_names_are_refused() {
        let birth = Day::parse("1966-11-24").unwrap();
        for wrong in ["", "   ", "-", "'", "Dup0nt", "Henri ²", "a\0b", "a\nb", "\u{301}", &"x".repeat(101)] {
            assert_eq!(Identity::new(wrong, "Anne", birth), Err(Malformed::Name), "{wrong:?}");
            assert_eq!(Identity::new("Roy", wrong, birth), Err(Malformed::Name), "{wrong:?}");
        }
        assert_eq!(Identity::new("Roy", ",;", birth), Err(Malformed::Name));
        assert_eq!(Identity::new("Roy", "Anne, B3", birth), Err(Malformed::Name));
        assert!(Identity::new(&"x".repeat(100), "Anne", birth).is_ok());
    }

    #[test]
    fn two_birth_dates_are_two_people() {
        let born = |day| Identity::new("Roy", "Anne", Day::parse(day).unwrap()).unwrap().fingerprint_text();
        assert_ne!(born("1966-11-24"), born("1966-11-25"));
    }

    #[test]
    fn a_person_is_never_printed_for_debugging() {
        let identity = Identity::new("Roy", "Anne", Day::parse("1966-11-24").unwrap()).unwrap();
        assert_eq!(format!("{identity:?}"), "Identity(…)");
    }
}
