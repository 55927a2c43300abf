//! Passwords that come to everybody's mind. Instead of a list of whole passwords: obvious words, runs of the keyboard
//! and repetitions are taken out, and enough must be left. So `passnumerique-2026` is refused without being listed.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Characters that must be left. Below that, what was added to the obvious words is a year, a department or a sign.
const FEWEST_LEFT: usize = 8;

/// Signs that people put between or after words: they count for nothing.
const SEPARATORS: [char; 9] = [' ', '-', '_', '.', ',', '\'', '!', '?', '*'];

/// A run is at least this long: shorter ones occur in honest words (`def` in `défi`).
const SHORTEST_RUN: usize = 4;

/// A shorter part of an e-mail address is not looked for: it would occur by chance.
const SHORTEST_EMAIL_PART: usize = 4;

/// Longer words first, because a shorter one may be a part of them. Written as [`fold`] leaves them.
const WORDS: [&str; 62] = [
    "mediationnumerique",
    "conseillernumerique",
    "inclusionnumerique",
    "passnumerique",
    "hautsdefrance",
    "francetravail",
    "centresocial",
    "administrateur",
    "administrator",
    "missionlocale",
    "beneficiaire",
    "prescripteur",
    "mediatheque",
    "bibliotheque",
    "anniversaire",
    "toulemonde",
    "motdepasse",
    "poleemploi",
    "changeme",
    "recepisse",
    "numerique",
    "mediateur",
    "mediation",
    "thierache",
    "avesnois",
    "doudoune",
    "chouchou",
    "football",
    "password",
    "passw0rd",
    "princess",
    "superman",
    "sunshine",
    "maubeuge",
    "picardie",
    "bienvenue",
    "vacances",
    "internet",
    "iloveyou",
    "chocolat",
    "connexion",
    "bonjour",
    "welcome",
    "letmein",
    "jetaime",
    "secret",
    "soleil",
    "azerty",
    "qwerty",
    "region",
    "carnet",
    "france",
    "sambre",
    "dragon",
    "monkey",
    "master",
    "doudou",
    "admin",
    "lille",
    "login",
    "passe",
    "pass",
];

/// What fingers follow: keyboards row by row (French, English), the alphabet, the digits.
const RUNS: [&str; 9] = [
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "aqwzsxedcrfvtgbyhnujikolpm",
];

/// Whether too little of `password` is left once its obvious parts are taken out. `email`: that of its owner, whose
/// parts are obvious too.
pub(super) fn comes_to_mind(password: &str, email: &str) -> bool {
    let folded = fold(password);
    // A text of separators alone is folded to nothing; it is judged as it is.
    let told = if folded.is_empty() { password.chars().collect() } else { folded };
    let mut left = once(&told).iter().collect::<String>();
    for word in email.split(['@', '.', '-', '_', '+']).chain([email.split('@').next().unwrap_or_default()]) {
        let word: String = fold(word).into_iter().collect();
        if word.chars().count() >= SHORTEST_EMAIL_PART {
            left = left.replace(&word, " ");
        }
    }
    for word in WORDS {
        left = left.replace(word, " ");
    }
    left_of_runs(&left) < FEWEST_LEFT
}

/// Lowercase, without accents and separators.
fn fold(text: &str) -> Vec<char> {
    text.nfd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .filter(|c| !SEPARATORS.contains(c))
        .collect()
}

/// The part that is repeated, or all of `text` when nothing is: `chat` for `chatchatchat` and for `chatchatch`.
fn once(text: &[char]) -> &[char] {
    let repeats = |length: &usize| text.iter().zip(text.iter().skip(*length)).all(|(one, next)| one == next);
    (1..=text.len() / 2).find(repeats).and_then(|length| text.get(..length)).unwrap_or(text)
}

