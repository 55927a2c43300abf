//! Who has established a receipt, who signs, how a holder is called, and what the beneficiary's paper adds. What never lives
//! here: who gives and who receives (`sides`).

use super::{Gist, Handed, Reader, Signature};
use crate::documents::phrases;
use crate::documents::surroundings::{Beneficiary, Paper, Party};
use crate::domain::movement::Kind;
use crate::domain::time::Day;

impl Reader<'_> {
    /// The issuing organisation and, under pseudonym, who acted for it. Number and place are left out where the same
    /// organisation stands on one of the sides with them.
    pub(super) fn established(&self) -> String {
        let (office, agent) = (&self.body.office, &self.body.agent);
        let agent = format!("{} (pseudonyme {})", phrases::role(&agent.role), agent.pseudonym);
        if self.sides().iter().any(|side| side.name == office.name) {
            return format!("{}, {agent}", office.name);
        }
        let address = self.around.parties.get(&office.code).and_then(|party| party.address.clone());
        let place = address.unwrap_or_else(|| phrases::commune(&office.commune));
        format!("{}, {}, {place} ; {agent}", office.name, phrases::registration(&office.registration))
    }

    /// The organisation behind a holder, as far as the receipt or the register names it.
    pub(super) fn party(&self, holder: &str) -> Option<Party> {
        let sponsor = || self.around.sponsor.clone();
        match holder.split_once(':') {
            None => (holder == "store").then(sponsor),
            Some(("issue", batch)) => {
                let order = batch.split_once('-')?.0.parse::<i64>().ok()?;
                self.around.orders.get(&order)?.issuer.clone()
            }
            Some(("prescriber" | "provider" | "claimed" | "paid", code)) => self.organisation(holder, code),
            Some(_) => None,
        }
    }

    /// The name of the organisation with this code, as far as the receipt or the register knows it.
    pub(super) fn name_of(&self, code: &str) -> Option<String> {
        self.organisation("", code).map(|party| party.name)
    }

    fn organisation(&self, holder: &str, code: &str) -> Option<Party> {
        let known = self.around.parties.get(code);
        let address = known.and_then(|party| party.address.clone());
        let office = &self.body.office;
        if office.code == code {
            let registration = Some(office.registration.clone());
            return Some(Party { name: office.name.clone(), registration, address });
        }
        if self.text("destination").as_deref() == Some(holder)
            && let Some(name) = self.text("receiver")
        {
            return Some(Party { name, registration: self.text("receiver_registration"), address });
        }
        known.cloned()
    }

    /// A holder in words: `stock confié à CCAS de Maubeuge`.
    pub(super) fn holder(&self, holder: &str) -> String {
        let name = |code: &str| self.organisation(holder, code).map_or_else(|| code.to_owned(), |party| party.name);
        let fixed = match holder.split_once(':') {
            Some(("issue", batch)) => return format!("Compte d'émission du lot {batch} (contrepartie)"),
            Some(("transit", dispatch)) => return format!("En chemin, envoi n° {dispatch}"),
            Some(("prescriber", code)) => return format!("Stock confié : {}", name(code)),
            Some(("provider", code)) => return format!("Pass utilisés : {}", name(code)),
            Some(("claimed", code)) => return format!("Remboursement demandé : {}", name(code)),
            Some(("paid", code)) => return format!("Remboursé : {}", name(code)),
            Some(_) => holder,
            None => match holder {
                "store" => "Stock du commanditaire",
                "circulation" => "Entre les mains des bénéficiaires",
                "blocked" => "Pass bloqués",
                "lost" => "Pass perdus ou volés",
                "expired" => "Pass périmés",
                "destroyed" => "Pass détruits",
                "credited" => "Pass rendus contre avoir",
                other => other,
            },
        };
        fixed.to_owned()
    }

    /// Who signs, by the table of receipt types (R1 to R9): both sides where hands change, else whoever acts.
    pub(super) fn signatures(&self) -> Vec<Signature> {
        let body = |title: &str| Signature { title: title.to_owned(), person: false };
        let person = |title: &str| Signature { title: title.to_owned(), person: true };
        match self.kind {
            Some(Kind::Order) => vec![body("Pour le commanditaire"), body("Pour l'émetteur")],
            Some(Kind::Delivery) => {
                vec![body("Pour l'émetteur ou son transporteur"), body("Pour le commanditaire, qui prend en charge")]
            }
            Some(Kind::Exception) => vec![body("Pour la Région, qui accorde la dérogation")],
            Some(Kind::Block) => vec![body("Pour la Région, qui fait opposition")],
            Some(Kind::Unblock | Kind::Found) => vec![body("Pour la Région : une autre personne que la première")],
            Some(Kind::Loss) => vec![body("Qui déclare la perte"), body("Visa de la Région")],
            Some(Kind::ContradictoryStatement | Kind::CreditNote) => {
                vec![body("Pour l'émetteur"), body("L'ordonnateur")]
            }
            Some(Kind::DestructionProposal) => vec![body("L'ordonnateur, qui propose")],
            Some(Kind::Destruction) => vec![body("L'ordonnateur, qui propose"), body("Le comptable public, qui signe")],
            Some(Kind::Erasure) => vec![body("Pour la Région, responsable du traitement")],
            Some(Kind::StockTake) => vec![body("Qui a compté"), body("Le détenteur")],
            Some(Kind::Replacement) => vec![body("L'agent qui remplace"), person("Le bénéficiaire")],
            Some(Kind::Claim) => vec![body("La structure, qui certifie le service fait"), body("Pour la Région")],
            Some(
                Kind::Activation
                | Kind::Suspension
                | Kind::Resumption
                | Kind::Prorogation
                | Kind::Acknowledgement
                | Kind::Expiry
                | Kind::ClaimApproval
                | Kind::ClaimRejection
                | Kind::ClaimSuspension
                | Kind::ClaimResumption
                | Kind::Payee
                | Kind::Payment
                | Kind::BankReturn
                | Kind::Overpayment
                | Kind::RevenueOrder
                | Kind::Offset
                | Kind::IssuerStatement
                | Kind::IssuerResolution,
            ) => vec![body("L'ordonnateur")],
            Some(Kind::ApplicationDecision) => vec![body("Pour la Région, qui décide")],
            Some(Kind::IssuerDispute) => vec![body("La structure, qui conteste")],
            Some(Kind::Allocation) => vec![body("Pour la Région, qui répartit")],
            Some(Kind::Mailing) => vec![body("Pour la Région, qui dépose"), body("Pour le transporteur")],
            Some(Kind::LetterReport) => vec![body("Pour la Région, d'après le transporteur")],
            Some(Kind::PeopleKey) => vec![body("Qui propose la clé"), body("Qui la met en usage")],
            Some(Kind::Restore) => vec![body("Qui déclare la perte"), body("Qui la confirme")],
            Some(Kind::Closing) => vec![body("Pour l'ordonnateur"), body("Vu par le comptable public")],
            Some(Kind::HandOut) => vec![body("L'agent qui remet"), person("Le bénéficiaire")],
            Some(Kind::Redemption) => {
                vec![person("Le bénéficiaire"), body("La structure, qui certifie le service fait")]
            }
            Some(Kind::Reversal) => vec![body("La structure"), person("Le bénéficiaire, à qui les pass reviennent")],
            _ if self.body.lines.is_empty() => vec![body("L'agent qui établit le récépissé")],
            _ => vec![body("Pour celui qui remet"), body("Pour celui qui reçoit")],
        }
    }

    pub(super) fn gist(&self) -> Option<Gist> {
        let Some(Kind::HandOut) = self.kind else { return None };
        // The end printed on the passes; the days of grace are for venues.
        let last = self.text("validity_end").and_then(|day| Day::parse(&day).ok());
        let until = last.map(|day| format!("À utiliser jusqu'au {} inclus", day.french()));
        let sentence = "Vos pass paient une aide au numérique dans un lieu agréé. Gardez ce papier.".to_owned();
        let orientation = self.around.paper.iter().flat_map(|paper| &paper.orientation);
        let orientation = orientation.map(|line| phrases::spaced(line)).collect();
        Some(Gist { until, sentence, orientation })
    }

    /// The commitment of a hand-out, and how the paper proves it.
    pub(super) fn handed(&self) -> Option<Handed> {
        let commitment = self.text("commitment")?;
        let paper = self.around.paper.as_ref();
        let salt = paper.map(|paper| paper.salt.clone());
        let recipe = salt.iter().flat_map(|salt| recipe(salt, paper)).collect();
        Some(Handed { salt, commitment, recipe })
    }
}

/// The lines that `sha256sum` wants, without an end of line after the last; the same as [`crate::people::commit`].
fn recipe(salt: &str, paper: Option<&Paper>) -> Vec<String> {
    let known = paper.and_then(|paper| paper.beneficiary.as_ref());
    let identity = |person: &Beneficiary| {
        let identity = crate::domain::identity::Identity::new(&person.family_name, &person.given_name, person.birth);
        identity.ok().map(|identity| identity.fingerprint_text())
    };
    let blank = || "identity-1|nom|prenom|AAAA-MM-JJ".to_owned();
    let last = known.and_then(identity).unwrap_or_else(blank);
    vec!["recepisse-commitment-1".to_owned(), salt.to_owned(), last]
}
