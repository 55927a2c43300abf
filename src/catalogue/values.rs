//! Values that cannot be read, reference data, reports.

use super::{Entry, entry};

/// Values that cannot be read.
pub(super) const VALUES: &[Entry] = &[
    entry(
        "instant_malformed",
        400,
        "Le moment doit s'écrire 2026-11-24T10:06:52.123Z.",
        "The moment must be written 2026-11-24T10:06:52.123Z.",
    ),
    entry(
        "date_malformed",
        400,
        "La date doit s'écrire AAAA-MM-JJ et exister au calendrier, entre 1850 et 2200.",
        "The date must be written YYYY-MM-DD and exist, between 1850 and 2200.",
    ),
    entry(
        "month_malformed",
        400,
        "Le mois doit s'écrire AAAA-MM, entre 1850 et 2200.",
        "The month must be written YYYY-MM, between 1850 and 2200.",
    ),
    entry(
        "amount_malformed",
        400,
        "Le montant doit être un nombre entier de centimes.",
        "The amount must be a whole number of cents.",
    ),
    entry(
        "siret_malformed",
        400,
        "Ce numéro SIRET n'est pas valable : 14 chiffres, clé comprise. Vérifiez la saisie.",
        "This SIRET number is not valid: 14 digits with their check. Check the typing.",
    ),
    entry(
        "rna_malformed",
        400,
        "Ce numéro RNA n'est pas valable : W suivi de 9 chiffres.",
        "This RNA number is not valid: W followed by 9 digits.",
    ),
    entry(
        "commune_unknown",
        400,
        "Cette commune est inconnue : donnez son code INSEE (5 caractères), pas le code postal. {detail}",
        "This commune is unknown: give its INSEE code (5 characters), not the postal code. {detail}",
    ),
    entry(
        "neighbourhood_malformed",
        400,
        "Un quartier prioritaire s'écrit QP puis six chiffres (2015), ou QN, cinq caractères et une lettre (2024) : cherchez l'adresse sur la carte de l'État.",
        "A priority neighbourhood is written QP and six digits (2015), or QN, five characters and a letter (2024): look the address up on the State's map.",
    ),
    entry(
        "iban_malformed",
        400,
        "Cet IBAN n'est pas possible, ou n'est pas de la zone SEPA : vérifiez-le chiffre par chiffre.",
        "This IBAN is not possible, or not of the SEPA zone: check it digit by digit.",
    ),
    entry("bic_malformed", 400, "Un BIC compte 8 ou 11 caractères.", "A BIC has 8 or 11 characters."),
    entry(
        "serial_malformed",
        400,
        "Ce numéro de carnet ou de pass n'est pas valable. Il s'écrit comme HDF21-000123-10 ; vérifiez chaque caractère.",
        "This serial is not valid. It is written like HDF21-000123-10; check each character.",
    ),
    entry(
        "serial_range_malformed",
        400,
        "Cette suite de numéros n'est pas valable : premier et dernier carnet du même dispositif, dans l'ordre.",
        "This range is not valid: first and last booklet of the same programme, in order.",
    ),
    entry(
        "code_malformed",
        400,
        "Ce code de pass comporte une faute de frappe : 16 caractères, comme 7K3M-Q9TX-2WHB-5CTW. Vérifiez et ressaisissez.",
        "This pass code has a typing error: 16 characters, like 7K3M-Q9TX-2WHB-5CTW. Check and type again.",
    ),
    entry(
        "receipt_number_malformed",
        400,
        "Ce numéro de récépissé n'est pas valable. Il s'écrit comme HDF21-MAUB-2026-000042.",
        "This receipt number is not valid. It is written like HDF21-MAUB-2026-000042.",
    ),
    entry(
        "short_code_malformed",
        400,
        "Ce code court n'est pas valable : 2 à 10 majuscules ou chiffres, en commençant par une lettre.",
        "This short code is not valid: 2 to 10 capitals or digits, starting with a letter.",
    ),
    entry(
        "text_malformed",
        400,
        "Ce texte ne convient pas : 1 à 200 caractères, sur une seule ligne, sans caractère de contrôle.",
        "This text is not valid: 1 to 200 characters on one line, without control characters.",
    ),
    entry(
        "identifier_malformed",
        400,
        "Cette valeur ou cet identifiant n'est pas valable : corrigez le champ indiqué. {detail}",
        "This value or identifier is not valid: correct the field named. {detail}",
    ),
    entry("email_malformed", 400, "Cette adresse électronique n'est pas valable.", "This e-mail address is not valid."),
    entry(
        "person_name_malformed",
        400,
        "Le nom ou le prénom ne convient pas : des lettres, 100 caractères au plus.",
        "The family or given name is not valid: letters, at most 100 characters.",
    ),
    entry(
        "service_unknown",
        400,
        "Ce service ne figure pas dans la liste nationale des services de médiation numérique.",
        "This service is not in the national list of digital mediation services.",
    ),
    entry(
        "public_key_malformed",
        400,
        "Cette clé publique n'en est pas une : Ed25519, 64 chiffres hexadécimaux en minuscules.",
        "This is no public key: Ed25519, 64 hexadecimal digits in lower case.",
    ),
    entry(
        "rule_set_malformed",
        400,
        "Ces règles d'éligibilité ne conviennent pas : {detail}",
        "These eligibility rules are not valid: {detail}",
    ),
];

