//! Who takes part, and callers as values: `world.region_admin().does(act)`. Acts go straight to the ledger here.
//! HTTP callers have a file of their own beside this one.

use std::collections::BTreeSet;

use recepisse::auth::Caller;
use recepisse::clock::Entropy as _;
use recepisse::domain::act::Act;
use recepisse::domain::applications::{Decide, Decision, File};
use recepisse::domain::duplicates::Likenesses;
use recepisse::domain::eligibility::{ShownProof, Situation};
use recepisse::domain::identity::Identity;
use recepisse::domain::ids::ProgrammeNo;
use recepisse::domain::mailing::{Fate, Mail, ReportLetters};
use recepisse::domain::party::Role;
use recepisse::domain::people_key::FIRST;
use recepisse::domain::refusal::{Code, Refusal};
use recepisse::domain::stock::CodeMac;
use recepisse::domain::territory::CommuneCode;
use recepisse::domain::time::Day;
use recepisse::keys::Purpose;
use recepisse::ledger::{Answer, Ledger, Outcome, RequestKey, Submission, SubmitError};
use recepisse::people;
use recepisse::receipts::Receipt;
use recepisse::store::LoggedAccess;

use super::World;

/// Somebody who has signed in, about to act in a programme.
#[derive(Debug, Clone)]
pub(crate) struct Hand<'w> {
    pub(crate) world: &'w World,
    pub(crate) caller: Caller,
    pub(crate) programme: ProgrammeNo,
    /// The world's own, or that of a second instance on the same database.
    pub(crate) ledger: &'w Ledger,
}

impl Hand<'_> {
    /// Submits the act and waits.
    pub(crate) fn asks(&self, act: impl Act + 'static) -> Result<Answer, SubmitError> {
        self.asks_under(None, act)
    }

    /// The same under an idempotency key; `body` stands for the request that the key names.
    pub(crate) fn asks_with_key(&self, key: &str, body: &str, act: impl Act + 'static) -> Result<Answer, SubmitError> {
        self.asks_under(Some(RequestKey { digest: key.to_owned(), fingerprint: body.to_owned() }), act)
    }

    fn asks_under(&self, key: Option<RequestKey>, act: impl Act + 'static) -> Result<Answer, SubmitError> {
        let permit = self.caller.permit(act.kind()).map_err(|_| SubmitError::Forbidden)?;
        self.ledger.submit_and_wait(Submission::new(permit, self.programme, Box::new(act), key)?)
    }

    /// Submits acts that the ledger may write as one group, and waits for all.
    pub(crate) fn asks_together(&self, acts: Vec<Box<dyn Act>>) -> Vec<Result<Receipt, Refusal>> {
        let submit = |act: Box<dyn Act>| {
            let permit = self.caller.permit(act.kind()).unwrap();
            self.ledger.submit(Submission::new(permit, self.programme, act, None).unwrap())
        };
        let answers =
            actix_web::rt::System::new().block_on(futures_util::future::join_all(acts.into_iter().map(submit)));
        let outcome = |answer: Result<Answer, SubmitError>| match answer.unwrap().outcome {
            Outcome::Granted(receipt) => Ok(receipt.as_ref().clone()),
            Outcome::Refused(refusal) => Err(refusal),
        };
        answers.into_iter().map(outcome).collect()
    }

    /// The receipt of an act that must be granted.
    pub(crate) fn does(&self, act: impl Act + 'static) -> Receipt {
        match self.asks(act).unwrap().outcome {
            Outcome::Granted(receipt) => receipt.as_ref().clone(),
            Outcome::Refused(refusal) => panic!("refused on {}: {refusal:?}", self.world.engine()),
        }
    }

    /// The refusal of an act that must be refused, which must leave the journal where it was.
    pub(crate) fn is_refused(&self, act: impl Act + 'static) -> Refusal {
        let before = self.world.journal(self.programme);
        let refusal = match self.asks(act).unwrap().outcome {
            Outcome::Refused(refusal) => refusal,
            Outcome::Granted(receipt) => panic!("granted on {}: {}", self.world.engine(), receipt.bytes()),
        };
        assert_eq!(self.world.journal(self.programme), before, "a refusal changes nothing");
        refusal
    }

    /// The code of that refusal.
    pub(crate) fn is_told(&self, act: impl Act + 'static) -> Code {
        self.is_refused(act).code
    }
}

