//! The registry of places, its files, figures of communes, and following what happened.

use super::{Entry, entry};

/// Following what happened.
pub(super) const FEEDS: &[Entry] = &[
    entry("webhook_unknown", 404, "Cet abonnement est inconnu.", "This webhook is unknown."),
    entry(
        "webhook_address_refused",
        422,
        "Cette adresse n'est pas appelée : il faut https://, et une machine de l'Internet public.",
        "This address is not called: it takes https:// and a machine of the public Internet.",
    ),
    entry(
        "webhook_places_whole",
        422,
        "Le registre des lieux se suit en entier : ne donnez ni dispositif, ni natures.",
        "The registry of places is followed as a whole: give neither programme nor kinds.",
    ),
    entry(
        "webhook_kinds_of_receipts",
        422,
        "Les natures ne se choisissent que pour les récépissés : une demande se suit en entier.",
        "Kinds are chosen for receipts only: an application is followed as a whole.",
    ),
    entry(
        "too_many_webhooks",
        409,
        "Votre organisme a déjà {limit} abonnements : modifiez-en un.",
        "Your organisation has {limit} webhooks already: change one of them.",
    ),
];

/// Values of a sheet, decisions on it, files of the national standard.
pub(super) const PLACES: &[Entry] = &[
    entry(
        "degrees_malformed",
        400,
        "Une coordonnée s'écrit en degrés décimaux avec un point, comme 50.27875 (latitude entre -90 et 90).",
        "A coordinate is written in decimal degrees with a point, like 50.27875 (latitude between -90 and 90).",
    ),
    entry("postal_code_malformed", 400, "Un code postal compte cinq chiffres.", "A postal code has five digits."),
    entry(
        "pivot_malformed",
        400,
        "Le pivot est un SIRET, un RNA ou un RIDET : 9 à 14 lettres et chiffres.",
        "The pivot is a SIRET, RNA or RIDET number: 9 to 14 letters and digits.",
    ),
    entry(
        "phone_malformed",
        400,
        "Un numéro de téléphone s'écrit avec son indicatif, comme +33327530000 ; pour un contact à rappeler, 06 12 34 56 78 convient aussi.",
        "A telephone number is written with its country code, like +33327530000; for somebody to be reminded, 06 12 34 56 78 will do as well.",
    ),
    entry(
        "web_address_malformed",
        400,
        "Une adresse de page commence par https:// ou http:// et ne contient pas d'espace.",
        "The address of a page begins with https:// or http:// and has no space.",
    ),
    entry(
        "opening_hours_malformed",
        400,
        "Les horaires suivent la syntaxe d'OpenStreetMap, comme Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00.",
        "Opening hours follow the syntax of OpenStreetMap, like Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00.",
    ),
    entry(
        "term_malformed",
        400,
        "Une valeur de liste compte 1 à 200 caractères, sur une ligne, sans barre verticale.",
        "A value of a list has 1 to 200 characters on one line, without a vertical bar.",
    ),
    entry("time_of_day_malformed", 400, "Une heure s'écrit comme 09:30.", "A time of day is written like 09:30."),
    entry(
        "place_commune_unknown",
        422,
        "Ni le code INSEE, ni le nom avec le code postal ne désignent une commune d'aujourd'hui : corrigez l'un des deux.",
        "Neither the INSEE code nor the name with the postal code is that of a commune of today: correct one of them.",
    ),
    entry(
        "position_incomplete",
        422,
        "Donnez la latitude et la longitude ensemble, ou aucune des deux.",
        "Give latitude and longitude together, or neither.",
    ),
    entry(
        "term_unknown",
        422,
        "Une valeur n'est pas dans la liste nationale de la colonne {column} : choisissez-en une autre.",
        "A value is not in the national list of column {column}: choose another.",
    ),
    entry(
        "term_repeated",
        422,
        "La même valeur est donnée deux fois dans la colonne {column}.",
        "The same value is given twice in column {column}.",
    ),
    entry(
        "too_many_terms",
        422,
        "La colonne {column} a plus de trente valeurs.",
        "Column {column} has more than thirty values.",
    ),
    entry(
        "third_place_activities_missing",
        422,
        "Un tiers-lieu exerce au moins deux des cinq activités : complétez la liste, ou retirez-la.",
        "A third place does at least two of the five activities: complete the list, or leave it out.",
    ),
    entry("place_unknown", 404, "Ce lieu n'est pas au registre.", "This place is not in the registry."),
    entry("revision_unknown", 404, "Cette proposition est inconnue.", "This proposal is unknown."),
    entry(
        "revision_already_decided",
        409,
        "Cette proposition a déjà été acceptée ou refusée.",
        "This proposal was accepted or refused already.",
    ),
    entry(
        "revision_outdated",
        409,
        "La fiche a changé depuis : relisez-la, puis proposez de nouveau.",
        "The description has changed since: read it again, then propose again.",
    ),
    entry("place_withdrawn", 409, "Ce lieu a été retiré du registre.", "This place was withdrawn from the registry."),
    entry(
        "place_not_published",
        409,
        "Ce lieu n'est pas publié : acceptez d'abord sa fiche.",
        "This place is not published: accept its description first.",
    ),
    entry(
        "venue_linked_already",
        409,
        "Ce lieu d'utilisation est déjà rattaché à une autre fiche.",
        "This venue is linked to another place already.",
    ),
    entry("session_unknown", 404, "Cette séance est inconnue.", "This session is unknown."),
    entry(
        "session_not_ahead",
        422,
        "Une séance s'annonce d'aujourd'hui à deux ans.",
        "A session is announced from today to two years ahead.",
    ),
    entry(
        "place_file_malformed",
        400,
        "Ce fichier n'est pas une liste de lieux au format national : {detail}.",
        "This file is not a list of places in the national format: {detail}.",
    ),
    entry(
        "place_file_refused",
        422,
        "Des lignes du fichier sont refusées ; rien n'a été enregistré. Corrigez-les, ou reprenez avec keep_unknown=true ou partial=true.",
        "Some lines of the file are refused; nothing was recorded. Correct them, or try again with keep_unknown=true or partial=true.",
    ),
    entry("column_empty", 422, "Une colonne obligatoire est vide.", "A required column is empty."),
    entry(
        "column_unknown",
        422,
        "Cette colonne n'est pas du format national : elle est laissée de côté.",
        "This column is not of the national format: it is left aside.",
    ),
    entry("id_repeated", 422, "Le même identifiant est sur deux lignes.", "The same identifier is on two lines."),
    entry(
        "pivot_not_registered",
        422,
        "Ce numéro ne peut être ni un SIRET ni un RNA : il est gardé tel quel, à compléter.",
        "This number can be neither a SIRET nor an RNA number: it is kept as it is, to be completed.",
    ),
    entry(
        "pass_declared",
        422,
        "Le fichier dit que ce lieu accepte le pass : c'est noté, et seule l'approbation de la Région le permet.",
        "The file says that this place takes passes: it is noted, and only the Region's approval allows it.",
    ),
    entry(
        "possible_duplicate",
        409,
        "Ce lieu ressemble à un autre du registre : comparez-les, puis reprenez avec create_look_alikes=true s'ils sont distincts.",
        "This place looks like another of the registry: compare them, then try again with create_look_alikes=true if they differ.",
    ),
];

/// Tables of commune figures.
pub(super) const COMMUNES: &[Entry] = &[
    entry(
        "commune_file_malformed",
        400,
        "Ce fichier n'est pas un tableau d'habitants par commune : {detail}.",
        "This file is not a table of inhabitants by commune: {detail}.",
    ),
    entry(
        "commune_file_refused",
        422,
        "Des lignes du fichier sont à corriger ; rien n'a été enregistré. Voir le verdict ligne par ligne.",
        "Some lines of the file need correcting; nothing was recorded. See the verdict line by line.",
    ),
    entry(
        "figures_malformed",
        422,
        "La population et ses habitants de 60 ans ou plus sont des nombres entiers, les seconds au plus égaux à la première.",
        "The population and its inhabitants of 60 and over are whole numbers, the second at most equal to the first.",
    ),
    entry(
        "commune_repeated",
        422,
        "Cette commune figure déjà à la ligne {detail} du fichier.",
        "This commune is on line {detail} of the file already.",
    ),
];
