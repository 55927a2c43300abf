//! What somebody may want of reminders and of keys, given how things stand. What never lives here: an answer.

use recepisse::domain::party::Role;

use super::super::dice::Dice;
use super::super::model::Model;
use super::super::script::{ADMIN, FINANCE, Who};
use super::{Consent, DAYS_BETWEEN, PeopleWish};

/// Somebody, and what they want: mostly to remind whoever may be reminded.
pub(in crate::simulation) fn wanted(dice: &mut Dice, model: &Model) -> (Who, PeopleWish) {
    let proposed = model.keys.is_proposed();
    match dice.below(100) {
        0..=19 if proposed => (finance(dice), PeopleWish::RenewKey),
        0..=3 => (finance(dice), PeopleWish::RenewKey),
        4..=24 => forgetting(dice, model),
        25..=39 => {
            let (office, hand_out) = agreed(dice, model, |_| true);
            (if dice.chance(30) { ADMIN } else { office }, PeopleWish::Revoke { hand_out })
        }
        _ => {
            let due = |of: &Consent| {
                let progress = model.progress(of);
                let next = of.reminded_on.unwrap_or(progress.since).plus_days(DAYS_BETWEEN);
                progress.first_use.is_none() && !progress.waits && next <= model.today()
            };
            let (office, hand_out) = agreed(dice, model, due);
            (office, PeopleWish::Remind { hand_out })
        }
    }
}

fn finance(dice: &mut Dice) -> Who {
    Who { desk: dice.below(2).try_into().unwrap(), ..FINANCE }
}

fn forgetting(dice: &mut Dice, model: &Model) -> (Who, PeopleWish) {
    let who = if dice.chance(50) { ADMIN } else { FINANCE };
    let on = model.today().plus_days(u32::from(dice.chance(8)));
    let most = if dice.chance(8) { dice.pick(&[0, 1_001]).unwrap() } else { dice.pick(&[1, 1_000]).unwrap() };
    (who, PeopleWish::ForgetServed { on, most })
}

/// Whoever reminds, and the receipt with which somebody agreed: mostly one that fits.
fn agreed(dice: &mut Dice, model: &Model, fits: impl Fn(&Consent) -> bool) -> (Who, String) {
    let fitting = model.consents.iter().filter(|(_, of)| fits(of));
    let fitting: Vec<(&String, &'static str)> = fitting.map(|(number, of)| (number, of.office)).collect();
    let all: Vec<(&String, &'static str)> = model.consents.iter().map(|(number, of)| (number, of.office)).collect();
    let unknown = "HDF21-MAUB-2021-000999".to_owned();
    let found = dice.pick(&fitting).filter(|_| !dice.chance(8)).or_else(|| dice.pick(&all));
    let (number, office) = found.map_or((unknown.clone(), "MAUB"), |(number, office)| (number.clone(), office));
    let number = if dice.chance(4) { unknown } else { number };
    let office = if dice.chance(6) { "FOURM" } else { office };
    let own = if office == ADMIN.office { ADMIN } else { Who::of(office, Role::PrescriberAgent) };
    (own, number)
}

/// The key under which somebody is recognised: mostly the one in use.
pub(in crate::simulation) fn key(dice: &mut Dice, model: &Model) -> u8 {
    let in_use = model.keys.in_use;
    if dice.chance(3) { dice.pick(&[1, in_use + 1]).unwrap() } else { in_use }
}
