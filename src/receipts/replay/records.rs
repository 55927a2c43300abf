//! What a receipt records besides its lines: orders, activations, transits, exceptions, grounds; and what that allows
//! its lines. What never lives here: balances.

use super::super::{Body, Break, Mention, Text, is_hex};
use super::allocations::Sendings;
use super::applications::{Letters, MAIL};
use super::incidents::{replace, withdraw};
use super::kinds::{Effect, Rule, is_region};
use super::stock::Item;
use super::{Order, Replay, Transit};
use crate::domain::closing::Closing;
use crate::domain::serial::SerialRange;
use crate::domain::short_code::ShortCode;
use crate::domain::time::Day;

/// What the issuer, the mentions and the day of a receipt allow its lines.
#[derive(Debug, Default)]
pub(super) struct Terms {
    /// The only giver; the kind's own, where there is none.
    pub(super) from: Option<String>,
    /// The only taker besides `blocked`; the kind's own, where there is none.
    pub(super) to: Option<String>,
    /// The business day, as [`ordinal`] counts.
    pub(super) today: i32,
    /// The day of the service, for a redemption.
    pub(super) performed_on: i32,
    /// The only order whose passes move; any, where there is none.
    pub(super) order: Option<i64>,
    /// The period that a closing closes.
    pub(super) closing: Option<Box<Closing>>,
    /// The only provider whose passes may come nearer to their payment; any, where there is none.
    pub(super) of: Option<String>,
    /// The booklets that letters carry.
    pub(super) letters: Letters,
    /// What an allocation sends where.
    pub(super) sendings: Sendings,
}

/// A number that grows with the date, every month counted as 31 days: 0 for 2000-01-01, below 65 536 up to 2175.
/// `day` is `YYYY-MM-DD`, already checked.
pub(super) fn ordinal(day: &str) -> i32 {
    let mut parts = day.split('-').map(|part| part.parse().unwrap_or_default());
    let mut next = || parts.next().unwrap_or_default();
    let (year, month, day): (i32, i32, i32) = (next(), next(), next());
    ((year - 2000) * 12 + month - 1) * 31 + day - 1
}

pub(super) fn wrong(name: &str) -> Break {
    Break::new("mention", format!("la mention {name} manque ou n'est pas de la forme attendue"))
}

pub(super) fn text<'b, T: Text>(body: &'b Body<T>, name: &str) -> Result<&'b str, Break> {
    match body.mentions.get(name) {
        Some(Mention::Text(text)) if !text.is_empty() => Ok(text),
        _ => Err(wrong(name)),
    }
}

pub(super) fn number<T: Text>(body: &Body<T>, name: &str) -> Result<i64, Break> {
    match body.mentions.get(name) {
        Some(Mention::Number(number)) => Ok(*number),
        _ => Err(wrong(name)),
    }
}

/// The date in a mention, as [`ordinal`] counts.
pub(super) fn date<T: Text>(body: &Body<T>, name: &str) -> Result<i32, Break> {
    let text = text(body, name)?;
    Day::parse(text).map_err(|_| wrong(name))?;
    Ok(ordinal(text))
}

/// Where the issuer has its booklets.
pub(super) fn home<T: Text>(body: &Body<T>) -> String {
    if is_region(&body.agent.role) { "store".to_owned() } else { format!("prescriber:{}", &*body.office.code) }
}

/// What a delivery says of its codes, if it does: receipts of before do not.
fn deliver<T: Text>(body: &Body<T>) -> Result<(), Break> {
    for digest in ["codes_digest", "print_nonce_digest"] {
        if body.mentions.contains_key(digest) && !is_hex(text(body, digest)?, 64) {
            return Err(wrong(digest));
        }
    }
    Ok(())
}

