//! What the rules on personal data refuse.

use super::{Entry, entry};

/// Erasure.
pub(super) const PEOPLE: &[Entry] = &[
    entry(
        "erasure_too_early",
        409,
        "La durée de conservation du dispositif n'est écoulée que pour les derniers contacts antérieurs au {date}. Choisissez cette date, ou une date antérieure.",
        "The programme's retention is over only for last contacts before {date}. Choose that day, or an earlier one.",
    ),
    entry(
        "erasure_waits",
        409,
        "Un acte qui concerne cette personne est enregistré en ce moment même. Refaites la demande d'effacement dans un instant.",
        "An act that concerns this person is being recorded right now. Ask for the erasure again in a moment.",
    ),
    entry(
        "erasure_application_open",
        409,
        "Cette personne a une demande en cours, la n° {application} : la Région ne saurait plus à qui elle répond. Décidez-la, ou retirez-la, puis effacez.",
        "This person has an application under way, number {application}: the Region would no longer know whom it answers. Decide on it, or withdraw it, then erase.",
    ),
    entry(
        "nothing_to_erase",
        404,
        "Le registre ne sait rien qui soit à effacer : soit la personne n'y figure pas dans ce dispositif (vérifiez l'orthographe du nom et la date de naissance), soit tout est déjà effacé.",
        "The register holds nothing to be erased: either this programme does not know the person (check the spelling and the birth date), or everything is erased already.",
    ),
    entry(
        "people_key_missing",
        503,
        "Ce serveur n'a pas la clé des personnes n° {number}, en usage dans ce dispositif : il ne reconnaîtrait pas qui a déjà reçu un carnet. Rien n'est enregistré ; refaites l'opération dans un instant. L'exploitant copie people-{number}.key dans le dossier des clés de ce serveur, sans l'arrêter.",
        "This server lacks key {number} of people, in use in this programme: it would not recognise who has had a booklet. Nothing is recorded; try again in a moment. The operator copies people-{number}.key into this server's folder of keys, without stopping it.",
    ),
    entry(
        "people_key_not_held",
        409,
        "Ce serveur n'a pas cette clé des personnes n° {number} : préparez-la (recepisse people-keys renew), ou copiez people-{number}.key dans son dossier des clés, puis recommencez.",
        "This server does not hold this key {number} of people: prepare it (recepisse people-keys renew), or copy people-{number}.key into its folder of keys, then try again.",
    ),
    entry(
        "people_key_not_later",
        409,
        "La clé des personnes en usage est la n° {number} : préparez et proposez une clé de numéro supérieur (recepisse people-keys renew).",
        "Key {number} of people is in use: prepare and propose one with a higher number (recepisse people-keys renew).",
    ),
    entry(
        "people_key_not_proposed",
        409,
        "Personne n'a proposé de nouvelle clé des personnes. L'administrateur du dispositif la propose d'abord ; vous confirmez ensuite.",
        "Nobody has proposed a new key of people. The programme's administrator proposes it first; then you confirm.",
    ),
    entry(
        "people_key_same_person",
        409,
        "Vous avez proposé cette clé vous-même : une autre personne doit la confirmer.",
        "You proposed this key yourself: somebody else must confirm it.",
    ),
    entry(
        "people_key_renewed",
        409,
        "La clé des personnes vient d'être renouvelée : cette personne doit être reconnue sous la nouvelle. Refaites l'opération, avec une nouvelle clé d'idempotence.",
        "The key of people was renewed this very moment: this person must be recognised under the new one. Do it again, under a new idempotency key.",
    ),
    entry(
        "duplicate_unknown",
        404,
        "Aucune paire de personnes à rapprocher ne porte le n° {duplicate} : vérifiez le numéro, ou l'une des deux a été effacée.",
        "No pair of people to compare has number {duplicate}: check the number, or one of the two was erased.",
    ),
    entry(
        "follow_up_not_agreed",
        409,
        "Pour la remise {hand_out}, personne n'a accepté d'être rappelé, ou cet accord est retiré, ou il a servi. Vérifiez le numéro du récépissé ; sans accord, on ne rappelle pas.",
        "For hand-out {hand_out} nobody agreed to be reminded, or took their word back, or it has served. Check the receipt's number; without a word, nobody is reminded.",
    ),
    entry(
        "follow_up_over",
        409,
        "La remise {hand_out} n'est pas à suivre : un pass a été utilisé, le carnet n'est pas entre les mains de la personne, ou le délai est passé. Ne rappelez pas cette personne.",
        "Hand-out {hand_out} is not to be followed up: a pass was spent, the booklet is not in the person's hands, or the time is over. Do not remind this person.",
    ),
    entry(
        "reminders_exhausted",
        409,
        "La personne de la remise {hand_out} a déjà été rappelée {reminders} fois, autant que le dispositif le permet. Laissez-la tranquille.",
        "The person of hand-out {hand_out} was already reminded {reminders} times, as often as the programme allows. Leave them in peace.",
    ),
    entry(
        "reminder_too_soon",
        409,
        "Il est trop tôt pour rappeler la personne de la remise {hand_out}. Attendez le {date}.",
        "It is too soon to remind the person of hand-out {hand_out}. Wait until {date}.",
    ),
    entry(
        "contact_lost",
        409,
        "Le contact de la remise {hand_out} ne peut plus être lu : la base a été restaurée d'une sauvegarde, qui n'emporte pas ce qui l'ouvrait. Ne rappelez pas cette personne, ou demandez-lui de nouveau son accord si elle revient.",
        "The contact of hand-out {hand_out} can no longer be read: a backup was put back, which does not carry what opened it. Do not remind this person, or ask for their word again if they come back.",
    ),
    // Of an act that was recorded: a warning, and never an answer of its own.
    entry(
        "possible_same_person",
        409,
        "Une personne au nom et à la date de naissance très proches est déjà connue du dispositif. Vérifiez l'orthographe sur la pièce présentée. Rien n'empêche l'acte ; une fois enregistré, la Région examinera si c'est la même personne.",
        "Somebody with a very similar name and birth date is known in this programme already. Check the spelling against the document shown. Nothing stands in the way of the act; once it is recorded, the Region will see whether they are one person.",
    ),
];
