//! What the people of the story do, one act after the other. What never lives here: who they are.

use std::collections::BTreeSet;

use super::{Story, code, day, label, mac, reference};
use crate::auth::Caller;
use crate::clock::Clock as _;
use crate::domain::acceptance::Accept;
use crate::domain::act::Act;
use crate::domain::custody::{ReturnBooklets, ReturnReason, Selection, SendBooklets};
use crate::domain::duplicates::Likenesses;
use crate::domain::eligibility::{ShownProof, Situation};
use crate::domain::ends::Expire;
use crate::domain::handout::HandOut;
use crate::domain::ids::BookletId;
use crate::domain::money::Cents;
use crate::domain::party::{Actor, Holder, Role, Service};
use crate::domain::programme::FundingShare;
use crate::domain::redemption::{Redeem, ReversalReason, Reverse};
use crate::domain::replacement::{Replace, ReplacementReason};
use crate::domain::stock::NewBooklet;
use crate::domain::supply::{Activate, PlaceOrder, TakeDelivery};
use crate::domain::territory::CommuneCode;
use crate::domain::visit::Visit;
use crate::ledger::{Outcome, Submission};
use crate::receipts::Receipt;

impl Story {
    fn ask(&self, role: Role, act: impl Act + 'static) -> Outcome {
        let (user, office) = self.users[&role];
        let organisation = self.organisations[office];
        let actor = Actor { user, organisation, role, pseudonym: format!("{:016x}", 7) };
        let permit = Caller::new(actor, "session".to_owned()).permit(act.kind()).unwrap();
        let submission = Submission::new(permit, self.programme, Box::new(act), None).unwrap();
        self.ledger.submit_and_wait(submission).unwrap().outcome
    }

    fn does(&self, role: Role, act: impl Act + 'static) -> Receipt {
        match self.ask(role, act) {
            Outcome::Granted(receipt) => receipt.as_ref().clone(),
            Outcome::Refused(refusal) => panic!("{refusal:?}"),
        }
    }

    fn ids(&self, numbers: impl IntoIterator<Item = u32>) -> Vec<BookletId> {
        numbers.into_iter().map(|number| BookletId::new(self.programme, number)).collect()
    }

    /// Orders eight booklets of five, receives six of them (one damaged), activates.
    pub(in crate::reports) fn supply(&self) {
        self.does(
            Role::RegionAdmin,
            PlaceOrder {
                number: reference("BC-1"),
                ordered_on: self.clock.now().day(),
                issuer: self.organisations["APTIC"],
                booklets: 8,
                passes_per_booklet: 5,
                face_value: Cents::new(1000),
                fees: Cents::ZERO,
                funding: vec![FundingShare { funder: label("État"), basis_points: 10_000 }],
                validity_end: day("2026-12-31"),
            },
        );
        let booklet = |number: u32| NewBooklet {
            id: BookletId::new(self.programme, number),
            code_macs: (1..=5).map(|rank| mac(&format!("{number}/{rank}"))).collect(),
        };
        self.does(
            Role::RegionAdmin,
            TakeDelivery {
                order: reference("BC-1"),
                delivered_on: self.clock.now().day(),
                note: reference("BL-1"),
                received: (1..=6).map(booklet).collect(),
                missing: self.ids(7..=8),
                damaged: self.ids([6]),
                print_nonce: None,
            },
        );
        let payment_order = reference("MP-1");
        self.does(Role::RegionFinance, Activate { order: reference("BC-1"), payment_order });
    }

    /// Sends four booklets to Maubeuge, which finds one missing.
    pub(in crate::reports) fn dispatch(&self) {
        let selection = Selection::Count { booklets: 4, order: None };
        let to = self.organisations["MAUB"];
        let send = SendBooklets { to, booklets: selection, carrier_reference: None, from: Holder::Store };
        self.does(Role::RegionAdmin, send);
        self.does(
            Role::PrescriberAgent,
            Accept {
                dispatch: 1,
                in_transit: self.ids(1..=4),
                accepted: None,
                missing: self.ids([4]),
                damaged: vec![],
                receiver: Holder::Prescriber(code("MAUB")),
            },
        );
    }

