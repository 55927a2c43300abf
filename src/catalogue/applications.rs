//! What the rules of applications and of letters refuse.

use super::{Entry, entry};

/// Applications, and booklets sent by tracked letter.
pub(super) const APPLICATIONS: &[Entry] = &[
    entry(
        "application_unknown",
        404,
        "La demande n° {application} est inconnue, ou n'est pas de votre organisme.",
        "Application {application} is unknown, or is not your organisation's.",
    ),
    entry(
        "application_known",
        409,
        "La référence {reference} est déjà celle de la demande n° {application}, dont le contenu est autre. Donnez une référence à chaque demande.",
        "Reference {reference} is that of application {application} already, with another content. Give each application a reference of its own.",
    ),
    entry(
        "application_open",
        409,
        "Cette personne a déjà une demande en cours dans le dispositif. Elle doit aboutir, ou être retirée, avant une autre remise.",
        "This person has an application under way in this programme. It must end, or be withdrawn, before anything else is given.",
    ),
    entry(
        "application_not_open",
        409,
        "La demande n° {application} n'admet plus cet acte : elle est {state}.",
        "Application {application} does not admit this act any more ({state}).",
    ),
    entry(
        "application_incomplete",
        409,
        "La demande n° {application} n'est pas complète. Ce qui n'est pas encore établi (un seul des motifs prévus suffit) : {missing}. Faites-la compléter, ou refusez-la.",
        "Application {application} is not complete. What is not shown yet (one of the grounds is enough): {missing}. Have it completed, or refuse it.",
    ),
    entry(
        "applicant_unknown",
        409,
        "La demande n° {application} vient d'une archive, qui ne dit pas de qui : rien ne peut plus être accordé ni envoyé à son titre. Faites déposer une nouvelle demande par {office}, et mettez fin à celle-ci.",
        "Application {application} comes from an archive, which does not say whose it is: nothing can be granted or sent for it any more. Have {office} file a new one, and end this one.",
    ),
    entry(
        "application_not_expired",
        409,
        "La demande n° {application} court encore jusqu'au {date} inclus.",
        "Application {application} still has time until {date}, that day included.",
    ),
    entry(
        "channels_mixed",
        409,
        "Cette personne a déjà reçu ou obtenu des pass par l'autre voie (demande à la Région, ou guichet d'un prescripteur) : une personne n'en reçoit que par une seule. Une dérogation de la Région peut lever la règle.",
        "This person has received or been granted passes through the other channel (application to the Region, or a prescriber's desk): one person receives through one only. An exception granted by the Region may lift the rule.",
    ),
    entry(
        "booklet_size_differs",
        422,
        "La demande n° {application} porte sur un carnet de {wanted} pass : ceux de la commande {order} n'en ont pas autant. Envoyez-la avec une autre commande.",
        "Application {application} is for a booklet of {wanted} passes: those of order {order} have another number. Mail it from another order.",
    ),
    entry(
        "nobody_waits_for_order",
        409,
        "Aucune demande acceptée n'attend un carnet de {size} pass, comme ceux de la commande « {order} ». Acceptez d'abord des demandes, envoyez une commande de l'autre taille, ou nommez les demandes dont la lettre est revenue.",
        "No accepted application waits for a booklet of {size} passes, as those of order '{order}' are. Accept applications first, mail an order of the other size, or name the applications whose letter came back.",
    ),
    entry(
        "letter_not_on_its_way",
        409,
        "Aucune lettre n'est en chemin pour la demande n° {application} : sa suite est déjà enregistrée, ou le carnet a été retiré.",
        "No letter is on its way for application {application}: what became of it is recorded already, or the booklet was taken out of use.",
    ),
    entry(
        "letter_date_impossible",
        422,
        "La lettre de la demande n° {application} n'a pas pu être distribuée le {date} : elle a été déposée le {posted}, et la date ne peut être à venir.",
        "The letter of application {application} cannot have been delivered on {date}: it was posted on {posted}, and the date may not lie in the future.",
    ),
    entry(
        "letter_unknown",
        422,
        "Aucune lettre ne porte ce numéro de suivi, ni aucune demande ce numéro. Vérifiez la ligne, ou enregistrez d'abord les numéros de suivi de l'envoi.",
        "No letter has this tracking number, and no application this number. Check the line, or record the tracking numbers of the sending first.",
    ),
    entry(
        "letter_named_twice",
        422,
        "Cette lettre figure déjà à la ligne {line} du fichier.",
        "This letter stands in line {line} of the file already.",
    ),
    entry(
        "tracking_taken",
        422,
        "Ce numéro de suivi est déjà celui d'une autre lettre. Vérifiez la ligne.",
        "This tracking number is another letter's already. Check the line.",
    ),
    entry(
        "letter_line_malformed",
        422,
        "La ligne ne se lit pas. Attendu : numéro de suivi ou de demande ; delivered ou returned ; date (AAAA-MM-JJ) ; cause du retour.",
        "The line cannot be read. Expected: tracking or application number; delivered or returned; date (YYYY-MM-DD); cause of the return.",
    ),
    entry(
        "tracking_line_malformed",
        422,
        "La ligne ne se lit pas. Attendu : numéro de demande ; numéro de suivi du transporteur.",
        "The line cannot be read. Expected: application number; tracking number of the carrier.",
    ),
    entry(
        "prescriber_named_twice",
        422,
        "Le prescripteur {code} figure deux fois dans la répartition. Donnez-lui un seul poids.",
        "Prescriber {code} stands twice in the allocation. Give it one weight.",
    ),
    entry(
        "allocation_too_small",
        422,
        "Les parts fixes demandent {needed} carnets, la répartition n'en a que {booklets}. Baissez la part fixe, ou répartissez davantage.",
        "The fixed parts need {needed} booklets, the allocation has {booklets}. Lower the fixed part, or allocate more.",
    ),
    entry(
        "weight_missing",
        422,
        "Avec cette clé, chaque prescripteur a un poids (weight) : le nombre d'habitants des quartiers prioritaires, ou celui de la décision.",
        "With this key each prescriber has a weight: the residents of priority districts, or what the decision says.",
    ),
    entry(
        "training_missing",
        409,
        "Le dispositif demande une formation avant de remettre des carnets : la vôtre n'est pas enregistrée au {date}, ou n'est plus valable. Adressez-vous à la Région.",
        "The programme asks for a training before booklets are handed out: yours is not on record on {date}, or no longer counts. Ask the Region.",
    ),
    entry(
        "orientation_missing",
        422,
        "Le dispositif demande de dire vers quel lieu la personne est orientée, ou pour quel besoin. Choisissez un lieu de la cartographie, un lieu d'utilisation, ou un besoin.",
        "This programme asks where the person is told to go, or what for. Choose a place of the registry, a venue, or a need.",
    ),
    entry(
        "agent_unknown",
        422,
        "Ce compte n'est pas celui d'un agent de prescripteur. Choisissez-le dans la liste des comptes.",
        "This account is not that of a prescriber's agent. Choose it from the list of accounts.",
    ),
    entry(
        "dossier_erased",
        409,
        "Le nom et l'adresse de la demande n° {application} sont effacés : ils avaient servi.",
        "Name and address of application {application} are erased: they had served.",
    ),
    entry(
        "dossier_lost",
        409,
        "Le nom et l'adresse de la demande n° {application} ne peuvent plus être lus : la base a été restaurée d'une sauvegarde, qui n'emporte pas ce qui les ouvrait. Faites renvoyer la demande par l'organisme qui l'a déposée, avec la même référence et le même contenu.",
        "Name and address of application {application} can no longer be read: a backup was put back, which does not carry what opened them. Have the application sent again by whoever filed it, with the same reference and the same content.",
    ),
];
