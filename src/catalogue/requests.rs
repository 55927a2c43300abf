//! About the request itself, signing in and rights.

use super::{Entry, INTERNAL, entry};

/// About the request itself.
pub(super) const REQUESTS: &[Entry] = &[
    INTERNAL,
    entry(
        "request_broken_off",
        500,
        "Une erreur interne a interrompu la requête : on ne sait pas si l'opération a été enregistrée. Renvoyez la même requête avec la même clé, et transmettez l'identifiant de trace à l'exploitant.",
        "An internal error broke the request off: it is not known whether this was recorded. Send the same request with the same key, and give the trace identifier to the operator.",
    ),
    entry(
        "body_malformed",
        400,
        "Le corps de la requête ne convient pas : {detail}. Corrigez le champ indiqué puis renvoyez.",
        "The request body is not as expected: {detail}. Correct the field named and send again.",
    ),
    entry(
        "query_malformed",
        400,
        "Un paramètre de l'adresse ne convient pas : {detail}.",
        "A query parameter is not as expected: {detail}.",
    ),
    entry(
        "path_malformed",
        404,
        "Cette adresse ne correspond à rien : {detail}.",
        "This address leads nowhere: {detail}.",
    ),
    entry(
        "address_too_long",
        414,
        "Cette adresse est trop longue (limite : {limit} octets). Mettez moins de paramètres.",
        "This address is too long (limit: {limit} bytes). Pass fewer parameters.",
    ),
    entry(
        "route_unknown",
        404,
        "Cette adresse n'existe pas. La liste des adresses se trouve à /docs.",
        "There is nothing at this address. See /docs for what exists.",
    ),
    entry(
        "not_found",
        404,
        "Introuvable : cet élément n'existe pas ou n'est pas dans votre périmètre.",
        "Not found: it does not exist or is outside your scope.",
    ),
    entry(
        "method_not_allowed",
        405,
        "Cette adresse n'accepte pas cette méthode. Méthodes admises : {allowed}.",
        "This address does not take this method. Allowed: {allowed}.",
    ),
    entry(
        "body_too_large",
        413,
        "La requête est trop volumineuse (limite : {limit} octets). Découpez l'envoi.",
        "The request is too large (limit: {limit} bytes). Split it.",
    ),
    entry(
        "body_too_slow",
        408,
        "La requête n'est pas arrivée à temps. Vérifiez la connexion puis renvoyez avec la même clé.",
        "The request did not arrive in time. Check the connection and send again with the same key.",
    ),
    entry(
        "media_type_unsupported",
        415,
        "Le type de contenu attendu est {expected}.",
        "The expected content type is {expected}.",
    ),
    entry(
        "not_acceptable",
        406,
        "Ce document existe en application/json, text/html et application/pdf.",
        "This document is available as application/json, text/html and application/pdf.",
    ),
    entry(
        "idempotency_key_missing",
        400,
        "L'en-tête Idempotency-Key est obligatoire : choisissez un identifiant unique par opération et gardez-le pour réessayer.",
        "The Idempotency-Key header is required: choose one identifier per operation and keep it for retries.",
    ),
    entry(
        "idempotency_key_malformed",
        400,
        "L'en-tête Idempotency-Key doit compter 16 à 64 caractères parmi lettres, chiffres, « - » et « _ ».",
        "Idempotency-Key must have 16 to 64 characters among letters, digits, '-' and '_'.",
    ),
    entry(
        "idempotency_key_reused",
        422,
        "Cette clé d'idempotence a déjà servi pour une autre requête. Choisissez une nouvelle clé pour cette opération.",
        "This idempotency key was used for another request. Choose a new key for this operation.",
    ),
    entry(
        "request_in_flight",
        409,
        "Une requête avec cette clé est encore en cours. Attendez un instant puis renvoyez la même requête avec la même clé.",
        "A request with this key is still being worked on. Wait a moment, then send the same request with the same key.",
    ),
    entry(
        "if_match_missing",
        428,
        "L'en-tête If-Match est obligatoire : reprenez l'ETag reçu à la lecture.",
        "The If-Match header is required: use the ETag received when reading.",
    ),
    entry(
        "version_conflict",
        412,
        "Cet élément a changé depuis votre lecture. Relisez-le puis refaites votre modification.",
        "This was changed since you read it. Read it again, then redo your change.",
    ),
    entry(
        "too_busy",
        503,
        "Le service est très sollicité. Rien n'a été enregistré ; réessayez dans quelques secondes avec la même clé.",
        "The service is busy. Nothing was recorded; try again in a few seconds with the same key.",
    ),
    entry(
        "storage_failed",
        503,
        "La base de données n'a pas pu faire ce qui était demandé. Rien n'a été enregistré ; réessayez dans quelques secondes avec la même clé, et prévenez l'exploitant si cela dure.",
        "The database could not do what was asked. Nothing was recorded; try again in a few seconds with the same key, and tell the operator if it goes on.",
    ),
    entry(
        "read_database_unreachable",
        503,
        "La base de lecture des états ne répond pas. Les opérations au guichet continuent ; redemandez l'état dans quelques minutes.",
        "The database for reports does not answer. Work at the counter goes on; ask for the report again in a few minutes.",
    ),
    entry(
        "stopping",
        503,
        "Le service s'arrête. Rien n'a été enregistré ; réessayez dans quelques instants avec la même clé.",
        "The service is stopping. Nothing was recorded; try again shortly with the same key.",
    ),
    entry(
        "outcome_unknown",
        503,
        "On ne sait pas encore si l'opération a été enregistrée. Renvoyez la même requête avec la même clé : la réponse sera définitive.",
        "It is not known yet whether this was recorded. Send the same request with the same key: the answer will be definite.",
    ),
    entry(
        "ledger_rolled_back",
        503,
        "Le journal de ce dispositif est plus court que ce qui avait été remis : des récépissés ont été perdus. Rien n'a été enregistré, la lecture reste possible. Prévenez l'administrateur du dispositif à la Région ; gardez votre clé et réessayez après sa déclaration.",
        "This programme's journal is shorter than what was given out: receipts were lost. Nothing was recorded, reading goes on. Tell the programme's administrator at the Region; keep your key and try again once the loss is declared.",
    ),
    entry(
        "storage_full",
        507,
        "Le disque du serveur est presque plein. Rien n'a été enregistré ; prévenez l'exploitant, puis renvoyez la même requête avec la même clé.",
        "The server's disk is almost full. Nothing was recorded; tell the operator, then send the same request with the same key.",
    ),
    entry(
        "clock_behind",
        503,
        "L'horloge du serveur est en retard sur le journal. Rien n'a été enregistré ; prévenez l'exploitant.",
        "The server's clock is behind the journal. Nothing was recorded; tell the operator.",
    ),
    entry(
        "clock_ahead",
        503,
        "L'horloge du serveur a été avancée. Rien n'a été enregistré ; prévenez l'exploitant.",
        "The server's clock was set forward. Nothing was recorded; tell the operator.",
    ),
];

