//! The lines of a receipt: from whom to whom, which serials, how many, worth what; then the sums and the
//! holdings around them. What never lives here: what the kinds may do; that is the table in `kinds`.

use std::collections::BTreeMap;

use super::super::{Body, Break, Line, Text, Total};
use super::incidents::{check_replacement, may_replace, may_withdraw};
use super::kinds::{Effect, HolderKind, Items, Rule, batch_order};
use super::records::Terms;
use super::stock::{Item, Name, Quantity, pass_number};
use super::{Redeemed, Replay};

/// One line with its names looked up.
struct Move<'b, T> {
    line: &'b Line<T>,
    order: i64,
    batch: Name,
    from: Name,
    to: Name,
    to_kind: HolderKind,
}

/// What a reversal undoes, or what is brought back into use.
pub(super) struct Undone {
    /// The receipt that took it.
    pub(super) position: u32,
    /// Passes that a reversal still has to move back.
    pub(super) passes: u32,
}

impl Replay {
    /// Checks and applies all lines, then the total and the holdings.
    pub(super) fn lines<T: Text>(
        &mut self,
        body: &Body<T>,
        rule: &Rule,
        terms: &Terms,
        place: u32,
    ) -> Result<(), Break> {
        if rule.from.is_empty() && !body.lines.is_empty() {
            return Err(Break::new("lines_unexpected", "ce type de récépissé ne déplace rien"));
        }
        if !rule.from.is_empty() && body.lines.is_empty() && !rule.effect.may_move_nothing() {
            return Err(Break::new("lines_missing", "ce type de récépissé déplace des pass"));
        }
        let mut undone = match rule.effect {
            Effect::Reverses => Some(self.undone(body)?),
            Effect::BringsBack => Some(self.brought_back(body)?),
            _ => None,
        };
        if rule.effect == Effect::Delivers {
            self.open_batch(body)?;
        }
        let mut total = Total::default();
        let mut touched = BTreeMap::new();
        for line in &body.lines {
            let step = self.look_up(body, line, rule, terms)?;
            for holder in [step.from, step.to] {
                let before = self.stock.held.get(&holder).copied().unwrap_or_default();
                touched.entry(holder).or_insert(before);
            }
            self.apply(body, &step, (rule, terms, place), undone.as_mut())?;
            total = add(total, line).ok_or_else(|| Break::new("total", "le total dépasse les entiers permis"))?;
        }
        self.after_lines(body, rule, place, undone)?;
        if matches!(rule.effect, Effect::Mails | Effect::Reports) {
            self.check_letters(body, rule.effect, &terms.letters)?;
        }
        if rule.effect == Effect::Allocates {
            terms.sendings.check(body)?;
        }
        if body.total != total {
            return Err(Break::new("total", "le total n'est pas la somme des lignes"));
        }
        self.check_holdings(body, &touched)
    }