    /// Gives one booklet to somebody.
    pub(in crate::reports) fn hand_out(&self, booklet: u32) {
        self.does(Role::PrescriberAgent, self.gift(booklet, &["home_proof", "identity_document"]));
    }

    /// Sends one booklet more to Maubeuge, which takes it in.
    pub(in crate::reports) fn dispatch_one_more(&self, dispatch: i64, booklet: u32) {
        let (to, booklets) = (self.organisations["MAUB"], Selection::Named(self.ids([booklet])));
        self.does(Role::RegionAdmin, SendBooklets { to, booklets, carrier_reference: None, from: Holder::Store });
        let accept = Accept {
            dispatch,
            in_transit: self.ids([booklet]),
            accepted: None,
            missing: vec![],
            damaged: vec![],
            receiver: Holder::Prescriber(code("MAUB")),
        };
        self.does(Role::PrescriberAgent, accept);
    }

    /// The person who was handed out `first` brings `original` back, which is of no use any more, and receives another.
    pub(in crate::reports) fn replace(&self, first: u32, original: u32, replacement: u32) {
        self.does(
            Role::PrescriberAgent,
            Replace {
                original: BookletId::new(self.programme, original),
                replacement: BookletId::new(self.programme, replacement),
                fingerprint: mac(&format!("person {first}")),
                commitment: mac("commitment"),
                nonce: None,
                reason: ReplacementReason::Damaged,
            },
        );
    }

    /// What is left of the order expires.
    pub(in crate::reports) fn expire(&self) {
        self.does(Role::RegionFinance, Expire { order: reference("BC-1"), most: 100 });
    }

    /// Sends somebody away who shows nothing.
    pub(in crate::reports) fn send_away(&self, booklet: u32) {
        assert!(matches!(self.ask(Role::PrescriberAgent, self.gift(booklet, &[])), Outcome::Refused(_)));
    }

    fn gift(&self, booklet: u32, proofs: &[&str]) -> HandOut {
        let seen = |kind: &&str| ShownProof { kind: (*kind).to_owned(), issued_on: None };
        HandOut {
            fingerprint: mac(&format!("person {booklet}")),
            likenesses: Likenesses::default(),
            commitment: mac("commitment"),
            nonce: None,
            situation: Situation {
                birth: day("1950-03-14"),
                commune: CommuneCode::parse("59392").unwrap(),
                neighbourhood: None,
                statuses: BTreeSet::new(),
                proofs: proofs.iter().map(seen).collect(),
            },
            ground: None,
            booklets: self.ids([booklet]),
            sex: None,
            orientation: None,
            exception: None,
            follow_up: None,
        }
    }

    fn redemption(&self, booklet: u32, ranks: &[u8]) -> Redeem {
        Redeem {
            venue: self.venue,
            codes: ranks.iter().map(|rank| mac(&format!("{booklet}/{rank}"))).collect(),
            service: Service::EverydayTools,
            performed_on: self.clock.now().day(),
            performed_in: None,
            visit: Visit::default(),
        }
    }

    /// Spends passes; the number of the receipt.
    pub(in crate::reports) fn redeem(&self, booklet: u32, ranks: &[u8]) -> String {
        self.does(Role::VenueAgent, self.redemption(booklet, ranks)).body().number.clone()
    }

    pub(in crate::reports) fn redeem_in_vain(&self, booklet: u32, ranks: &[u8]) {
        assert!(matches!(self.ask(Role::VenueAgent, self.redemption(booklet, ranks)), Outcome::Refused(_)));
    }

    pub(in crate::reports) fn reverse(&self, number: &str) {
        let reason = ReversalReason::EnteredByMistake;
        self.does(
            Role::RegionFinance,
            Reverse { number: crate::domain::text::ReceiptNumber::parse(number).unwrap(), reason },
        );
    }

    /// Maubeuge sends booklet 3 back.
    pub(in crate::reports) fn give_back(&self) {
        self.does(
            Role::PrescriberAgent,
            ReturnBooklets {
                booklets: Selection::Named(self.ids([3])),
                reason: ReturnReason::Unused,
                from: Holder::Prescriber(code("MAUB")),
            },
        );
    }
}