/// Signing in and rights.
pub(super) const ACCESS: &[Entry] = &[
    entry(
        "token_missing",
        401,
        "Connectez-vous : l'en-tête Authorization est absent.",
        "Sign in: the Authorization header is missing.",
    ),
    entry(
        "token_invalid",
        401,
        "Ce jeton n'est pas valable. Connectez-vous de nouveau.",
        "This token is not valid. Sign in again.",
    ),
    entry(
        "token_expired",
        401,
        "Votre session a expiré. Renouvelez le jeton ou connectez-vous de nouveau.",
        "Your token has expired. Refresh it or sign in again.",
    ),
    entry(
        "credentials_wrong",
        401,
        "L'adresse électronique ou le mot de passe ne convient pas.",
        "The e-mail address or the password is wrong.",
    ),
    entry(
        "sign_in_delayed",
        429,
        "Trop d'essais manqués. Attendez {seconds} s avant de réessayer.",
        "Too many failed attempts. Wait {seconds} seconds before trying again.",
    ),
    entry(
        "too_many_requests",
        429,
        "Trop de demandes en peu de temps. Attendez {seconds} s puis réessayez.",
        "Too many requests. Wait {seconds} seconds and try again.",
    ),
    entry(
        "refresh_token_invalid",
        401,
        "Ce jeton de renouvellement n'est plus valable. Connectez-vous de nouveau.",
        "This refresh token is no longer valid. Sign in again.",
    ),
    entry(
        "forbidden",
        403,
        "Votre rôle ne permet pas cette opération. Adressez-vous à l'administrateur de la Région.",
        "Your role does not allow this. Ask the Region's administrator.",
    ),
    entry(
        "account_disabled",
        403,
        "Ce compte ou son organisme est désactivé. Adressez-vous à l'administrateur de la Région.",
        "This account or its organisation is disabled. Ask the Region's administrator.",
    ),
    entry(
        "device_not_active",
        409,
        "L'appareil « {device} » n'est pas enrôlé, ou il a été révoqué : rien de ce qu'il signe n'est accepté. Enrôlez-le de nouveau, ou saisissez ses lignes en ligne.",
        "Device “{device}” is not enrolled, or was revoked: nothing that it signs is accepted. Enrol it anew, or enter its lines on line.",
    ),
    entry(
        "enrolment_code_unknown",
        404,
        "Ce code d'enrôlement est inconnu, a déjà servi ou n'est plus valable. Demandez-en un nouveau au lieu.",
        "This enrolment code is unknown, has served or has lapsed. Ask the venue for a new one.",
    ),
    entry(
        "device_unknown",
        404,
        "Cet appareil est inconnu, ou n'est pas d'un lieu de votre structure.",
        "This device is unknown, or not of a venue of your organisation.",
    ),
    entry(
        "signature_invalid",
        422,
        "La signature n'est pas celle de cet appareil pour ce texte. La ligne a été altérée, ou signée par une autre clé.",
        "The signature is not this device's for this text. The line was altered, or signed by another key.",
    ),
    entry(
        "account_expired",
        403,
        "Ce compte était valable jusqu'au {date}. Demandez à l'administrateur de la Région de le prolonger.",
        "This account was valid until {date}. Ask the Region's administrator to extend it.",
    ),
    entry(
        "password_too_short",
        422,
        "Le mot de passe doit compter au moins 15 caractères. Une phrase convient très bien.",
        "The password must have at least 15 characters. A sentence does very well.",
    ),
    entry(
        "password_too_long",
        422,
        "Le mot de passe ne doit pas dépasser 128 caractères.",
        "The password must not exceed 128 characters.",
    ),
    entry(
        "password_too_common",
        422,
        "Ce mot de passe est trop facile à deviner. Choisissez une phrase que vous seul connaissez.",
        "This password is too easy to guess. Choose a sentence only you know.",
    ),
];
