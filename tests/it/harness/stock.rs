//! Ready-made acts with sensible contents, so that a test only says what it is about.

use recepisse::domain::acceptance::Accept;
use recepisse::domain::code::PassCode;
use recepisse::domain::custody::{Selection, SendBooklets};
use recepisse::domain::handout::HandOut;
use recepisse::domain::ids::BookletId;
use recepisse::domain::money::Cents;
use recepisse::domain::party::{Holder, Service};
use recepisse::domain::programme::FundingShare;
use recepisse::domain::redemption::Redeem;
use recepisse::domain::stock::{CodeMac, NewBooklet};
use recepisse::domain::supply::{Activate, PlaceOrder, TakeDelivery};
use recepisse::domain::text::{Label, Reference};
use recepisse::domain::time::Day;
use recepisse::domain::visit::Visit;
use recepisse::receipts::Receipt;
use sha2::{Digest as _, Sha256};

use super::{Person, World, short_code};

pub(crate) fn reference(text: &str) -> Reference {
    Reference::parse(text).unwrap()
}

/// Booklets of the first programme by number.
pub(crate) fn booklet_ids(world: &World, numbers: impl IntoIterator<Item = u32>) -> Vec<BookletId> {
    numbers.into_iter().map(|number| BookletId::new(world.programme.no, number)).collect()
}

/// The code printed on a pass.
pub(crate) fn printed_code(booklet: u32, rank: u8) -> PassCode {
    let bytes = Sha256::digest(format!("{booklet}/{rank}"));
    PassCode::from_random(&std::array::from_fn(|place| bytes[place]))
}

impl World {
    /// An order of `booklets` booklets of ten passes of 10 euros.
    pub(crate) fn order(&self, number: &str, booklets: u32) -> PlaceOrder {
        PlaceOrder {
            number: reference(number),
            ordered_on: self.day(),
            issuer: self.organisation("APTIC"),
            booklets,
            passes_per_booklet: 10,
            face_value: Cents::new(1000),
            fees: Cents::new(15_000),
            funding: vec![FundingShare {
                funder: Label::parse("État (plan de relance)").unwrap(),
                basis_points: 10_000,
            }],
            validity_end: Day::new(2023, 6, 30).unwrap(),
        }
    }

    /// Takes booklets with these numbers in charge, all of them sound.
    pub(crate) fn delivery(&self, order: &str, numbers: impl IntoIterator<Item = u32>) -> TakeDelivery {
        self.delivery_of(order, numbers, 10)
    }

    /// The same for booklets of another size.
    pub(crate) fn delivery_of(&self, order: &str, numbers: impl IntoIterator<Item = u32>, size: u8) -> TakeDelivery {
        let received = numbers.into_iter().map(|number| NewBooklet {
            id: BookletId::new(self.programme.no, number),
            code_macs: (1..=size).map(|rank| self.code(number, rank)).collect(),
        });
        TakeDelivery {
            order: reference(order),
            delivered_on: self.day(),
            note: reference("BL-2021-001"),
            received: received.collect(),
            missing: Vec::new(),
            damaged: Vec::new(),
            print_nonce: None,
        }
    }

    /// What is stored of the code printed on a pass.
    pub(crate) fn code(&self, booklet: u32, rank: u8) -> CodeMac {
        self.keys.code_mac(&printed_code(booklet, rank))
    }

    /// The serial of a booklet of the first programme, as printed.
    pub(crate) fn serial(&self, booklet: u32) -> String {
        BookletId::new(self.programme.no, booklet).item().printed(&self.programme.code)
    }

    /// The codes of the passes with these ranks.
    pub(crate) fn codes(&self, booklet: u32, ranks: impl IntoIterator<Item = u8>) -> Vec<CodeMac> {
        ranks.into_iter().map(|rank| self.code(booklet, rank)).collect()
    }

    pub(crate) fn activation(&self, order: &str) -> Activate {
        Activate { order: reference(order), payment_order: reference(&format!("MANDAT-{}-4711", self.day().year())) }
    }

    /// The Region sends the lowest numbers of its store.
    pub(crate) fn dispatch(&self, to: &str, booklets: u32) -> SendBooklets {
        SendBooklets {
            to: self.organisation(to),
            booklets: Selection::Count { booklets, order: None },
            carrier_reference: Some(reference("COLIS-1")),
            from: Holder::Store,
        }
    }

    /// A prescriber takes all that is in transit among these numbers.
    pub(crate) fn acceptance(&self, dispatch: i64, by: &str, numbers: impl IntoIterator<Item = u32>) -> Accept {
        Accept {
            dispatch,
            in_transit: booklet_ids(self, numbers),
            accepted: None,
            missing: Vec::new(),
            damaged: Vec::new(),
            receiver: Holder::Prescriber(short_code(by)),
        }
    }

    pub(crate) fn hand_out(&self, person: &Person, numbers: impl IntoIterator<Item = u32>) -> HandOut {
        HandOut {
            fingerprint: person.fingerprint,
            likenesses: person.likenesses.clone(),
            commitment: person.commitment,
            nonce: None,
            situation: person.situation.clone(),
            ground: None,
            booklets: booklet_ids(self, numbers),
            sex: None,
            orientation: None,
            exception: None,
            follow_up: None,
        }
    }

    /// Spends passes at a venue for help with administrative procedures, today.
    pub(crate) fn redeem(&self, venue: &str, codes: Vec<CodeMac>) -> Redeem {
        Redeem {
            venue: self.venue(venue),
            codes,
            service: Service::AdministrativeHelp,
            performed_on: self.day(),
            performed_in: None,
            visit: Visit::default(),
        }
    }

    /// Orders, takes in charge and activates booklets 1 to `booklets`.
    pub(crate) fn stock_up(&self, booklets: u32) {
        self.region_admin().does(self.order("CMD-1", booklets));
        self.region_admin().does(self.delivery("CMD-1", 1..=booklets));
        self.region_finance().does(self.activation("CMD-1"));
    }

    /// Brings booklets 1 to `booklets` into the custody of Maubeuge.
    pub(crate) fn supply_maubeuge(&self, booklets: u32) {
        self.stock_up(booklets);
        self.region_admin().does(self.dispatch("MAUB", booklets));
        self.prescriber("MAUB").does(self.acceptance(1, "MAUB", 1..=booklets));
    }

    /// Hands booklets 1 to `booklets` out at Maubeuge, each to a person of its own.
    pub(crate) fn hand_out_at_maubeuge(&self, booklets: u32) -> Vec<Receipt> {
        self.supply_maubeuge(booklets);
        let give = |number| {
            let person = Person::senior(self, number);
            self.prescriber("MAUB").does(self.hand_out(&person, [number]))
        };
        (1..=booklets).map(give).collect()
    }
}
