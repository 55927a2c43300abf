//! What the command line says of itself and of what went wrong, in French. The argument reader speaks English only:
//! its set phrases are put into French here, and what it repeats from the arguments stays as it was typed. What never
//! lives here: the decision that something is wrong.

use crate::catalogue;
use crate::reports::ReportError;
use crate::store::StoreError;

/// The argument reader's phrases, longer ones before those that they contain.
const PHRASES: &[(&str, &str)] = &[
    ("error: ", "recepisse : "),
    ("Usage:", "Usage :"),
    ("Commands:", "Commandes :"),
    ("Arguments:", "Arguments :"),
    ("Options:", "Options :"),
    ("Possible values:", "Valeurs possibles :"),
    ("[possible values: ", "[valeurs possibles : "),
    ("[default: ", "[défaut : "),
    ("[env: ", "[variable : "),
    ("<COMMAND>", "<COMMANDE>"),
    ("Print help (see a summary with '-h')", "Affiche cette aide (en résumé avec -h)"),
    ("Print help (see more with '--help')", "Affiche cette aide (en détail avec --help)"),
    ("Print help", "Affiche cette aide"),
    ("Print version", "Affiche la version"),
    ("unexpected argument ", "argument inattendu : "),
    ("' found\n", "'\n"),
    ("unrecognized subcommand ", "commande inconnue : "),
    ("the following required arguments were not provided:", "il manque :"),
    ("a value is required for ", "il manque une valeur à "),
    (" but none was supplied", ""),
    ("invalid value ", "valeur refusée : "),
    ("' for '", "' pour '"),
    (">': ", ">' : "),
    ("the argument ", "l'option "),
    (" cannot be used multiple times", " ne se donne qu'une fois"),
    (" cannot be used with ", " ne va pas avec "),
    ("too many characters in string", "un seul caractère est attendu"),
    ("cannot parse char from empty string", "un caractère est attendu"),
    ("tip: a similar argument exists: ", "voulez-vous dire : "),
    ("tip: some similar arguments exist: ", "voulez-vous dire : "),
    ("tip: a similar subcommand exists: ", "voulez-vous dire : "),
    ("tip: some similar subcommands exist: ", "voulez-vous dire : "),
    ("tip: a similar value exists: ", "voulez-vous dire : "),
    ("tip: to pass ", "conseil : pour donner "),
    (" as a value, use ", " comme valeur, écrivez "),
    ("For more information, try '--help'.", "Pour en savoir plus : --help."),
];

/// A help text, or what the reader of arguments objects to.
pub(super) fn of_arguments(error: &clap::Error) -> String {
    let english = error.render().to_string();
    let french = PHRASES.iter().fold(english, |text, (phrase, french)| text.replace(phrase, french));
    french.split_inclusive('\n').map(heading).collect()
}

/// A heading with the space that French puts before its colon.
fn heading(line: &str) -> String {
    match line.strip_suffix(":\n") {
        Some(words) if words.starts_with(char::is_uppercase) && !words.ends_with(' ') => format!("{words} :\n"),
        _ => line.to_owned(),
    }
}

/// Why a command could not be carried out: every cause, the nearest first.
pub(super) fn of_failure(error: &anyhow::Error) -> String {
    let causes: Vec<String> = error.chain().map(cause).collect();
    causes.join(" : ")
}

fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    if let Some(error) = error.downcast_ref::<StoreError>() {
        return of_store(error);
    }
    match error.downcast_ref::<ReportError>() {
        Some(ReportError::Store(error)) => of_store(error),
        Some(error) => {
            let fact = |name: &str| if name == "parameter" { error.field() } else { None };
            catalogue::fill(catalogue::find(error.code()).french, fact)
        }
        None => error.to_string(),
    }
}

/// The database's own words stay in its language: an operator searches for them as they are.
fn of_store(error: &StoreError) -> String {
    match error {
        StoreError::Conflict(said) => format!("la base s'y oppose ({})", said.trim()),
        StoreError::Busy(said) => format!("la base est tenue par un autre ({})", said.trim()),
        StoreError::Unreachable(said) => format!("la base ne répond pas ({})", said.trim()),
        StoreError::Full => "il reste moins de 64 Mio sur le volume de la base : rien n'a été écrit".to_owned(),
        StoreError::Corrupt(said) => format!("la base contient une valeur illisible ({})", said.trim()),
        StoreError::Failed(said) => format!("la base a échoué ({})", said.trim()),
        StoreError::Schema(said) | StoreError::InUse(said) => said.clone(),
    }
}

/// Whether the reader of our output went away, as `head` does: that is no failure of ours.
pub(super) fn reader_is_gone(error: &anyhow::Error) -> bool {
    let gone = |error: &std::io::Error| error.kind() == std::io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| cause.downcast_ref::<std::io::Error>().is_some_and(gone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_in_french_with_the_databases_own_words() {
        let error = anyhow::Error::from(StoreError::Unreachable("refused\n".to_owned())).context("impossible d'ouvrir");
        assert_eq!(of_failure(&error), "impossible d'ouvrir : la base ne répond pas (refused)");
        let error = anyhow::Error::from(ReportError::ParameterMissing("holder"));
        assert_eq!(of_failure(&error), "Il faut préciser le paramètre « holder ».");
        let error = anyhow::Error::from(ReportError::Store(StoreError::Schema("schéma".to_owned())));
        assert_eq!(of_failure(&error), "schéma");
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        let gone = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        assert!(reader_is_gone(&anyhow::Error::from(gone).context("écriture")));
        assert!(!reader_is_gone(&anyhow::Error::from(std::io::Error::from(std::io::ErrorKind::NotFound))));
    }
}
