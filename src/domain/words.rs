//! French number words for amounts, in the traditional spelling that public accounting documents keep: hyphens
//! below one hundred only, `vingt` and `cent` in the plural when multiplied and last, `mille` never. What never
//! lives here: figures, which are [`super::money`]'s.

/// Below twenty.
const UNITS: [&str; 20] = [
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize",
    "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf",
];

/// The tens; seventy and ninety are built upon the ten before them.
const TENS: [&str; 10] =
    ["", "", "vingt", "trente", "quarante", "cinquante", "soixante", "soixante", "quatre-vingt", "quatre-vingt"];

/// The nouns that count in groups of three figures above the thousands. Unlike `mille` they take an `s`, leave
/// `cents` and `quatre-vingts` their plural, and want `d'euros`.
const NOUNS: [(u64, &str); 5] = [
    (1_000_000_000_000_000_000, "trillion"),
    (1_000_000_000_000_000, "billiard"),
    (1_000_000_000_000, "billion"),
    (1_000_000_000, "milliard"),
    (1_000_000, "million"),
];

/// `cents` in words: `mille deux cent un euros et cinquante centimes`. Euros are left out of an amount below one
/// euro, centimes when there are none.
pub(crate) fn euros(cents: i64) -> String {
    let magnitude = cents.unsigned_abs();
    let (euros, rest) = (magnitude / 100, magnitude % 100);
    let sign = if cents < 0 { "moins " } else { "" };
    let amount = match (euros, rest) {
        (euros, 0) => whole_euros(euros),
        (0, rest) => centimes(rest),
        (euros, rest) => format!("{} et {}", whole_euros(euros), centimes(rest)),
    };
    format!("{sign}{amount}")
}

fn whole_euros(count: u64) -> String {
    let noun = match count {
        0 | 1 => "euro",
        // A number that ends on "million" or above is a noun: "un million d'euros".
        count if count.is_multiple_of(1_000_000) => "d'euros",
        _ => "euros",
    };
    format!("{} {noun}", number(count))
}

fn centimes(count: u64) -> String {
    format!("{} centime{}", number(count), plural(count))
}

fn plural(count: u64) -> &'static str {
    if count > 1 { "s" } else { "" }
}

/// A whole number in words: `soixante et un mille`.
pub(crate) fn number(count: u64) -> String {
    if count == 0 {
        return "zéro".to_owned();
    }
    let mut parts = Vec::new();
    let mut rest = count;
    for (size, noun) in NOUNS {
        let groups = rest / size;
        if groups > 0 {
            parts.push(format!("{} {noun}{}", below_thousand(groups, true), plural(groups)));
        }
        rest %= size;
    }
    match rest / 1000 {
        0 => {}
        1 => parts.push("mille".to_owned()),
        // "deux cent mille", "quatre-vingt mille": "mille" is a numeral, so they lose their plural.
        thousands => parts.push(format!("{} mille", below_thousand(thousands, false))),
    }
    if !rest.is_multiple_of(1000) {
        parts.push(below_thousand(rest % 1000, true));
    }
    parts.join(" ")
}

/// 1 to 999. `last`: no numeral follows, so that `cents` and `quatre-vingts` may take their plural.
fn below_thousand(count: u64, last: bool) -> String {
    let (hundreds, rest) = (count / 100, count % 100);
    let plural = if last && rest == 0 { "s" } else { "" };
    match (hundreds, rest) {
        (0, rest) => below_hundred(rest, last),
        (1, 0) => "cent".to_owned(),
        (1, rest) => format!("cent {}", below_hundred(rest, last)),
        (hundreds, 0) => format!("{} cent{plural}", unit(hundreds)),
        (hundreds, rest) => format!("{} cent {}", unit(hundreds), below_hundred(rest, last)),
    }
}

fn below_hundred(count: u64, last: bool) -> String {
    let (ten, ones) = (count / 10, count % 10);
    let name = usize::try_from(ten).ok().and_then(|ten| TENS.get(ten)).copied().unwrap_or_default();
    match (ten, ones) {
        (0 | 1, _) => unit(count).to_owned(),
        (7, 1) => format!("{name} et onze"),
        (7 | 9, ones) => format!("{name}-{}", unit(ones + 10)),
        (8, 0) if last => format!("{name}s"),
        (_, 0) => name.to_owned(),
        (8, ones) => format!("{name}-{}", unit(ones)),
        (_, 1) => format!("{name} et un"),
        (_, ones) => format!("{name}-{}", unit(ones)),
    }
}

/// The word of a number below twenty.
fn unit(count: u64) -> &'static str {
    usize::try_from(count).ok().and_then(|count| UNITS.get(count)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_on_a_cheque() {
        for (cents, words) in [
            (0, "zéro euro"),
            (1, "un centime"),
            (50, "cinquante centimes"),
            (100, "un euro"),
            (101, "un euro et un centime"),
            (8_000, "quatre-vingts euros"),
            (10_000, "cent euros"),
            (10_005, "cent euros et cinq centimes"),
            (20_000, "deux cents euros"),
            (20_100, "deux cent un euros"),
            (28_000, "deux cent quatre-vingts euros"),
            (100_000, "mille euros"),
            (120_150, "mille deux cent un euros et cinquante centimes"),
            (8_000_000, "quatre-vingt mille euros"),
            (20_000_000, "deux cent mille euros"),
            (66_100_000, "six cent soixante et un mille euros"),
            (100_000_000, "un million d'euros"),
            (100_100_000, "un million mille euros"),
            (8_000_000_000, "quatre-vingts millions d'euros"),
            (20_000_000_000, "deux cents millions d'euros"),
            (200_000_000_080, "deux milliards d'euros et quatre-vingts centimes"),
            (-105, "moins un euro et cinq centimes"),
        ] {
            assert_eq!(euros(cents), words);
        }
    }

    #[test]
    fn numbers_below_one_hundred_follow_the_rules_of_et_and_hyphens() {
        for (count, words) in [
            (16, "seize"),
            (17, "dix-sept"),
            (20, "vingt"),
            (21, "vingt et un"),
            (22, "vingt-deux"),
            (61, "soixante et un"),
            (70, "soixante-dix"),
            (71, "soixante et onze"),
            (77, "soixante-dix-sept"),
            (80, "quatre-vingts"),
            (81, "quatre-vingt-un"),
            (90, "quatre-vingt-dix"),
            (91, "quatre-vingt-onze"),
            (99, "quatre-vingt-dix-neuf"),
        ] {
            assert_eq!(number(count), words);
        }
    }

    #[test]
    fn every_number_below_twenty_thousand_has_its_own_words() {
        let mut seen = std::collections::HashSet::new();
        assert!((0..20_000).all(|count| seen.insert(number(count))));
        assert!(!seen.iter().any(|words| words.contains("  ") || words.starts_with(' ') || words.ends_with(' ')));
    }

    #[test]
    fn the_largest_and_the_smallest_amount_have_words() {
        assert!(euros(i64::MIN).starts_with("moins quatre-vingt-douze billiards deux cent trente-trois billions"));
        assert!(euros(i64::MAX).ends_with("et sept centimes"));
    }
}
