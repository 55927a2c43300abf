//! The commands of the guides, as somebody would type them: each goes to a route that is there, by its method, and what it sends
//! is understood. What never lives here: whether the register has what they name.

use std::collections::BTreeMap;
use std::path::Path;

use actix_web::http::Method;
use recepisse::auth::Action;
use recepisse::domain::text::IdempotencyKey;
use recepisse::http::{ROUTES, RouteRow};
use serde_json::Value;

use super::bad_input::somebody;
use super::requests::stage;
use crate::harness::{over_every_engine, printed_code};

/// What stands for whatever an earlier command has answered.
const SOMETHING: &str = "019acd0f-1f2e-7a10-8c4d-2f6b1f0e9a80";

/// A request that a guide tells people to make.
#[derive(Debug)]
struct Typed {
    /// Guide and command, for whoever has to mend it.
    place: String,
    method: Method,
    /// From `/api/v1` on, without the query.
    path: String,
    body: Option<String>,
}

/// The blocks of commands of a page.
fn blocks(page: &str) -> impl Iterator<Item = &str> {
    page.split("\n```sh\n").skip(1).filter_map(|rest| rest.split("\n```").next())
}

/// The words of each command, quotes taken away and lines that go on joined; and the files that it is told to write.
fn commands(block: &str) -> (Vec<Vec<String>>, BTreeMap<String, String>) {
    let (mut files, mut rest) = (BTreeMap::new(), block.to_owned());
    while let Some(start) = rest.find("cat > ") {
        let Some((head, after)) = rest[start..].split_once('\n') else { break };
        let name = head["cat > ".len()..].split_once(" <<").map(|(name, _)| name.to_owned());
        let Some((name, (text, _))) = name.zip(after.split_once("\nFIN")) else { break };
        let whole = format!("{head}\n{text}\nFIN");
        files.insert(name, text.to_owned());
        rest = rest.replacen(&whole, "", 1);
    }
    let (mut all, mut words, mut word, mut quote) = (Vec::new(), Vec::new(), None::<String>, None);
    let mut letters = rest.chars().chain(['\n']).peekable();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            (letter, Some(open)) if letter == open => quote = None,
            ('\\', None | Some('"')) => {
                let next = letters.next().unwrap();
                if next != '\n' {
                    word.get_or_insert_default().push(next);
                }
            }
            ('\'' | '"', None) => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (' ' | '\n', None) => {
                words.extend(word.take());
                if letter == '\n' {
                    all.push(std::mem::take(&mut words));
                }
            }
            (letter, _) => word.get_or_insert_default().push(letter),
        }
    }
    (all, files)
}

/// The address of a word, if it is one of the API: `$p/orders` of a programme, `$api/venues` of all.
fn address(word: &str) -> Option<String> {
    let programme = ["$p/", "$q/"].iter().find_map(|start| word.strip_prefix(start));
    let path = programme.map(|rest| format!("/api/v1/programmes/HDF21/{rest}"));
    let path = path.or_else(|| Some(format!("/api/v1/{}", word.strip_prefix("$api/")?)))?;
    Some(path.split('?').next().unwrap().to_owned())
}

fn typed(guide: &str, words: &[String], files: &BTreeMap<String, String>) -> Option<Typed> {
    let command = words.first().filter(|first| ["acte", "envoyer", "lire"].contains(&first.as_str()))?;
    let path = words.iter().find_map(|word| address(word))?;
    let after = |name: &str| words.iter().position(|word| word == name).and_then(|place| words.get(place + 1));
    let sent = after("-d").or_else(|| after("--data-binary"));
    let method = after("-X").map(|method| Method::from_bytes(method.as_bytes()).unwrap());
    let method = method.unwrap_or(if sent.is_some() { Method::POST } else { Method::GET });
    let body = after("-d").map(|body| match body.strip_prefix('@') {
        Some(file) => files.get(file).cloned().unwrap_or_default(),
        None => body.clone(),
    });
    let body = body.filter(|body| !body.is_empty());
    Some(Typed { place: format!("{guide}: {command} {path} {body:?}"), method, path, body })
}

/// Every guide, by name.
fn pages() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guides");
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let read = |entry: std::fs::DirEntry| {
        (entry.file_name().into_string().unwrap(), std::fs::read_to_string(entry.path()).unwrap())
    };
    entries.map(read).collect()
}

/// Every request of every guide.
fn all() -> Vec<Typed> {
    let mut all = Vec::new();
    for (guide, text) in &pages() {
        let mut files = BTreeMap::new();
        for block in blocks(text) {
            let (commands, written) = commands(block);
            files.extend(written);
            all.extend(commands.iter().filter_map(|words| typed(guide, words, &files)));
        }
    }
    all
}