/// Reference data.
pub(super) const REFERENCE: &[Entry] = &[
    entry(
        "approver_unknown",
        422,
        "Chaque approbateur doit être un compte actif du service des finances de la Région.",
        "Each approver must be an active account of the Region's finance service.",
    ),
    entry("organisation_unknown", 404, "Cet organisme est inconnu.", "This organisation is unknown."),
    entry(
        "organisation_code_taken",
        409,
        "Ce code court, ce SIRET ou ce RNA appartient déjà à un autre organisme.",
        "This short code or registration belongs to another organisation.",
    ),
    entry(
        "email_taken",
        409,
        "Un compte existe déjà pour cette adresse électronique.",
        "There already is an account for this e-mail address.",
    ),
    entry(
        "role_not_for_organisation",
        422,
        "Ce rôle ne convient pas à cet organisme : {role} demande un organisme de type {kind}.",
        "This role does not fit this organisation: {role} needs an organisation of kind {kind}.",
    ),
    entry("programme_code_taken", 409, "Ce code de dispositif est déjà pris.", "This programme code is taken."),
    entry("programme_unknown", 404, "Ce dispositif est inconnu.", "This programme is unknown."),
    entry(
        "programme_inactive",
        409,
        "Le dispositif « {programme} » est fermé.",
        "The programme '{programme}' is closed.",
    ),
    entry(
        "sponsor_not_own",
        422,
        "Le commanditaire doit être votre propre organisme.",
        "The sponsor must be your own organisation.",
    ),
    entry(
        "dates_out_of_order",
        422,
        "La date de fin précède la date de début.",
        "The end date is before the start date.",
    ),
    entry(
        "mandate_number_taken",
        409,
        "Ce numéro de convention est déjà enregistré pour ce dispositif.",
        "This agreement number is already recorded for this programme.",
    ),
    entry(
        "provider_unknown",
        422,
        "Cet organisme n'est pas une structure de médiation active.",
        "This organisation is not an active provider.",
    ),
    entry("service_list_empty", 422, "Indiquez au moins un service.", "Name at least one service."),
    entry(
        "rule_set_version_taken",
        409,
        "Cette version des règles existe déjà ; donnez un nouveau nom de version.",
        "This version of the rules exists already; give a new version name.",
    ),
    entry(
        "organisation_kind_missing",
        422,
        "Indiquez au moins une qualité de l'organisme : région, prescripteur, structure de médiation, émetteur, auditeur ou plateforme.",
        "Name at least one kind of the organisation: region, prescriber, provider, issuer, auditor or platform.",
    ),
    entry(
        "registration_not_single",
        422,
        "Donnez le numéro SIRET ou le numéro RNA : exactement un des deux.",
        "Give the SIRET or the RNA number: exactly one of the two.",
    ),
    entry(
        "own_account",
        422,
        "Vous ne pouvez ni désactiver votre compte ou votre organisme, ni changer votre propre rôle. Demandez à un autre administrateur.",
        "You can neither disable your own account or organisation nor change your own role. Ask another administrator.",
    ),
    entry(
        "territory_unknown",
        422,
        "Le code {code} ne correspond à aucun territoire d'aujourd'hui. Vérifiez le champ indiqué.",
        "The code {code} names no territory of today. Check the field named.",
    ),
    entry("commune_not_found", 404, "Cette commune est introuvable. {detail}", "This commune was not found. {detail}"),
    entry(
        "tacit_opinion_too_early",
        422,
        "L'avis tacite du comptable public porte une date, au plus tôt un mois après la signature du {date}.",
        "A tacit opinion of the public accountant has a date, one month after the signature of {date} at the earliest.",
    ),
];

