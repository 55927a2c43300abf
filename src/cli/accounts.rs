//! `organisation create` and `user create`: the first Region and the first account, before anybody can sign in. What
//! never lives here: a password on the command line, where other accounts of the machine could read it.

use std::io::{BufRead, Write};
use std::sync::Arc;

use anyhow::{Context, bail};

use super::{Finding, place};
use crate::auth::password::{Hasher, Parameters, Password, PasswordRefusal};
use crate::clock::{Clock, Entropy, SystemClock, SystemEntropy};
use crate::config::Place;
use crate::domain::ids::{OrganisationId, UserId};
use crate::domain::party::{Organisation, OrganisationKind, Registration, Role};
use crate::domain::refusal::Malformed;
use crate::domain::short_code::ShortCode;
use crate::domain::standing::last_day;
use crate::domain::territory;
use crate::domain::text::{Email, Label};
use crate::domain::time::Day;
use crate::store::{Access, StoreError, User, WriteError};

/// Symbols of a generated password: Crockford's alphabet, in which no letter can be read as another.
const SYMBOLS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

#[derive(Debug, clap::Subcommand)]
pub(super) enum OrganisationCommand {
    #[command(about = "Crée un organisme")]
    Create(NewOrganisation),
}

#[derive(Debug, clap::Args)]
pub(super) struct NewOrganisation {
    #[command(flatten)]
    place: Place,
    #[arg(
        long,
        value_name = "CODE",
        help = "Code court, dans les numéros de récépissé : 2 à 10 capitales ou chiffres"
    )]
    code: String,
    #[arg(
        long = "kind",
        value_name = "QUALITÉ",
        required = true,
        value_delimiter = ',',
        help = "region, prescriber, provider, issuer, auditor, platform ; plusieurs séparés par des virgules"
    )]
    kinds: Vec<String>,
    #[arg(long, value_name = "NOM", help = "Dénomination")]
    name: String,
    #[arg(long, alias = "registration", value_name = "NUMÉRO", help = "SIRET, ou numéro RNA d'une association")]
    siret: String,
    #[arg(long, value_name = "INSEE", help = "Code Insee de la commune du siège")]
    commune: String,
    #[arg(long, value_name = "TEXTE", help = "Adresse")]
    address: Option<String>,
    #[arg(long, value_name = "ADRESSE", help = "Adresse électronique")]
    email: Option<String>,
    #[arg(long, value_name = "NUMÉRO", help = "Téléphone")]
    phone: Option<String>,
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum UserCommand {
    #[command(about = "Crée un compte et affiche son mot de passe, une seule fois")]
    Create(NewUser),
}

#[derive(Debug, clap::Args)]
pub(super) struct NewUser {
    #[command(flatten)]
    place: Place,
    #[arg(long, value_name = "ADRESSE", help = "Adresse électronique, qui sert d'identifiant")]
    email: String,
    #[arg(long, value_name = "NOM", help = "Nom affiché")]
    name: String,
    #[arg(long, value_name = "CODE", help = "Code de l'organisme")]
    organisation: String,
    #[arg(
        long,
        value_name = "RÔLE",
        help = "region_admin, region_finance, accountant, prescriber_agent, venue_agent, auditor, platform"
    )]
    role: String,
    #[arg(long, help = "Lire le mot de passe sur l'entrée standard au lieu d'en produire un")]
    password_stdin: bool,
    #[arg(
        long,
        value_name = "JOUR",
        help = "Dernier jour d'usage du compte, comme 2027-02-24 ; sans lui, 90 jours pour un auditeur, pas de terme pour les autres"
    )]
    valid_until: Option<String>,
}

/// Reads one argument by its parser.
fn read<T>(argument: &str, text: &str, parse: impl Fn(&str) -> Result<T, Malformed>) -> anyhow::Result<T> {
    parse(text).map_err(|error| anyhow::anyhow!("--{argument} : « {text} » n'est pas une valeur possible ({error})"))
}

pub(super) fn organisation(command: OrganisationCommand, out: &mut dyn Write) -> anyhow::Result<Finding> {
    let OrganisationCommand::Create(asked) = command;
    let optional = |argument, text: &Option<String>| match text {
        Some(text) => read(argument, text, Label::parse).map(Some),
        None => Ok(None),
    };
    let commune = territory::resolve(&asked.commune).map_err(|unknown| anyhow::anyhow!("--commune : {unknown}"))?;
    let kinds = asked.kinds.iter().map(|kind| read("kind", kind.trim(), OrganisationKind::parse));
    let organisation = Organisation {
        id: OrganisationId::new(SystemEntropy.uuid(SystemClock.now())),
        code: read("code", &asked.code, ShortCode::parse)?,
        kinds: kinds.collect::<Result<_, _>>()?,
        name: read("name", &asked.name, Label::parse)?,
        registration: read("siret", &asked.siret, Registration::parse)?,
        commune: commune.code,
        address: optional("address", &asked.address)?,
        email: asked.email.as_ref().map(|text| read("email", text, Email::parse)).transpose()?,
        phone: optional("phone", &asked.phone)?,
        active: true,
        version: 1,
    };
    let store = place::create(&asked.place)?;
    store.write(|tx| tx.insert_organisation(&organisation)).map_err(|error| {
        taken(error, &format!("un organisme porte déjà le code {} ou ce numéro", organisation.code))
    })?;
    writeln!(out, "Organisme {} créé : {} ({}).", organisation.code, organisation.name, commune.name)?;
    Ok(Finding::Well)
}

