//! The texts of an archive, in French: what it is and how it is checked without us, and every column of every file. What
//! never lives here: the files themselves.

use super::Manifest;
use super::contents::{BY_HOLDER, REPORTS};
use super::make::entry;
use crate::reports::ColumnKind;
use crate::store::{CarriedKind, TABLES};

const NOTICE: &str = include_str!("notice.md");
const RECEIPT_FORMAT: &str = include_str!("../../docs/RECEIPT-FORMAT.md");
const VERIFY_ARCHIVE: &str = include_str!("../../docs/verify_archive.py");
const VERIFY_JOURNAL: &str = include_str!("../../docs/verify_journal.py");
const VERIFY_ACCOUNT: &str = include_str!("../../docs/verify_account.py");
const VERIFY_ENDS: &str = include_str!("../../docs/verify_ends.py");
const VERIFY_PEOPLE: &str = include_str!("../../docs/verify_people.py");
const VERIFY_STATEMENTS: &str = include_str!("../../docs/verify_statements.py");
const VERIFY_RECEIPT: &str = include_str!("../../docs/verify_receipt.py");

const REBUILD: &str = "`recepisse import-archive --archive CE_DOSSIER --public-key CLÉ --database BASE_VIDE` remonte le registre dans une base vide, en \
retrouve la même dernière empreinte, et vérifie que chaque solde est celui que disent les récépissés. Il se lit et se vérifie aussitôt ; si les clés du registre \
d'origine sont remises en place, les récépissés suivants prolongent le même journal.";
const NO_REBUILD: &str = "Cette archive s'arrête à un jour passé : elle se lit et se vérifie, mais un registre ne se remonte que d'une archive entière (faite sans \
`--year` ni `--until`).";

/// The texts by their file names.
pub(super) fn files(manifest: &Manifest) -> [(&'static str, String); 10] {
    [
        ("NOTICE.md", notice(manifest)),
        ("FORMAT.md", format(manifest)),
        ("RECEIPT-FORMAT.md", RECEIPT_FORMAT.to_owned()),
        ("verify_archive.py", VERIFY_ARCHIVE.to_owned()),
        ("verify_journal.py", VERIFY_JOURNAL.to_owned()),
        ("verify_account.py", VERIFY_ACCOUNT.to_owned()),
        ("verify_ends.py", VERIFY_ENDS.to_owned()),
        ("verify_people.py", VERIFY_PEOPLE.to_owned()),
        ("verify_statements.py", VERIFY_STATEMENTS.to_owned()),
        ("verify_receipt.py", VERIFY_RECEIPT.to_owned()),
    ]
}

fn notice(manifest: &Manifest) -> String {
    let period = match &manifest.from {
        Some(from) => {
            format!("le journal jusqu'au {} ; ses comptes sont ceux de la période du {from} à ce jour", manifest.until)
        }
        None => format!("le journal de son origine au {}", manifest.until),
    };
    let parts = [
        ("{programme}", manifest.programme.clone()),
        ("{label}", manifest.label.clone()),
        ("{periode}", period),
        ("{recepisses}", manifest.receipts.to_string()),
        ("{tete}", manifest.head.clone()),
        ("{remonter}", if manifest.whole { REBUILD } else { NO_REBUILD }.to_owned()),
    ];
    parts.iter().fold(NOTICE.to_owned(), |text, (name, value)| text.replace(name, value))
}

/// Every column of every file.
fn format(manifest: &Manifest) -> String {
    let mut text = String::from(
        "# Colonnes des fichiers\n\nUn montant est en centimes entiers, une date s'écrit AAAA-MM-JJ, un instant en temps universel.\n",
    );
    let mut line = |added: String| {
        text.push_str(&added);
        text.push('\n');
    };
    for table in TABLES.iter().filter(|table| manifest.whole || !table.derived) {
        line(format!("\n## registre/{}.csv : {}\n\n| Colonne | Forme |\n|---|---|", table.name, table.title));
        for column in table.carried() {
            let kind = match column.kind {
                CarriedKind::Number => "entier",
                CarriedKind::Text => "texte",
                CarriedKind::Flag => "`true` ou `false`",
                CarriedKind::Bytes => "octets, en hexadécimal",
            };
            line(format!("| `{}` | {kind} |", column.name));
        }
    }
    for name in REPORTS.iter().chain(BY_HOLDER) {
        let Some(entry) = entry(name) else { continue };
        let place = if BY_HOLDER.contains(name) { format!("{name}/DÉTENTEUR.csv") } else { format!("{name}.csv") };
        line(format!("\n## etats/{place} : {}\n\n| Colonne | Intitulé | Forme |\n|---|---|---|", entry.title));
        for column in entry.columns {
            let kind = match column.kind {
                ColumnKind::Text => "texte",
                ColumnKind::Integer => "entier",
                ColumnKind::Cents => "centimes",
                ColumnKind::Date => "date",
                ColumnKind::Instant => "instant",
            };
            line(format!("| `{}` | {} | {kind} |", column.name, column.label));
        }
    }
    line("\nLa dernière ligne d'un état (`#total`) donne le nombre de lignes, la position et l'empreinte du journal, et les sommes.".to_owned());
    text
}
