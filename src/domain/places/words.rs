//! Texts as the national standard of places wants them. What never lives here: a list of values that may be chosen (see
//! `vocabulary`).

use crate::domain::refusal::Malformed;
use crate::domain::registration::{Rna, Siret};
use crate::domain::text::{clean, text_value};

/// Country codes that the standard admits: France and its territories overseas.
const COUNTRIES: [&str; 10] = ["+33", "+590", "+594", "+262", "+596", "+269", "+687", "+689", "+508", "+681"];

/// Several lines of 1 to `longest` characters: a line break is the only control character.
fn lines(text: &str, longest: usize) -> Option<String> {
    let lines: Option<Vec<String>> = text
        .trim()
        .lines()
        .map(|line| if line.trim().is_empty() { Some(String::new()) } else { clean(line, longest) })
        .collect();
    let text = lines?.join("\n");
    (!text.is_empty() && text.chars().count() <= longest).then_some(text)
}

text_value!(
    /// What a place says of itself in a few words: at most 280 characters (standard, `presentation_resume`).
    Summary, Malformed::Text, |text| lines(text, 280)
);

text_value!(
    /// What a place says of itself at length: at most 4,000 characters, on several lines if need be.
    Paragraph, Malformed::Text, |text| lines(text, 4_000)
);

text_value!(
    /// The identifier that whoever collected the place gave it (standard, `id`): at most 200 characters.
    LocalId, Malformed::Identifier, |text| clean(text, 200)
);

text_value!(
    /// Five digits.
    PostalCode, Malformed::PostalCode, |text| {
        let text = text.trim();
        (text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.to_owned())
    }
);

text_value!(
    /// What ties a place to an official register: SIRET, RNA or RIDET, 9 to 14 letters and digits (standard, `pivot`). The
    /// standard asks for the form only; see [`Pivot::is_registered`].
    Pivot, Malformed::Pivot, |text| {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        ((9..=14).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(text)
    }
);

impl Pivot {
    /// Whether this can be the number of a body: a SIRET or RNA with its check. `00000000000000`, which stands in many files
    /// for "unknown", cannot.
    #[must_use]
    pub fn is_registered(&self) -> bool {
        Siret::parse(self.as_str()).is_ok() || Rna::parse(self.as_str()).is_ok()
    }
}

text_value!(
    /// A telephone number in international form, without spaces: `+33327530000` (standard, `telephone`).
    Phone, Malformed::Phone, |text| {
        let text: String = text.chars().filter(|c| !matches!(c, ' ' | '.' | '-' | '\u{a0}' | '\u{202f}')).collect();
        let number = COUNTRIES.iter().find_map(|country| text.strip_prefix(country))?;
        ((6..=9).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.clone())
    }
);

impl Phone {
    /// As people dial it at home: `03 27 53 00 00`; other countries as they are.
    #[must_use]
    pub fn french(&self) -> String {
        let Some(number) = self.as_str().strip_prefix("+33") else { return self.to_string() };
        let digits: Vec<char> = std::iter::once('0').chain(number.chars()).collect();
        digits.chunks(2).map(|pair| pair.iter().collect()).collect::<Vec<String>>().join("\u{a0}")
    }
}

text_value!(
    /// The address of a page: `http://` or `https://`, a host with a dot, no space, no `|`, at most 500 characters.
    WebAddress, Malformed::WebAddress, |text| {
        let text = clean(text, 500)?;
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
        let host = rest.split(['/', '?', '#']).next()?;
        let plain = !text.chars().any(|c| c.is_whitespace() || matches!(c, '|' | '"' | '<' | '>' | '\\'));
        let dotted = host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
        (plain && dotted).then(|| text.clone())
    }
);

text_value!(
    /// When a place is open, in the syntax of OpenStreetMap: `Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00`.
    OpeningHours, Malformed::OpeningHours, |text| {
        let text = clean(text, 500)?;
        opening_hours_syntax::parse(&text).is_ok().then_some(text)
    }
);

/// A day, or a kind of days.
struct DayWord {
    /// As OpenStreetMap writes it.
    written: &'static str,
    /// As people read it.
    word: &'static str,
    short: &'static str,
}

const fn day(written: &'static str, word: &'static str, short: &'static str) -> DayWord {
    DayWord { written, word, short }
}

const DAYS: [DayWord; 9] = [
    day("Mo", "lundi", "lun."),
    day("Tu", "mardi", "mar."),
    day("We", "mercredi", "mer."),
    day("Th", "jeudi", "jeu."),
    day("Fr", "vendredi", "ven."),
    day("Sa", "samedi", "sam."),
    day("Su", "dimanche", "dim."),
    day("PH", "jours fériés", "jours fériés"),
    day("SH", "vacances scolaires", "vacances scolaires"),
];

impl DayWord {
    fn find(written: &str) -> Option<&'static Self> {
        DAYS.iter().find(|day| day.written == written)
    }
}