impl Replay {
    /// Checks the mentions that a kind must carry, keeps what later receipts depend on, and says what the lines may do.
    #[expect(clippy::too_many_lines, reason = "a table, one line or two for each kind of receipt")]
    pub(super) fn record<T: Text>(&mut self, body: &Body<T>, rule: &Rule) -> Result<Terms, Break> {
        if body.corrects.is_some() && !matches!(rule.effect, Effect::Reverses | Effect::BringsBack) {
            return Err(Break::new("corrects_unexpected", "ce type de récépissé n'en corrige pas d'autre"));
        }
        let mut terms = Terms { today: ordinal(&body.day), ..Terms::default() };
        let provider = || Some(format!("provider:{}", &*body.office.code));
        match rule.effect {
            Effect::Orders => self.open_order(body)?,
            Effect::Activates => self.activate(body)?,
            Effect::Excepts => self.except(body)?,
            Effect::Restores => self.restore(body)?,
            Effect::RenewsKey => self.renew_people_key(body)?,
            Effect::Closes => terms.closing = Some(self.closing(body)?),
            Effect::Delivers => deliver(body)?,
            Effect::Sends | Effect::SendsBack => {
                terms.from = Some(home(body));
                terms.to = Some(self.send(body, rule)?);
            }
            Effect::Accepts => {
                terms.from = Some(self.accept(body)?);
                terms.to = Some(home(body));
            }
            Effect::HandsOut => {
                self.hand_out(body)?;
                terms.from = Some(home(body));
            }
            Effect::Redeems => {
                terms.performed_on = redeem(body)?;
                terms.to = provider();
            }
            Effect::Settles => {
                self.settle(body)?;
                let venue = !is_region(&body.agent.role);
                terms.of = venue.then(|| (*body.office.code).to_owned());
            }
            Effect::NotesClaim => {
                self::number(body, "claim")?;
            }
            Effect::AsksBack => {
                self::number(body, "revenue_cents")?;
                text(body, "provider_code")?;
                text(body, "revenue_order")?;
            }
            Effect::States => self.state(body)?,
            Effect::Disputes => self.dispute(body)?,
            Effect::Resolves => self.resolve(body)?,
            Effect::NamesPayee => name_payee(body)?,
            Effect::Pays | Effect::Banks => {
                if rule.effect == Effect::Pays {
                    self::number(body, "payment")?;
                }
                if !is_hex(text(body, "file_hash")?, 64) {
                    return Err(wrong("file_hash"));
                }
                self.end_claims(body)?;
            }
            Effect::Reverses if is_region(&body.agent.role) => {}
            Effect::Reverses => terms.from = provider(),
            Effect::Withdraws => withdraw(body)?,
            Effect::BringsBack => drop(text(body, "reason")?),
            Effect::Replaces => replace(body)?,
            Effect::Suspends => self.suspend(body)?,
            Effect::Prorogues => self.prorogue(body)?,
            Effect::Acknowledges => self.acknowledge(body)?,
            Effect::Expires => terms.order = Some(self.expire(body)?),
            Effect::Contradicts => self.contradict(body)?,
            Effect::Credits => terms.order = Some(self.credit(body)?),
            Effect::Proposes => self.propose(body)?,
            Effect::Destroys => self.destroy(body)?,
            Effect::Counts => self.count(body)?,
            Effect::Files => self.file(body)?,
            Effect::Decides => self.decide(body)?,
            Effect::Ends => self.end(body)?,
            Effect::Allocates => terms.sendings = self.allocate(body)?,
            Effect::Mails => {
                let (transit, letters) = self.mail(body)?;
                (terms.from, terms.to, terms.letters) = (Some(home(body)), Some(transit), letters);
            }
            Effect::Reports => terms.letters = self.report(body)?,
            Effect::Erases => self.erase(body)?,
            Effect::FollowsUp => self.follow_up(body)?,
        }
        self.traces.note(rule.effect);
        Ok(terms)
    }

    /// Opens a transit and gives its holder.
    fn send<T: Text>(&mut self, body: &Body<T>, rule: &Rule) -> Result<String, Break> {
        let (transit, destination) = (number(body, "dispatch")?, text(body, "destination")?);
        let prescriber = destination.strip_prefix("prescriber:").is_some_and(ShortCode::is_one);
        if if rule.effect == Effect::Sends { !prescriber } else { destination != "store" } {
            return Err(wrong("destination"));
        }
        let origin = home(body);
        if origin == destination {
            return Err(Break::new("same_holder", format!("{origin} s'envoie à soi-même")));
        }
        let holders = &mut self.stock.holders;
        let opened = Transit { origin: holders.number(&origin), destination: holders.number(destination) };
        if self.transits.insert(transit, opened).is_some() {
            return Err(Break::new("transit_reused", format!("transit:{transit} a déjà servi")));
        }
        Ok(format!("transit:{transit}"))
    }

    /// Whoever a transit is for accepts it; its sender, when it calls it back. Gives the transit's holder.
    fn accept<T: Text>(&self, body: &Body<T>) -> Result<String, Break> {
        let transit = number(body, "dispatch")?;
        let recalled = body.mentions.contains_key("recall");
        if recalled && number(body, "recall")? != 1 {
            return Err(wrong("recall"));
        }
        let unknown = || Break::new("transit_unknown", format!("aucun envoi ne porte le numéro {transit}"));
        let Transit { origin, destination } = self.transits.get(&transit).ok_or_else(unknown)?;
        let receiver = self.stock.holders.text(if recalled { *origin } else { *destination });
        let home = home(body);
        // What became of letters is the carrier's to say.
        if receiver != home || self.stock.holders.text(*destination) == MAIL {
            let detail = format!("transit:{transit} revient à {receiver}, {home} ne l'accepte pas");
            return Err(Break::new("custody_path", detail));
        }
        Ok(format!("transit:{transit}"))
    }

