//! Tables that an archive does not carry as such. What never lives here: those that it does (see `tables`).

/// Tables that are written again from the journal's own bytes.
pub const FROM_THE_JOURNAL: &[&str] = &["receipts", "entries", "receipt_items", "seals"];

/// Tables that no archive carries, and why.
pub const LEFT_OUT: &[(&str, &str)] = &[
    ("refresh_tokens", "sessions ouvertes"),
    ("replies", "réponses gardées sous la clé de leur demande"),
    ("restore_declarations", "déclaration en attente d'une seconde personne"),
    ("people", "empreintes des personnes"),
    ("people_keys", "sous quelle clé les personnes sont reconnues : les clés sont celles d'une installation"),
    ("commitment_nonces", "d'où le sel des engagements est tiré : détruit avec la personne"),
    ("likenesses", "ressemblances des personnes"),
    ("follow_ups", "qui accepte d'être rappelé, et comment"),
    ("possible_duplicates", "paires de personnes qui se ressemblent"),
    ("exceptions", "dérogations : l'empreinte de la personne"),
    ("accesses", "ce que les agents ont consulté"),
    ("devices", "appareils des lieux, à enrôler de nouveau"),
    ("webhooks", "abonnements : à qui ce qui arrive est dit"),
    ("dead_letters", "événements qui n'ont pas pu être dits"),
    ("hand_outs", "ce que les statistiques savent des personnes"),
];
