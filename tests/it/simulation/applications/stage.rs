//! From what is wanted of applications, letters and stock to acts of the domain. What never lives here: what ought to come
//! of them.

use recepisse::domain::act::Act;
use recepisse::domain::allocation::{Allocate, Ground, ReallocationReason, Sending};
use recepisse::domain::applications::{Complete, Decide, Decision, End, EndReason, File, RefusalReason};
use recepisse::domain::duplicates::Likenesses;
use recepisse::domain::erasure::{Erase, Whom};
use recepisse::domain::mailing::{Mail, ReportLetters};

use super::super::people;
use super::super::script::{Case, Request};
use super::super::stage::{holder, order_number, situation};
use super::ApplicationWish;
use crate::harness::{Person, World, reference, short_code};

/// The act that is asked for.
pub(in crate::simulation) fn act(world: &World, request: &Request, wish: &ApplicationWish) -> Box<dyn Act> {
    let ground = |case: Case| (case == Case::StrangeGround).then(|| "astronaut".to_owned());
    match wish {
        ApplicationWish::File { reference: number, person, case, passes, key, agrees } => {
            let person = Person::senior(world, *person);
            Box::new(File {
                office: short_code(request.who.office),
                reference: reference(&format!("DEM-{number}")),
                content: [1; 32],
                fingerprint: person.fingerprint,
                likenesses: Likenesses { key: *key, ..Likenesses::default() },
                commitment: person.commitment,
                nonce: None,
                situation: situation(*case, person.situation),
                sex: None,
                ground: ground(*case),
                passes: *passes,
                dossier: b"closed".to_vec(),
                follow_up: people::consent(*agrees, Some([9; 32])),
                sponsor: world.programme.sponsor,
            })
        }
        ApplicationWish::Complete { application, person, case } => {
            let person = Person::senior(world, *person);
            Box::new(Complete {
                application: *application,
                office: short_code(request.who.office),
                fingerprint: person.fingerprint,
                situation: situation(*case, person.situation),
                ground: ground(*case),
            })
        }
        ApplicationWish::Decide { application, accept } => {
            let refused = Decision::Refuse(RefusalReason::NoneLeft);
            let decision = if *accept { Decision::Accept } else { refused };
            Box::new(Decide { application: *application, decision })
        }
        ApplicationWish::End { application, expired } => {
            let reason = if *expired { EndReason::Expired } else { EndReason::Withdrawn };
            Box::new(End { application: *application, reason })
        }
        ApplicationWish::Mail { applications, order } => Box::new(Mail {
            applications: applications.clone(),
            are_all_who_wait: applications.is_empty(),
            order: reference(&order_number(*order)),
            carrier_reference: None,
        }),
        ApplicationWish::Report { letters } => Box::new(ReportLetters { letters: letters.clone() }),
        ApplicationWish::Forget { person } => {
            Box::new(Erase { whom: Whom::Person(Person::senior(world, *person).fingerprint) })
        }
        ApplicationWish::ForgetOverdue { since, most } => {
            Box::new(Erase { whom: Whom::Overdue { since: *since, most: *most } })
        }
        ApplicationWish::Allocate { sendings, order } => Box::new(Allocate {
            sendings: sendings
                .iter()
                .map(|(from, to, booklets)| Sending {
                    from: holder(world, *from),
                    to: world.organisation(to),
                    booklets: *booklets,
                })
                .collect(),
            order: order.map(|number| reference(&order_number(number))),
            ground: Ground::Reallocation(ReallocationReason::Need),
        }),
    }
}