/// What is said of hours at which nobody is there.
const CLOSED: &str = "fermé";

fn is_closed(word: &str) -> bool {
    matches!(word, "off" | "closed")
}

impl OpeningHours {
    /// With the days in French, on one short line: `lun.-ven. 09:00-12:00,14:00-18:30; sam. 08:30-12:00`.
    #[must_use]
    pub fn french(&self) -> String {
        let mut french = String::new();
        for piece in self.as_str().split_inclusive(|c: char| !c.is_ascii_alphabetic()) {
            let word = piece.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
            let closed = is_closed(word).then_some(CLOSED);
            french.push_str(DayWord::find(word).map(|day| day.short).or(closed).unwrap_or(word));
            french.push_str(piece.get(word.len()..).unwrap_or_default());
        }
        french
    }

    /// In words, rule by rule: `mardi au vendredi : 09:00–12:00 et 14:00–18:00`. A rule of another form stays as it is written.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        self.as_str().split(';').map(str::trim).filter(|rule| !rule.is_empty()).map(rule_in_words).collect()
    }
}

fn rule_in_words(rule: &str) -> String {
    let in_words = || {
        let (days, hours) = rule.split_once(' ')?;
        let days: Option<Vec<String>> = days.split(',').map(days_in_words).collect();
        let hours = match hours.trim() {
            closed if is_closed(closed) => CLOSED.to_owned(),
            hours => hours.split(',').map(hours_in_words).collect::<Option<Vec<String>>>()?.join(" et "),
        };
        Some(format!("{}\u{a0}: {hours}", days?.join(", ")))
    };
    if rule == "24/7" { "toujours ouvert".to_owned() } else { in_words().unwrap_or_else(|| rule.to_owned()) }
}

fn days_in_words(days: &str) -> Option<String> {
    let word = |day: &str| DayWord::find(day).map(|day| day.word);
    match days.split_once('-') {
        None => word(days).map(str::to_owned),
        Some((first, last)) => Some(format!("{} au {}", word(first)?, word(last)?)),
    }
}

fn hours_in_words(hours: &str) -> Option<String> {
    let (from, until) = hours.trim().split_once('-')?;
    Some(format!("{}–{}", TimeOfDay::parse(from).ok()?, TimeOfDay::parse(until).ok()?))
}

text_value!(
    /// A value of a list, or a free label: 1 to 200 characters on one line, without `|`, which stands between values.
    Term, Malformed::Term, |text| clean(text, 200).filter(|text| !text.contains('|'))
);

