//! The page on which anybody finds where a pass can be spent: a form and a list, without a script. What never lives here: which
//! places fit.

use askama::Template;

use super::html::hash_of;
use super::phrases;

const STYLE: &str = include_str!("templates/finder.css");

/// Something to choose in the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

/// What was asked, as the form shows it again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    pub commune: String,
    pub distances: Vec<Choice>,
    pub services: Vec<Choice>,
    /// Whether only places that take passes are wanted.
    pub accepting: bool,
    pub described_access: bool,
}

/// Somewhere else that may have been meant: its name, and the address of the same question there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    pub name: String,
    pub address: String,
}

/// A place that was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundPlace {
    pub name: String,
    pub accepts: bool,
    /// To the place or its nearest session.
    pub metres: Option<i64>,
    pub address: String,
    /// As people dial it, and as a link does.
    pub phones: Vec<(String, String)>,
    pub website: Option<String>,
    pub booking: Option<String>,
    pub accessibility: Option<String>,
    pub hours: Vec<String>,
    pub services: Vec<String>,
    /// The next ones of a place that travels.
    pub sessions: Vec<String>,
    /// Nobody has confirmed the description for a year.
    pub outdated: bool,
}

/// What was found near a commune.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Results {
    /// Where one looked.
    pub commune: String,
    pub others: Vec<Other>,
    pub total: usize,
    /// The rank of the first place shown, from 1.
    pub first: usize,
    pub places: Vec<FoundPlace>,
    pub previous: Option<String>,
    pub next: Option<String>,
}

/// What follows the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Nothing was asked yet.
    Nothing,
    /// No commune is called so.
    CommuneUnknown,
    Found(Results),
}

#[derive(Template)]
#[template(path = "finder.html")]
struct Page<'a> {
    style: &'static str,
    form: &'a Form,
    results: Option<&'a Results>,
    unknown: bool,
    home: bool,
}

/// The page as a whole. `home`: the front door, which says what this is.
#[must_use]
pub fn finder(form: &Form, answer: &Answer, home: bool) -> String {
    let results = if let Answer::Found(results) = answer { Some(results) } else { None };
    let page = Page { style: STYLE, form, results, unknown: *answer == Answer::CommuneUnknown, home };
    // Writing to a String cannot fail.
    page.render().unwrap_or_default()
}

/// What a `Content-Security-Policy` writes after `style-src` to allow the style of this page.
#[must_use]
pub fn finder_style_hash() -> String {
    hash_of(STYLE)
}

impl FoundPlace {
    /// `à 1,2 km`.
    fn distance(&self) -> Option<String> {
        let metres = self.metres?;
        if metres < 1_000 {
            return Some("à moins de 1\u{a0}km".to_owned());
        }
        let (whole, tenths) = (metres / 1_000, metres % 1_000 / 100);
        Some(if whole < 10 && tenths > 0 {
            format!("à {whole},{tenths}\u{a0}km")
        } else {
            format!("à {whole}\u{a0}km")
        })
    }
}

impl Results {
    fn count(&self) -> String {
        let total = i64::try_from(self.total).unwrap_or(i64::MAX);
        format!("{} lieu{}", phrases::count(total), if total > 1 { "x" } else { "" })
    }

    /// What a reader hears after the search: how many there are, and which of them follow.
    fn shown(&self) -> String {
        let last = (self.first + self.places.len()).saturating_sub(1);
        match self.total {
            0 => "Aucun lieu trouvé.".to_owned(),
            1 => "Un lieu trouvé.".to_owned(),
            total if self.places.len() == total => format!("{total} lieux trouvés, du plus proche au plus éloigné."),
            total => format!("{total} lieux trouvés, du plus proche au plus éloigné : lieux {} à {last}.", self.first),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> String {
        let place = FoundPlace {
            name: "Cyber-espace <Maubeuge>".to_owned(),
            accepts: true,
            metres: Some(1_260),
            address: "12 place Vauban, 59600 Maubeuge".to_owned(),
            phones: vec![("03 27 53 00 00".to_owned(), "+33327530000".to_owned())],
            hours: vec!["mardi au vendredi : 09:00–12:00".to_owned()],
            sessions: vec!["01/12/2026, 09:30–12:30, Place de la mairie, Solre-le-Château".to_owned()],
            ..FoundPlace::default()
        };
        let results =
            Results { commune: "Maubeuge".to_owned(), total: 1, first: 1, places: vec![place], ..Results::default() };
        let distances = vec![Choice { value: "10".to_owned(), label: "10 km".to_owned(), chosen: true }];
        let form = Form { commune: "59600".to_owned(), distances, accepting: true, ..Form::default() };
        finder(&form, &Answer::Found(results), false)
    }

    #[test]
    fn a_reader_hears_where_it_is_how_far_and_when_and_needs_no_script() {
        let html = page();
        for wanted in [
            "<html lang=\"fr\">",
            "1 lieu",
            "à 1,2\u{a0}km",
            "tel:+33327530000",
            "<label for=\"commune\">",
            "Prochaines séances",
            "<main id=\"contenu\" tabindex=\"-1\">",
            "action=\"/lieux#resultats\"",
            "<p role=\"status\">Un lieu trouvé.</p>",
            "id=\"resultats\"",
            "Aller au contenu",
        ] {
            assert!(html.contains(wanted), "{wanted}: {html}");
        }
        assert!(!html.contains("<script") && !html.contains("<Maubeuge>") && !html.contains("style=\""));
        let labels = html.matches("<label ").count();
        assert_eq!(
            labels,
            html.matches("<select ").count() + html.matches("<input ").count(),
            "each field has its label"
        );
    }

    #[test]
    fn who_types_a_commune_that_is_none_is_led_to_the_field_and_told_why() {
        let html = finder(&Form::default(), &Answer::CommuneUnknown, false);
        assert!(html.contains("aria-describedby=\"aide-commune resultats\" aria-invalid=\"true\""), "{html}");
        assert!(html.contains("id=\"resultats\" role=\"alert\""), "{html}");
    }

    #[test]
    fn the_number_of_places_is_told_with_those_that_follow() {
        let told = |total, first, shown: usize| {
            let places = vec![FoundPlace::default(); shown];
            Results { total, first, places, ..Results::default() }.shown()
        };
        assert_eq!(told(0, 1, 0), "Aucun lieu trouvé.");
        assert_eq!(told(12, 1, 12), "12 lieux trouvés, du plus proche au plus éloigné.");
        assert_eq!(told(45, 21, 20), "45 lieux trouvés, du plus proche au plus éloigné : lieux 21 à 40.");
    }

    #[test]
    fn a_distance_is_told_in_kilometres() {
        let told = |metres| FoundPlace { metres: Some(metres), ..FoundPlace::default() }.distance().unwrap();
        assert_eq!(
            [told(999), told(1_050), told(2_900), told(12_900)].map(|text| text.replace('\u{a0}', " ")),
            ["à moins de 1 km", "à 1 km", "à 2,9 km", "à 12 km"]
        );
    }
}
