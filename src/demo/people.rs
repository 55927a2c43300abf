//! Invented people: frequent names put together by chance. Any likeness to somebody is that chance's.

use std::collections::BTreeSet;

use super::dice::Dice;
use crate::domain::eligibility::{ShownProof, Situation};
use crate::domain::identity::Identity;
use crate::domain::refusal::Malformed;
use crate::domain::sex::Sex;
use crate::domain::territory::CommuneCode;
use crate::domain::time::Day;

const GIVEN_NAMES: [&str; 48] = [
    "Jeanne",
    "Michel",
    "Monique",
    "Bernard",
    "Nicole",
    "Daniel",
    "Chantal",
    "Gérard",
    "Annie",
    "Alain",
    "Françoise",
    "Christian",
    "Sylvie",
    "Philippe",
    "Nathalie",
    "Éric",
    "Sandrine",
    "Laurent",
    "Céline",
    "Frédéric",
    "Aurélie",
    "Ludovic",
    "Émilie",
    "Jérôme",
    "Mélanie",
    "Kévin",
    "Laura",
    "Anthony",
    "Marine",
    "Jordan",
    "Léa",
    "Maxime",
    "Chloé",
    "Théo",
    "Inès",
    "Hugo",
    "Zoé",
    "Mehdi",
    "Fatima",
    "Karim",
    "Nadia",
    "Antonio",
    "Maria",
    "Stéphane",
    "Valérie",
    "Jean-Pierre",
    "Marie-Claude",
    "Anne-Sophie",
];

const FAMILY_NAMES: [&str; 60] = [
    "Lefebvre",
    "Dubois",
    "Leroy",
    "Petit",
    "Moreau",
    "Lambert",
    "Dupont",
    "Legrand",
    "Carpentier",
    "Delattre",
    "Vasseur",
    "Deschamps",
    "Fontaine",
    "Caron",
    "Lemaire",
    "Dumont",
    "Renard",
    "Mercier",
    "Masson",
    "Hubert",
    "Leclercq",
    "Delvaux",
    "Wattiez",
    "Gosset",
    "Lenoir",
    "Baudry",
    "Hennequin",
    "Lecomte",
    "Druart",
    "Bouttefeux",
    "Mailly",
    "Quenneson",
    "Cornu",
    "Flament",
    "Boucher",
    "Collet",
    "Meunier",
    "Brasselet",
    "Thiéry",
    "Hégo",
    "Marchand",
    "Payen",
    "Benali",
    "Haddad",
    "Belkacem",
    "Da Silva",
    "Ferreira",
    "Kowalski",
    "Nowak",
    "Rossi",
    "D'Haene",
    "Van de Velde",
    "Lefèvre-Martin",
    "Debruyne",
    "Cuvelier",
    "Lobry",
    "Manesse",
    "Poulain",
    "Rousseau",
    "Sculfort",
];

/// Why somebody is entitled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ground {
    Senior,
    JobSeeker,
    YoungAdult,
}

impl Ground {
    /// The code of the shipped rules.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Senior => "senior",
            Self::JobSeeker => "job_seeker",
            Self::YoungAdult => "young_adult",
        }
    }

    /// An age in whole years, well within the ground.
    fn age(self, dice: &Dice) -> i32 {
        let (youngest, oldest) = match self {
            Self::Senior => (61, 88),
            Self::JobSeeker => (27, 58),
            Self::YoungAdult => (19, 24),
        };
        i32::try_from(dice.between(youngest, oldest)).unwrap_or(youngest_of(self))
    }
}

const fn youngest_of(ground: Ground) -> i32 {
    match ground {
        Ground::Senior => 61,
        Ground::JobSeeker => 27,
        Ground::YoungAdult => 19,
    }
}

/// Somebody who asks for a booklet.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) identity: Identity,
    pub(super) birth: Day,
    pub(super) commune: CommuneCode,
    pub(super) ground: Ground,
    /// What they say of it, if anything.
    pub(super) sex: Option<Sex>,
}

/// Of ten people five say that they are women and three that they are men; two say nothing.
const fn said(number: usize) -> Option<Sex> {
    match number % 10 {
        0..5 => Some(Sex::Female),
        5..8 => Some(Sex::Male),
        _ => None,
    }
}

impl Person {
    /// Somebody entitled by `ground` who lives in `commune`. `number` keeps two people from being one: it is worked
    /// into the birth date.
    pub(super) fn invent(
        dice: &Dice,
        number: usize,
        ground: Ground,
        commune: CommuneCode,
        today: Day,
    ) -> Result<Self, Malformed> {
        let given = dice.pick(&GIVEN_NAMES).copied().unwrap_or_default();
        let family = FAMILY_NAMES.get(number % FAMILY_NAMES.len()).copied().unwrap_or_default();
        let month = u32::try_from(dice.between(1, 12)).unwrap_or(1);
        let day = u32::try_from(number / FAMILY_NAMES.len() % 28 + 1).unwrap_or(1);
        let birth = Day::new(today.year() - ground.age(dice), month, day)?;
        Ok(Self { identity: Identity::new(family, given, birth)?, birth, commune, ground, sex: said(number) })
    }

    /// What the agent sees on `day`, with proofs as fresh as the rules ask.
    pub(super) fn situation(&self, day: Day) -> Situation {
        let proof = |kind: &str, issued_on: Option<Day>| ShownProof { kind: kind.to_owned(), issued_on };
        let recent = Some(day.minus_months(1));
        let mut proofs = vec![proof("identity_document", None), proof("home_proof", recent)];
        let status = match self.ground {
            Ground::Senior => None,
            Ground::JobSeeker => {
                proofs.push(proof("job_seeker_attestation", recent));
                Some("job_seeker")
            }
            Ground::YoungAdult => {
                proofs.push(proof("mission_locale_attestation", recent));
                Some("insertion_path")
            }
        };
        let statuses: BTreeSet<String> = status.map(str::to_owned).into_iter().collect();
        Situation { birth: self.birth, commune: self.commune, neighbourhood: None, statuses, proofs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::eligibility::hdf_2021;

    #[test]
    fn everybody_invented_is_entitled_by_their_own_ground_and_is_somebody_else() {
        let (dice, today) = (Dice::new(1), Day::parse("2026-11-24").unwrap());
        let maubeuge = CommuneCode::parse("59392").unwrap();
        let mut seen = BTreeSet::new();
        for number in 0..600 {
            let grounds = [Ground::Senior, Ground::JobSeeker, Ground::YoungAdult];
            let person = Person::invent(&dice, number, grounds[number % 3], maubeuge, today).unwrap();
            let verdict = hdf_2021().evaluate(&person.situation(today), None, today).unwrap();
            assert!(verdict.eligible, "{}", verdict.summary);
            assert_eq!(verdict.ground.as_deref(), Some(person.ground.code()));
            assert!(seen.insert(person.identity.fingerprint_text()));
        }
    }
}