    /// Kinds, batch and holders of a line.
    fn look_up<'b, T: Text>(
        &mut self,
        body: &Body<T>,
        line: &'b Line<T>,
        rule: &Rule,
        terms: &Terms,
    ) -> Result<Move<'b, T>, Break> {
        let Some((order, _)) = batch_order(&line.batch) else {
            return Err(Break::new("batch", format!("{:?} n'est pas un lot", &*line.batch)));
        };
        let (from, to_kind) = (HolderKind::of(&line.from)?, HolderKind::of(&line.to)?);
        if line.from == line.to {
            return Err(Break::new("same_holder", format!("{} se remet à soi-même", &*line.from)));
        }
        let own = match rule.effect {
            Effect::Delivers => line.from.strip_prefix("issue:") == Some(&*line.batch),
            Effect::Withdraws => may_withdraw(body, line),
            Effect::Replaces => may_replace(body, line),
            Effect::Reports => self.is_mail(&line.from),
            Effect::Allocates => terms.sendings.go(&line.from, &line.to),
            effect if effect.settles() => same_provider(&line.from, &line.to, terms.of.as_deref()),
            _ => terms.order.is_none_or(|own| own == order),
        };
        let giver = rule.from.contains(&from) && terms.from.as_ref().is_none_or(|own| *own == *line.from);
        let taker = rule.to.contains(&to_kind)
            && (to_kind == HolderKind::Blocked || terms.to.as_ref().is_none_or(|own| *own == *line.to));
        if !(own && giver && taker) {
            let detail = format!("ce récépissé {} ne va pas de {} à {}", rule.kind, &*line.from, &*line.to);
            return Err(Break::new("custody_path", detail));
        }
        self.check_order(order, (rule, to_kind), terms)?;
        let batch = self.stock.batches.known(&line.batch);
        let batch = batch.ok_or_else(|| Break::new("batch", format!("le lot {} n'existe pas", &*line.batch)))?;
        if self.face_cents.get(&batch) != Some(&body.face_cents) {
            return Err(Break::new("face_value", format!("la valeur faciale n'est pas celle du lot {}", &*line.batch)));
        }
        let (from, to) = (self.stock.holders.number(&line.from), self.stock.holders.number(&line.to));
        Ok(Move { line, order, batch, from, to, to_kind })
    }

    /// Passes are handed out and spent once their order is activated, and not after its dates.
    fn check_order(&self, sequence: i64, (rule, to): (&Rule, HolderKind), terms: &Terms) -> Result<(), Break> {
        let handed = hands_out(rule, to) || rule.effect == Effect::Mails;
        if !(handed || rule.effect == Effect::Redeems) {
            return Ok(());
        }
        let Some(order) = self.orders.get(&sequence).filter(|order| order.activated) else {
            return Err(Break::new("order_not_activated", format!("la commande {sequence} n'est pas activée")));
        };
        let (hand_outs, redemptions) = order.suspended;
        if if handed { hand_outs } else { redemptions } {
            return Err(Break::new("order_suspended", format!("la commande {sequence} est suspendue")));
        }
        if handed && terms.today > order.validity_end {
            return Err(Break::new("validity_ended", format!("la commande {sequence} n'est plus valable")));
        }
        if rule.effect == Effect::Redeems && terms.today > order.grace_end {
            let detail = format!("le délai de grâce de la commande {sequence} est passé");
            return Err(Break::new("grace_ended", detail));
        }
        Ok(())
    }

    /// A delivery brings the next batch of its order, and that one only.
    fn open_batch<T: Text>(&mut self, body: &Body<T>) -> Result<(), Break> {
        let text = body.lines.first().map(|line| &*line.batch).unwrap_or_default();
        let Some((sequence, delivery)) = batch_order(text) else {
            return Err(Break::new("batch", format!("{text:?} n'est pas un lot")));
        };
        let unknown = || Break::new("order_unknown", format!("la commande {sequence} n'existe pas"));
        let order = self.orders.get_mut(&sequence).ok_or_else(unknown)?;
        if delivery != order.deliveries + 1 || body.lines.iter().any(|line| *line.batch != *text) {
            let detail = format!("la livraison {} de la commande {sequence} est attendue", order.deliveries + 1);
            return Err(Break::new("delivery_sequence", detail));
        }
        order.deliveries = delivery;
        let batch = self.stock.batches.number(text);
        self.face_cents.insert(batch, body.face_cents);
        Ok(())
    }

    /// Moves the items of a line and compares with what it says.
    fn apply<T: Text>(
        &mut self,
        body: &Body<T>,
        step: &Move<'_, T>,
        (rule, terms, place): (&Rule, &Terms, u32),
        mut undone: Option<&mut Undone>,
    ) -> Result<(), Break> {
        let Line { booklets, passes, cents, .. } = *step.line;
        let said = Quantity { booklets, passes, cents };
        if booklets < 0 || passes <= 0 {
            return Err(Break::new("count", "une ligne déplace au moins un pass"));
        }
        if passes.checked_mul(body.face_cents) != Some(cents) {
            return Err(Break::new("cents", "la valeur n'est pas celle des pass à la valeur faciale"));
        }
        if rule.effect != Effect::Delivers {
            self.stock.check_balance(step.batch, step.from, said)?;
        }
        let mut moved = (0_i64, 0_i64);
        let way = (step.from, step.to);
        let whole = rule.items == Items::Booklets || (rule.items == Items::Either && booklets > 0);
        for text in &step.line.items {
            let item = Item::parse(&self.programme, text)?;
            match (item, whole) {
                (Item::Booklets(range), true) => {
                    for number in range.numbers() {
                        if let Some(undone) = &undone {
                            self.check_brought_back(undone, pass_number(number, 0), step.to)?;
                        }
                        moved = (moved.0 + 1, moved.1 + self.move_booklet(number, step, rule, terms)?);
                        self.note_withdrawal(pass_number(number, 0), way, place);
                    }
                }
                (Item::Pass { booklet, rank }, false) => {
                    match &mut undone {
                        Some(undone) if rule.effect == Effect::Reverses => {
                            self.check_undone(undone, pass_number(booklet, rank))?;
                        }
                        Some(undone) => self.check_brought_back(undone, pass_number(booklet, rank), step.to)?,
                        None => {}
                    }
                    // Claimed, rejected or paid, a pass is still the one that its redemption spent.
                    let spent = self.stock.departed.get(&pass_number(booklet, rank));
                    let spent = spent.filter(|_| rule.effect.settles());
                    let by = spent.map_or(place, |departure| departure.position);
                    self.stock.move_pass((booklet, rank), step.batch, way, by)?;
                    self.note_withdrawal(pass_number(booklet, rank), way, place);
                    if rule.effect == Effect::Redeems {
                        self.check_hand_out(booklet, terms)?;
                    }
                    moved.1 += 1;
                }
                _ => {
                    return Err(Break::new(
                        "item_kind",
                        format!("{} : ce type déplace l'autre sorte d'objet", &**text),
                    ));
                }
            }
        }
        if moved != (booklets, passes) {
            let detail = format!("la ligne désigne {} carnets et {} pass, elle en dit d'autres", moved.0, moved.1);
            return Err(Break::new("count", detail));
        }
        self.stock.post(step.batch, (step.from, step.to), said)
    }

    /// A service is paid with a booklet that the person already had.
    fn check_hand_out(&self, booklet: u32, terms: &Terms) -> Result<(), Break> {
        let handed_out_on = self.stock.booklet(booklet).map_or(0, |slot| slot.handed_out_on);
        if terms.performed_on >= handed_out_on.into() {
            return Ok(());
        }
        let detail = format!("le carnet {booklet} n'était pas encore remis le jour du service");
        Err(Break::new("performed_before_hand_out", detail))
    }

    /// Moves one booklet, or brings it into being; says how many passes went with it.
    fn move_booklet<T: Text>(
        &mut self,
        number: u32,
        step: &Move<'_, T>,
        rule: &Rule,
        terms: &Terms,
    ) -> Result<i64, Break> {
        if rule.effect != Effect::Delivers {
            let passes = self.stock.move_booklet(number, step.batch, step.from, step.to)?;
            if hands_out(rule, step.to_kind) {
                self.stock.note_hand_out(number, u16::try_from(terms.today).unwrap_or_default());
            }
            return Ok(passes);
        }
        let ordered = self.orders.get(&step.order).filter(|order| order.range.contains(number));
        let Some(order) = ordered else {
            let detail = format!("le carnet {number} n'est pas de la commande {}", step.order);
            return Err(Break::new("booklet_not_ordered", detail));
        };
        let size = order.passes_per_booklet;
        self.stock.create(number, step.batch, step.to, size)?;
        Ok(i64::from(size))
    }

    /// The redemption that a reversal names.
    fn undone<T: Text>(&self, body: &Body<T>) -> Result<Undone, Break> {
        let Some(corrects) = &body.corrects else {
            return Err(Break::new("corrects_missing", "une annulation nomme le récépissé qu'elle annule"));
        };
        let position = self.position_of(corrects);
        let found = position.and_then(|position| self.redeemed.get(&position).map(|redeemed| (position, redeemed)));
        let unknown =
            || Break::new("corrects_unknown", format!("{} n'est pas une utilisation antérieure", &**corrects));
        let (position, redeemed) = found.ok_or_else(unknown)?;
        if redeemed.reversed {
            return Err(Break::new("corrects_repeated", format!("{} est déjà annulé", &**corrects)));
        }
        Ok(Undone { position, passes: redeemed.passes })
    }

    /// A reversal moves only passes that the redemption itself moved.
    fn check_undone(&self, undone: &mut Undone, pass: u32) -> Result<(), Break> {
        let moved = self.stock.departed.get(&pass).is_some_and(|departure| departure.position == undone.position);
        undone.passes = undone.passes.saturating_sub(1);
        if moved { Ok(()) } else { Err(other_items()) }
    }

    /// What the receipt leaves behind for later ones.
    fn after_lines<T: Text>(
        &mut self,
        body: &Body<T>,
        rule: &Rule,
        place: u32,
        undone: Option<Undone>,
    ) -> Result<(), Break> {
        self.note_withdrawer(body, rule, place);
        if rule.effect == Effect::Replaces {
            check_replacement(body)?;
        }
        if let Some(undone) = undone.filter(|_| rule.effect == Effect::Reverses) {
            if undone.passes != 0 {
                return Err(other_items());
            }
            self.redeemed.entry(undone.position).or_default().reversed = true;
        }
        if rule.effect == Effect::Redeems {
            let passes: i64 = body.lines.iter().map(|line| line.passes).sum();
            let passes = u32::try_from(passes).unwrap_or(u32::MAX);
            self.redeemed.insert(place, Redeemed { passes, reversed: false });
        }
        Ok(())
    }

    /// Every holder touched, in order of its text, with its passes before and after.
    fn check_holdings<T: Text>(&self, body: &Body<T>, touched: &BTreeMap<Name, i64>) -> Result<(), Break> {
        let mut expected: Vec<(&str, Name, i64)> =
            touched.iter().map(|(holder, before)| (self.stock.holders.text(*holder), *holder, *before)).collect();
        expected.sort_unstable();
        let held = |holder: &Name| self.stock.held.get(holder).copied().unwrap_or_default();
        let wrong = |holder: &str| Break::new("holdings", format!("les soldes avant et après de {holder} sont faux"));
        if body.holdings.len() != expected.len() {
            return Err(Break::new("holdings", "les soldes ne sont pas ceux des détenteurs des lignes"));
        }
        for ((holder, name, before), said) in expected.iter().zip(&body.holdings) {
            if *said.holder != **holder || said.before != *before || said.after != held(name) {
                return Err(wrong(holder));
            }
        }
        Ok(())
    }
}

pub(super) fn other_items() -> Break {
    Break::new("corrects_items", "ce ne sont pas exactement les pass du récépissé corrigé")
}

/// Whether what goes there is given to a person.
fn hands_out(rule: &Rule, to: HolderKind) -> bool {
    rule.effect == Effect::HandsOut || (rule.effect == Effect::Replaces && to == HolderKind::Circulation)
}

/// Whether both holders are of one provider, of `only` that where it is named.
fn same_provider(from: &str, to: &str, only: Option<&str>) -> bool {
    let which = |holder: &str| holder.split_once(':').map(|(_, code)| code.to_owned());
    which(from) == which(to) && only.is_none_or(|only| which(from).as_deref() == Some(only))
}

fn add<T>(total: Total, line: &Line<T>) -> Option<Total> {
    Some(Total {
        booklets: total.booklets.checked_add(line.booklets)?,
        passes: total.passes.checked_add(line.passes)?,
        cents: total.cents.checked_add(line.cents)?,
    })
}
