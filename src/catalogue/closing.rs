//! Closings, and the tree over the journal.

use super::{Entry, entry};

/// A period that cannot be closed.
pub(super) const CLOSING: &[Entry] = &[
    entry(
        "closing_nothing_yet",
        409,
        "Aucun récépissé n'est encore établi dans ce dispositif : il n'y a rien à clôturer.",
        "No receipt was issued in this programme yet: there is nothing to close.",
    ),
    entry(
        "closing_too_early",
        409,
        "Cette période dure jusqu'au {date} inclus : clôturez-la à partir du lendemain.",
        "This period lasts until {date} included: close it from the next day on.",
    ),
    entry(
        "closing_already_made",
        409,
        "La période qui se termine le {date} est déjà close. Son procès-verbal se trouve dans la liste des clôtures.",
        "The period that ends on {date} is already closed. Its record is in the list of closings.",
    ),
    entry(
        "closing_out_of_order",
        409,
        "Les périodes se clôturent dans l'ordre. La prochaine va du {first} au {last}.",
        "Periods are closed in order. The next one goes from {first} to {last}.",
    ),
    entry(
        "closing_parts_open",
        409,
        "Clôturez d'abord les jours du mois, ou les mois de l'année, jusqu'au {date}.",
        "Close the days of the month, or the months of the year, up to {date} first.",
    ),
];

/// The tree over a journal, and its witnesses.
pub(super) const TREE: &[Entry] = &[
    entry(
        "tree_size_unknown",
        404,
        "Le journal n'a pas encore {size} récépissés. Demandez une taille ou une position qu'il a atteinte.",
        "The journal does not have {size} receipts yet. Ask for a size or a position that it has reached.",
    ),
    entry(
        "cosignature_not_ours",
        422,
        "Cette ligne n'est pas la signature d'un témoin déclaré sur l'arbre de cette taille. Vérifiez la taille, la ligne et la clé du témoin (option --witness du serveur).",
        "This line is not the signature of a declared witness over the tree of this size. Check the size, the line and the witness's key (option --witness of the server).",
    ),
    entry(
        "cosignature_older",
        409,
        "Une signature plus récente de ce témoin est déjà enregistrée.",
        "A newer signature of this witness is already kept.",
    ),
];