/// A person in front of a prescriber's desk.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) fingerprint: CodeMac,
    /// None, so that nobody looks like anybody else unless a test says so.
    pub(crate) likenesses: Likenesses,
    pub(crate) commitment: CodeMac,
    pub(crate) situation: Situation,
}

impl Person {
    /// Somebody of 66 from Maubeuge with everything that is asked for; another number is another person.
    pub(crate) fn senior(world: &World, number: u32) -> Self {
        let who = number.to_be_bytes();
        let seen = |kind: &str| ShownProof { kind: kind.to_owned(), issued_on: None };
        Self {
            fingerprint: world.keys.mac(Purpose::Identity, &[&who]),
            likenesses: Likenesses::default(),
            commitment: world.keys.mac(Purpose::Commitment, &[&who]),
            situation: Situation {
                birth: Day::new(1955, 3, 14).unwrap(),
                commune: CommuneCode::parse("59392").unwrap(),
                neighbourhood: None,
                statuses: BTreeSet::new(),
                proofs: vec![seen("home_proof"), seen("identity_document")],
            },
        }
    }
}

impl Person {
    /// Somebody as a counter types them: with a name, and so with likenesses.
    pub(crate) fn named(world: &World, family: &str, given: &str, birth: &str) -> Self {
        let birth = Day::parse(birth).unwrap();
        let identity = Identity::new(family, given, birth).unwrap();
        let code = &world.programme.code;
        let usual = Self::senior(world, 0);
        Self {
            fingerprint: people::fingerprint(world.keys.people(), FIRST, code, &identity),
            likenesses: people::likenesses(world.keys.people(), FIRST, code, &identity),
            situation: Situation { birth, ..usual.situation.clone() },
            ..usual
        }
    }
}

impl World {
    /// A request of the auditor, to be kept.
    pub(crate) fn access(&self) -> LoggedAccess {
        LoggedAccess {
            id: self.entropy.uuid(self.now()).to_string(),
            at: self.now(),
            user: self.user("CRC", Role::Auditor),
            role: Role::Auditor,
            method: "GET".to_owned(),
            route: "/health".to_owned(),
            path: "/health".to_owned(),
            status: 200,
            programme: None,
            number: None,
            form: None,
        }
    }
}

/// Applications of [`Person`]s, and the booklets that are mailed to them.
impl World {
    /// The person applies through `office` for a booklet of so many passes.
    pub(crate) fn application(&self, office: &str, person: &Person, passes: u32) -> File {
        let number = u32::from_be_bytes(person.fingerprint[..4].try_into().unwrap());
        let mark = self.entropy.uuid(self.now()).simple().to_string();
        File {
            office: super::short_code(office),
            reference: super::reference(&format!("DEM-{number}-{}", &mark[20..])),
            content: [1; 32],
            fingerprint: person.fingerprint,
            likenesses: person.likenesses.clone(),
            commitment: person.commitment,
            nonce: None,
            situation: person.situation.clone(),
            sex: None,
            ground: None,
            passes: Some(passes),
            dossier: b"closed".to_vec(),
            follow_up: None,
            sponsor: self.programme.sponsor,
        }
    }

    /// The Region accepts an application.
    #[expect(clippy::unused_self, reason = "asked of a world, as every act is")]
    pub(crate) const fn acceptance_of(&self, application: i64) -> Decide {
        Decide { application, decision: Decision::Accept }
    }

    /// Booklets of an order go to applicants.
    #[expect(clippy::unused_self, reason = "asked of a world, as every act is")]
    pub(crate) fn mailing(&self, order: &str, applications: impl IntoIterator<Item = i64>) -> Mail {
        let carrier_reference = Some(super::reference("BD-1"));
        let (applications, order) = (applications.into_iter().collect(), super::reference(order));
        Mail { applications, are_all_who_wait: false, order, carrier_reference }
    }

    /// Orders one booklet under this number, and mails it to somebody who applied at Maubeuge and receives it.
    pub(crate) fn mail_to_applicant(&self, order: &str, booklet: u32) {
        self.region_admin().does(self.order(order, 1));
        self.region_admin().does(self.delivery(order, [booklet]));
        self.region_finance().does(self.activation(order));
        self.prescriber("MAUB").does(self.application("MAUB", &Person::senior(self, 900), 10));
        self.region_admin().does(self.acceptance_of(1));
        self.region_admin().does(self.mailing(order, [1]));
        let letters = std::collections::BTreeMap::from([(1, Fate::Delivered(self.day()))]);
        self.region_admin().does(ReportLetters { letters });
    }
}