    /// Exceptions are numbered from 1 without gaps.
    fn except<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        let (sequence, passes) = (number(body, "exception")?, number(body, "passes_granted")?);
        if !(1..=99).contains(&passes) {
            return Err(wrong("passes_granted"));
        }
        let expected = self.exceptions_used.len() + 1;
        if usize::try_from(sequence) != Ok(expected) {
            return Err(Break::new("exception_sequence", format!("la dérogation {expected} est attendue")));
        }
        self.exceptions_used.push(false);
        Ok(())
    }

    fn hand_out<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        text(body, "ground")?;
        if !is_hex(text(body, "commitment")?, 64) {
            return Err(wrong("commitment"));
        }
        self.agree(body)?;
        if !body.mentions.contains_key("exception") {
            return Ok(());
        }
        let sequence = number(body, "exception")?;
        let unknown = || Break::new("exception_unknown", format!("la dérogation {sequence} n'existe pas"));
        let index = usize::try_from(sequence).ok().and_then(|sequence| sequence.checked_sub(1));
        let used = index.and_then(|index| self.exceptions_used.get_mut(index)).ok_or_else(unknown)?;
        if *used {
            return Err(Break::new("exception_used", format!("la dérogation {sequence} a déjà servi")));
        }
        *used = true;
        Ok(())
    }

    /// Orders are numbered from 1 without gaps, and their serials follow each other without overlap.
    fn open_order<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        let sequence = number(body, "order")?;
        let booklets = number(body, "booklets")?;
        let size = u8::try_from(number(body, "passes_per_booklet")?).unwrap_or_default();
        let (first, last) = (text(body, "first_serial")?, text(body, "last_serial")?);
        let (validity_end, grace_end) = (date(body, "validity_end")?, date(body, "grace_end")?);
        let (first, last) = (self.one_booklet(first)?, self.one_booklet(last)?);
        if grace_end < validity_end {
            return Err(wrong("grace_end"));
        }
        if !(1..=99).contains(&size) {
            return Err(wrong("passes_per_booklet"));
        }
        let range = SerialRange::new(first, last).map_err(|_| wrong("last_serial"))?;
        if i64::from(range.len()) != booklets {
            return Err(wrong("booklets"));
        }
        let previous = self.orders.last_key_value();
        let expected = previous.map_or(0, |(sequence, _)| *sequence) + 1;
        if sequence != expected || previous.is_some_and(|(_, order)| order.range.last() >= first) {
            let detail = format!("la commande {expected} est attendue, avec des numéros jamais attribués");
            return Err(Break::new("order", detail));
        }
        let order = Order {
            range,
            passes_per_booklet: size,
            deliveries: 0,
            activated: false,
            validity_end,
            grace_end,
            suspended: (false, false),
            acknowledged: false,
            cents: booklets.saturating_mul(size.into()).saturating_mul(body.face_cents),
        };
        self.orders.insert(sequence, order);
        Ok(())
    }

    fn one_booklet(&self, serial: &str) -> Result<u32, Break> {
        match Item::parse(&self.programme, serial)? {
            Item::Booklets(range) if range.len() == 1 => Ok(range.first()),
            _ => Err(Break::new("serial", format!("{serial:?} n'est pas un numéro de carnet"))),
        }
    }

    fn activate<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        let sequence = number(body, "order")?;
        text(body, "payment_order")?;
        let unknown = || Break::new("order_unknown", format!("la commande {sequence} n'existe pas"));
        let order = self.orders.get_mut(&sequence).ok_or_else(unknown)?;
        if order.activated {
            return Err(Break::new("order_already_activated", format!("la commande {sequence} est déjà activée")));
        }
        order.activated = true;
        let cents = order.cents;
        self.accounts.activated(body, cents);
        Ok(())
    }
}

/// An account is proposed by one person and confirmed by another.
fn name_payee<T: Text>(body: &Body<T>) -> Result<(), Break> {
    number(body, "payee")?;
    if !is_hex(text(body, "account_commitment")?, 64) {
        return Err(wrong("account_commitment"));
    }
    let proposed_by = text(body, "proposed_by")?;
    if !is_hex(proposed_by, 16) || proposed_by == &*body.agent.pseudonym {
        let detail = "un compte à payer est proposé par une personne et validé par une autre";
        return Err(Break::new("four_eyes", detail));
    }
    Ok(())
}

/// The day of the service, as [`ordinal`] counts.
fn redeem<T: Text>(body: &Body<T>) -> Result<i32, Break> {
    text(body, "venue")?;
    text(body, "service")?;
    let performed_on = date(body, "performed_on")?;
    if performed_on > ordinal(&body.day) { Err(wrong("performed_on")) } else { Ok(performed_on) }
}