/// How many characters are left once runs are taken out; a blank separates what was not side by side.
fn left_of_runs(text: &str) -> usize {
    let characters: Vec<char> = text.chars().collect();
    let mut rest = characters.as_slice();
    let mut left = 0;
    while let Some((first, after)) = rest.split_first() {
        let run = run_length(rest);
        if run >= SHORTEST_RUN {
            rest = rest.get(run..).unwrap_or_default();
        } else {
            left += usize::from(*first != ' ');
            rest = after;
        }
    }
    left
}

/// How many of the first characters of `text` follow each other in a run, forwards, backwards or on the spot.
fn run_length(text: &[char]) -> usize {
    let along = |run: &mut dyn Iterator<Item = char>| -> usize {
        let run: Vec<char> = run.collect();
        let starts = (0..run.len()).filter_map(|start| run.get(start..));
        starts.map(|run| run.iter().zip(text).take_while(|(one, other)| one == other).count()).max().unwrap_or(0)
    };
    let same = text.iter().take_while(|c| Some(*c) == text.first()).count();
    RUNS.iter().map(|run| along(&mut run.chars()).max(along(&mut run.chars().rev()))).max().unwrap_or(0).max(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMAIL: &str = "jeanne.delattre@ville-maubeuge.example";

    #[test]
    fn what_comes_to_everybodys_mind_is_refused() {
        for password in [
            "aaaaaaaaaaaaaaa",
            "abababababababab",
            "chatchatchatchat",
            "!!!!!!!!!!!!!!!!",
            "123456789012345",
            "987654321098765",
            "azertyuiopqsdfgh",
            "qwertyuiopasdfgh",
            "poiuytrezamlkjhg",
            "abcdefghijklmnop",
            "azerty123456789!",
            "motdepasse123456",
            "MotDePasse-2026!",
            "Mot de passe 2026",
            "passwordpassword",
            "passnumerique2026",
            "Pass Numérique 59",
            "RécépisséRécépissé",
            "recepisse-admin-1",
            "Hauts-de-France62",
            "Bienvenue2026!!!!",
            "France Travail 59",
            "jeanne.delattre59",
            "DelattreJeanne2026",
            "delattre-maubeuge",
            "villemaubeuge1234",
            "soleilsoleil12345",
            "Admin@Region#2026",
        ] {
            assert!(comes_to_mind(password, EMAIL), "{password}");
        }
    }

    #[test]
    fn a_phrase_of_ones_own_is_accepted() {
        for password in [
            "tramway citron belote",
            "passnumerique jaune vélo",
            "le petit chien de Lucienne",
            "7K3M-Q9TX-2WHB-5CTW",
            "xkr0vqpl83nwtzaf",
            "¿Dónde está mi paraguas?",
            "мой зонтик пропал",
            "definir rstuvage 4567",
            "&é\"(§è!çà)-$ùµ=:;",
        ] {
            assert!(!comes_to_mind(password, EMAIL), "{password}");
        }
    }

    #[test]
    fn short_parts_of_an_address_are_not_held_against_a_password() {
        assert!(!comes_to_mind("locomotive ardente", "lo@ar.example"));
        assert!(!comes_to_mind("locomotive ardente", ""));
    }

    #[test]
    fn words_and_runs_are_written_folded() {
        for word in WORDS.iter().chain(&RUNS) {
            assert_eq!(fold(word).into_iter().collect::<String>(), **word);
        }
    }

    #[test]
    fn no_word_hides_a_longer_one_that_comes_after_it() {
        for (place, word) in WORDS.iter().enumerate() {
            for later in &WORDS[place + 1..] {
                assert!(!later.contains(word), "{word} before {later}");
            }
        }
    }

    #[test]
    fn a_repetition_is_reduced_to_what_is_repeated() {
        let reduced = |text: &str| once(&text.chars().collect::<Vec<_>>()).iter().collect::<String>();
        assert_eq!(reduced("chatchatch"), "chat");
        assert_eq!(reduced("aaaa"), "a");
        assert_eq!(reduced("chatchien"), "chatchien");
        assert_eq!(reduced(""), "");
    }
}