/// Reports.
pub(super) const REPORTS: &[Entry] = &[
    entry(
        "receipt_not_genuine",
        404,
        "Aucun récépissé du journal ne porte ce numéro avec cette empreinte. Vérifiez la saisie ; sinon, ce papier n'est pas authentique.",
        "No receipt of the journal has this number with this hash. Check the typing; else this paper is not genuine.",
    ),
    entry(
        "report_unknown",
        404,
        "Aucun état ne porte ce nom. La liste se trouve à …/reports.",
        "There is no report with this name. See …/reports for the list.",
    ),
    entry(
        "parameter_missing",
        400,
        "Il faut préciser le paramètre « {parameter} ».",
        "The parameter '{parameter}' is needed.",
    ),
    entry(
        "parameter_malformed",
        400,
        "La valeur du paramètre « {parameter} » n'est pas valable. Ce qui convient : {accepted}.",
        "The value of the parameter '{parameter}' is not valid. What is taken: {accepted}.",
    ),
    entry(
        "parameter_unexpected",
        400,
        "Cet état ne prend pas le paramètre « {parameter} ».",
        "This report does not take the parameter '{parameter}'.",
    ),
    entry(
        "not_in_scope",
        404,
        "Cet état n'existe pas dans votre périmètre.",
        "There is no such report within your scope.",
    ),
    entry("serial_unknown", 404, "Ce numéro de série est inconnu à cette date.", "This serial is unknown on that day."),
    entry(
        "report_only_now",
        400,
        "Cet état compare l'état présent : il ne peut pas porter sur une journée passée.",
        "This report compares the present state: it cannot speak of a past day.",
    ),
    entry(
        "chart_unknown",
        404,
        "Aucun graphique ne porte ce nom : uses-by-month, starts-by-month, booklets-by-epci ou funnel.",
        "No chart has this name: uses-by-month, starts-by-month, booklets-by-epci or funnel.",
    ),
    entry(
        "open_data_unpublished",
        404,
        "Ce dispositif ne publie pas de données ouvertes, ou n'existe pas.",
        "This programme publishes no open data, or does not exist.",
    ),
    entry(
        "dataset_unknown",
        404,
        "Ce fichier n'est pas publié. La liste des jeux de données se trouve à …/open-data.",
        "This file is not published. The list of datasets is at …/open-data.",
    ),
    entry(
        "report_without_map",
        400,
        "Cet état n'a pas de positions : seul territories se met sur une carte.",
        "This report has no positions: only territories can be put on a map.",
    ),
    entry(
        "report_too_long",
        400,
        "Cet état a plus de lignes qu'un classeur ne peut en contenir (1 048 574). Demandez-le en CSV, ou sur une période plus courte.",
        "This report has more rows than a workbook can hold (1,048,574). Ask for CSV, or for a shorter period.",
    ),
];
