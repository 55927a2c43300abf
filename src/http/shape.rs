//! What is wrong with the shape of a body, a query or an address, in the caller's language and without the value:
//! what somebody typed into the wrong field may be a password or a code. What never lives here: a status.

use super::problem::english;

/// Characters of a name that are repeated at most.
const LONGEST_NAME: usize = 40;

/// The reader's complaint, for people.
pub(super) fn in_words(complaint: &str) -> String {
    let (french, english_words) = words(complaint);
    if english() { english_words } else { french }
}

/// The values of a list, where a complaint names them between backticks; nothing where it names none.
pub(super) fn accepted(complaint: &str) -> String {
    let values = complaint.split('`').skip(1).step_by(2).collect::<Vec<_>>().join(", ");
    match (values.is_empty(), english()) {
        (true, _) => String::new(),
        (false, true) => format!("Accepted values: {values}."),
        (false, false) => format!("Valeurs admises : {values}."),
    }
}

/// The field that a complaint says is missing.
pub(super) fn missing_field(complaint: &str) -> Option<&str> {
    complaint.strip_prefix("missing field `")?.split('`').next()
}

/// In French and in English.
fn words(complaint: &str) -> (String, String) {
    let name = complaint.split('`').nth(1).unwrap_or_default().chars().take(LONGEST_NAME).collect::<String>();
    let allowed = || complaint.split('`').skip(3).step_by(2).collect::<Vec<_>>().join(", ");
    let starts = |start: &str| complaint.starts_with(start);
    if starts("missing field") {
        (format!("le champ « {name} » manque"), format!("the field '{name}' is missing"))
    } else if starts("unknown field") {
        let allowed = allowed();
        (
            format!("le champ « {name} » n'existe pas ici (champs admis : {allowed})"),
            format!("there is no field '{name}' here (fields: {allowed})"),
        )
    } else if starts("duplicate field") {
        (format!("le champ « {name} » figure deux fois"), format!("the field '{name}' stands twice"))
    } else if starts("unknown variant") {
        let allowed = allowed();
        (format!("la valeur n'est pas de celles admises ({allowed})"), format!("the value is not one of {allowed}"))
    } else if starts("invalid unicode") {
        ("ce n'est pas du texte en UTF-8".to_owned(), "this is not UTF-8 text".to_owned())
    } else if let Some((_, place)) = complaint.rsplit_once(" at line ").filter(|_| !starts("invalid ")) {
        let (line, column) = place.split_once(" column ").unwrap_or((place, "?"));
        (
            format!("ce n'est pas du JSON valable (ligne {line}, colonne {column})"),
            format!("this is not valid JSON (line {line}, column {column})"),
        )
    } else {
        let wanted = complaint.rsplit_once("expected ").map_or(complaint, |(_, wanted)| wanted);
        let (french, english_words) = kind(wanted);
        (format!("il y faut {french}"), format!("it must be {english_words}"))
    }
}

/// The kind of value that was wanted.
fn kind(wanted: &str) -> (&'static str, &'static str) {
    let wanted = wanted.split(" at line ").next().unwrap_or_default();
    match wanted {
        "a string" | "a borrowed string" | "a character" => ("un texte", "a text"),
        "a boolean" | "provided string was not `true` or `false`" => ("true ou false", "true or false"),
        "u8" | "u16" | "u32" | "u64" => ("un nombre entier positif, pas trop grand", "a whole number, not too large"),
        "i32"
        | "i64"
        | "invalid digit found in string"
        | "number too large to fit in target type"
        | "number too small to fit in target type"
        | "cannot parse integer from empty string" => ("un nombre entier", "a whole number"),
        _ if wanted.starts_with("a sequence") => ("une liste", "a list"),
        _ if wanted.starts_with("a map") || wanted.starts_with("struct ") => ("un objet", "an object"),
        _ => ("une valeur d'une autre forme", "a value of another form"),
    }
}

/// What is said of an address or a query that is no text.
pub(super) fn no_text() -> &'static str {
    if english() {
        "it holds characters that are no text"
    } else {
        "elle contient des caractères qui ne sont pas du texte"
    }
}

/// What is said of a body that is a list.
pub(super) fn no_object() -> &'static str {
    if english() { "it must be an object" } else { "il y faut un objet" }
}

/// What is said of a continuation that no page gave.
pub(super) fn no_continuation() -> &'static str {
    if english() {
        "after: use the value of `next` on the page before"
    } else {
        "after : reprenez la valeur de « next » de la page précédente"
    }
}

/// Whether an address or a query, its escapes undone, is text without control characters: no engine need ever be
/// asked for what cannot be there.
pub(super) fn is_text(escaped: &str) -> bool {
    let mut parts = escaped.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let byte = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let plain = if byte.is_some() { part.get(2..) } else { Some(part) };
        bytes.extend(byte);
        bytes.extend_from_slice(plain.unwrap_or_default().as_bytes());
    }
    String::from_utf8(bytes).is_ok_and(|text| !text.chars().any(char::is_control))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "read only to be refused")]
    struct Asked {
        count: u32,
        codes: Vec<String>,
    }

    fn said(body: &str) -> String {
        words(&serde_json::from_str::<Asked>(body).unwrap_err().to_string()).0
    }

    #[test]
    fn every_complaint_has_french_words_and_no_value() {
        assert_eq!(said("{"), "ce n'est pas du JSON valable (ligne 1, colonne 1)");
        assert_eq!(said(r#"{"count":1}"#), "le champ « codes » manque");
        assert_eq!(said(r#"{"secret":1}"#), "le champ « secret » n'existe pas ici (champs admis : count, codes)");
        assert_eq!(said(r#"{"count":1,"count":1}"#), "le champ « count » figure deux fois");
        assert_eq!(said(r#"{"count":"7K3M-Q9TX"}"#), "il y faut un nombre entier positif, pas trop grand");
        assert_eq!(said(r#"{"count":-1}"#), "il y faut un nombre entier positif, pas trop grand");
        assert_eq!(said(r#"{"count":1,"codes":"7K3M-Q9TX"}"#), "il y faut une liste");
        assert_eq!(said(r#"{"count":1,"codes":[5]}"#), "il y faut un texte");
        assert_eq!(said("5"), "il y faut un objet");
        let latin1 = serde_json::from_slice::<Asked>(b"{\"codes\":[\"\xe9\"]}").unwrap_err().to_string();
        assert_eq!(words(&latin1).0, "ce n'est pas du texte en UTF-8");
        assert_eq!(words("invalid digit found in string").0, "il y faut un nombre entier");
        assert_eq!(words("something new").0, "il y faut une valeur d'une autre forme");
    }

    #[test]
    fn a_long_name_is_cut() {
        assert!(said(&format!("{{\"{}\":1}}", "x".repeat(10_000))).len() < 200);
    }

    #[test]
    fn an_address_is_text_when_its_escapes_are() {
        for text in ["", "/verify/A.b", "%C3%A9t%c3%a9", "100%", "%", "%zz", "a%2Fb"] {
            assert!(is_text(text), "{text}");
        }
        for text in ["%00", "a%0Ab", "%FF", "%C3", "%7f"] {
            assert!(!is_text(text), "{text}");
        }
    }
}