/// A name or number that somebody has already is the usual conflict; anything else is told as it is.
fn taken(error: WriteError<StoreError>, sentence: &str) -> anyhow::Error {
    match error {
        WriteError::Undone(error) if error.is_conflict() => anyhow::anyhow!("{sentence}"),
        WriteError::Undone(error) => error.into(),
        WriteError::Unknown(error) => anyhow::Error::from(error).context("on ne sait pas si l'écriture a eu lieu"),
    }
}

pub(super) fn user(command: UserCommand, out: &mut dyn Write) -> anyhow::Result<Finding> {
    let UserCommand::Create(asked) = command;
    let email = read("email", &asked.email, Email::parse)?;
    let role = read("role", &asked.role, Role::parse)?;
    let code = read("organisation", &asked.organisation, ShortCode::parse)?;
    let display_name = read("name", &asked.name, Label::parse)?;
    let asked_until = asked.valid_until.as_ref().map(|text| read("valid-until", text, Day::parse)).transpose()?;
    let store = place::existing(&asked.place, Access::Write)?;
    let found: Result<_, StoreError> = store.read(|tx| tx.organisation_by_code(&code));
    let organisation = found?.with_context(|| format!("aucun organisme ne porte le code {code}"))?;
    if !organisation.kinds.contains(&role.kind()) {
        bail!("le rôle {role} demande un organisme de type {}, ce que {code} n'est pas", role.kind());
    }
    let keys = place::keys(&asked.place, &store)?;
    let (password, generated) = if asked.password_stdin {
        (chosen_password(&mut std::io::stdin().lock(), &email)?, None)
    } else {
        let text = strong_password(&SystemEntropy);
        (Password::tried(&text)?, Some(text))
    };
    let hasher = Hasher::new(Arc::clone(&keys), Parameters::default())?;
    let user = User {
        id: UserId::new(SystemEntropy.uuid(SystemClock.now())),
        password_hash: hasher.hash(&password, &SystemEntropy)?,
        email,
        display_name,
        organisation: organisation.id,
        role,
        active: true,
        failures: 0,
        last_failure: None,
        version: 1,
        valid_until: last_day(role, asked_until, SystemClock.now().day()),
    };
    let sentence = format!("un compte existe déjà pour {}", user.email);
    store.write(|tx| tx.insert_user(&user)).map_err(|error| taken(error, &sentence))?;
    writeln!(out, "Compte créé : {} ({}, {}).", user.email, user.role, organisation.name)?;
    if let Some(last) = user.valid_until {
        writeln!(out, "Valable jusqu'au {} inclus.", last.french())?;
    }
    if let Some(generated) = generated {
        writeln!(out, "Mot de passe, affiché une seule fois : {generated}")?;
    }
    Ok(Finding::Well)
}

fn chosen_password(input: &mut dyn BufRead, email: &Email) -> anyhow::Result<Password> {
    let mut line = String::new();
    input.read_line(&mut line).context("le mot de passe ne peut pas être lu")?;
    let text = line.trim_end_matches(['\n', '\r']);
    Password::chosen(text, email.as_str()).map_err(|refusal| {
        anyhow::anyhow!(match refusal {
            PasswordRefusal::TooShort => "le mot de passe doit avoir au moins 15 caractères",
            PasswordRefusal::TooLong => "le mot de passe doit avoir au plus 128 caractères",
            PasswordRefusal::TooCommon => "ce mot de passe est trop facile à deviner",
        })
    })
}

/// Twenty symbols of five bits in four groups: 100 bits that nobody can guess and that can be typed.
pub(super) fn strong_password(entropy: &dyn Entropy) -> String {
    let mut random = [0; 20];
    entropy.fill(&mut random);
    let mut password = String::with_capacity(23);
    for (place, byte) in random.iter().enumerate() {
        if place > 0 && place.is_multiple_of(5) {
            password.push('.');
        }
        password.push(SYMBOLS.get(usize::from(byte & 31)).copied().map_or('x', char::from));
    }
    password
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededEntropy;

    #[test]
    fn a_generated_password_passes_the_rules_for_chosen_ones_and_never_repeats() {
        let entropy = SeededEntropy::new(1);
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..200 {
            let password = strong_password(&entropy);
            assert_eq!(password.len(), 23);
            assert!(Password::chosen(&password, "agent@example.org").is_ok(), "{password}");
            assert!(seen.insert(password));
        }
    }

    #[test]
    fn a_password_read_from_a_pipe_loses_its_line_end_and_nothing_else() {
        let email = Email::parse("agent@example.org").unwrap();
        let read = |text: &str| chosen_password(&mut text.as_bytes(), &email);
        assert!(read("tramway citron belote édredon\r\n").is_ok());
        assert_eq!(read("court\n").unwrap_err().to_string(), "le mot de passe doit avoir au moins 15 caractères");
    }
}