text_value!(
    /// A time of the day, `09:30`.
    TimeOfDay, Malformed::TimeOfDay, |text| {
        let (hours, minutes) = text.split_once(':')?;
        let within = |part: &str, most: u8| part.len() == 2 && part.parse::<u8>().is_ok_and(|number| number <= most);
        let digits = text.bytes().filter(u8::is_ascii_digit).count() == 4;
        (digits && within(hours, 23) && within(minutes, 59)).then(|| text.to_owned())
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_the_standard_are_read_and_others_refused() {
        assert!(Phone::parse("+33 3 27 53 00 00").is_ok_and(|phone| phone.as_str() == "+33327530000"));
        for wrong in ["0327530000", "33180059880", "+33", "+3312345", "+44123456789", "+33abcdefg"] {
            assert_eq!(Phone::parse(wrong), Err(Malformed::Phone), "{wrong}");
        }
        assert!(PostalCode::parse("59600").is_ok() && PostalCode::parse("5960").is_err());
        assert!(Pivot::parse("43493312300029").is_ok_and(|pivot| pivot.is_registered()));
        assert!(Pivot::parse("00000000000000").is_ok_and(|pivot| !pivot.is_registered()));
        assert!(Pivot::parse("W751212517").is_ok_and(|pivot| pivot.is_registered()));
        assert!(Pivot::parse("12345678").is_err() && Pivot::parse("4349331230002é").is_err());
        for right in ["https://rdv.example.fr/a?b=c#d", "http://a.fr"] {
            assert!(WebAddress::parse(right).is_ok(), "{right}");
        }
        for wrong in ["rdv.example.fr", "https://", "https://localhost/", "https://a.fr/ b", "javascript:alert(1)"] {
            assert_eq!(WebAddress::parse(wrong), Err(Malformed::WebAddress), "{wrong}");
        }
        assert!(TimeOfDay::parse("09:30").is_ok());
        for wrong in ["9:30", "24:00", "09:60", "0930", "+9:30", "09:3 "] {
            assert_eq!(TimeOfDay::parse(wrong), Err(Malformed::TimeOfDay), "{wrong}");
        }
    }

    #[test]
    fn opening_hours_follow_openstreetmap() {
        for right in ["Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00", "24/7", "Tu 10:00-12:00; PH off"] {
            assert_eq!(OpeningHours::parse(right).unwrap().as_str(), right);
        }
        let french = |text: &str| OpeningHours::parse(text).unwrap().french();
        assert_eq!(french("Mo-Fr 09:00-12:00; Sa 08:30-12:00"), "lun.-ven. 09:00-12:00; sam. 08:30-12:00");
        assert_eq!(french("Tu 10:00-12:00; PH off"), "mar. 10:00-12:00; jours fériés fermé");
        for wrong in ["lundi 9h-12h", "", "Mo-Fr 09:00-", "Xx 10:00-12:00"] {
            assert_eq!(OpeningHours::parse(wrong), Err(Malformed::OpeningHours), "{wrong}");
        }
    }

    #[test]
    fn what_the_public_reads_is_in_words() {
        let french = |text: &str| OpeningHours::parse(text).unwrap().in_words().join(" | ").replace('\u{a0}', " ");
        assert_eq!(
            french("Tu-Fr 09:00-12:00,14:00-18:00; Sa 09:00-12:00"),
            "mardi au vendredi : 09:00–12:00 et 14:00–18:00 | samedi : 09:00–12:00"
        );
        assert_eq!(french("Mo,We 10:00-12:00; PH off"), "lundi, mercredi : 10:00–12:00 | jours fériés : fermé");
        assert_eq!(french("SH,PH closed"), "vacances scolaires, jours fériés : fermé");
        assert_eq!(french("24/7"), "toujours ouvert");
        assert_eq!(french("Jan-Mar Mo 10:00-12:00"), "Jan-Mar Mo 10:00-12:00");
        assert_eq!(Phone::parse("+33327530000").unwrap().french().replace('\u{a0}', " "), "03 27 53 00 00");
    }

    #[test]
    fn a_paragraph_keeps_its_lines_and_a_summary_its_length() {
        assert_eq!(Paragraph::parse(" Un\r\n\r\ndeux ").unwrap().as_str(), "Un\n\ndeux");
        assert!(Summary::parse(&"é".repeat(280)).is_ok() && Summary::parse(&"é".repeat(281)).is_err());
        assert!(Paragraph::parse("a\u{0}b").is_err() && Paragraph::parse(" \n ").is_err());
        assert!(Term::parse("a|b").is_err());
    }
}