/// The route of an address.
fn route(typed: &Typed) -> Option<&'static RouteRow> {
    let fits = |template: &str| {
        let (one, other): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), typed.path.split('/').collect());
        let part = |(template, part): (&&str, &&str)| match (template.split_once('{'), template.split_once('}')) {
            (Some((start, _)), Some((_, end))) => part.starts_with(start) && part.ends_with(end),
            _ => template == part,
        };
        one.len() == other.len() && one.iter().zip(&other).all(part)
    };
    let method = typed.method.as_str().to_lowercase();
    // A template without a name in it is nearer than one with.
    ROUTES.iter().filter(|row| row.method == method && fits(row.path)).min_by_key(|row| row.path.matches('{').count())
}

/// What an earlier command has answered stands in the place of `$name` and of `$(command)`.
fn filled_in(body: &str) -> Option<Value> {
    let mut filled = String::new();
    let mut letters = body.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '$' {
            filled.push(letter);
            continue;
        }
        let (mut name, mut command) = (String::new(), String::new());
        if letters.next_if_eq(&'(').is_some() {
            command.extend(letters.by_ref().take_while(|letter| *letter != ')'));
        }
        name.extend(std::iter::from_fn(|| letters.next_if(|letter| letter.is_alphanumeric() || *letter == '_')));
        filled.push_str(&match (name.starts_with("code"), command.contains("date")) {
            (true, _) => printed_code(1, 1).grouped(),
            (_, true) => "2021-10-04".to_owned(),
            _ => SOMETHING.to_owned(),
        });
    }
    // A sheet, a whole answer, or what the guide leaves out.
    if filled.contains('…') { None } else { serde_json::from_str(&filled).ok() }
}

#[test]
fn every_command_of_the_guides_goes_to_a_route_and_what_it_sends_is_understood() {
    over_every_engine(stage, async |http| {
        let (mut sent, mut wrong) = (0, Vec::new());
        for typed in all() {
            let Some(row) = route(&typed) else {
                wrong.push(format!("{}: no such route", typed.place));
                continue;
            };
            let Some(body) = typed.body.as_deref().and_then(filled_in) else { continue };
            let Some((code, role)) = somebody(row) else { continue };
            let dry = if matches!(row.action, Some(Action::Record(_))) { "?dry_run=true" } else { "" };
            let path = format!("{}{dry}", typed.path.replace('$', "x"));
            let (client, path) = (http.who(code, role), path.trim_start_matches("/api/v1").to_owned());
            let answer = match typed.method {
                Method::PATCH => client.patch(&path, 1, body).await,
                _ => client.post(&path, body).await,
            };
            if [400, 403, 405, 415].contains(&answer.status) || answer.status >= 500 {
                wrong.push(format!("{}: {answer:?}", typed.place));
            }
            sent += 1;
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(sent > 40, "{sent}");
    });
}

/// Also those of commands that stand within a sentence, or whose body is left out.
#[test]
fn every_key_of_the_guides_is_one() {
    let is_key = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let mut keys = 0;
    for (guide, text) in pages() {
        for rest in text.split("acte ").skip(1) {
            let Some((key, address)) = rest.split_once(' ') else { continue };
            if is_key(key) && (address.starts_with('$') || address.starts_with("\"$") || address.starts_with('-')) {
                assert!(IdempotencyKey::parse(key).is_ok(), "{guide}: {key}");
                keys += 1;
            }
        }
    }
    assert!(keys > 60, "{keys}");
}

/// Else the commands would prove nothing.
#[test]
fn a_command_that_nobody_could_type_is_found() {
    let words = |line: &str| commands(line).0.remove(0);
    let typed = |line: &str| typed("guide", &words(line), &BTreeMap::new()).unwrap();
    let good = typed("acte une-cle-0001 \"$p/losses?dry_run=true\" -d '{\"venue\": \"'$lieu'\"}'");
    assert_eq!((good.method.as_str(), good.path.as_str()), ("POST", "/api/v1/programmes/HDF21/losses"));
    assert_eq!(filled_in(good.body.as_deref().unwrap()).unwrap()["venue"], SOMETHING);
    assert_eq!(route(&good).unwrap().path, "/api/v1/programmes/{programme}/losses");
    assert!(route(&typed("lire $p/losses")).is_none(), "read, where one may only write");
    assert!(route(&typed("acte une-cle-0001 $p/lost -d '{}'")).is_none());
}
