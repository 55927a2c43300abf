//! The tables of the registry of places, of the communes around them, and of what is published. What never lives here: a query.

diesel::table! {
    counters (name) {
        name -> Text,
        last -> BigInt,
    }
}

diesel::table! {
    places (id) {
        id -> Text,
        state -> Text,
        sheet -> Text,
        updated_on -> Text,
        in_force -> BigInt,
        revisions -> BigInt,
        venue_id -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    place_revisions (place_id, number) {
        place_id -> Text,
        number -> BigInt,
        base -> BigInt,
        sheet -> Text,
        note -> Nullable<Text>,
        user_id -> Text,
        organisation_id -> Text,
        role -> Text,
        at_millis -> BigInt,
    }
}

diesel::table! {
    place_decisions (place_id, number) {
        place_id -> Text,
        number -> BigInt,
        outcome -> Text,
        reason -> Nullable<Text>,
        user_id -> Text,
        organisation_id -> Text,
        role -> Text,
        at_millis -> BigInt,
    }
}

diesel::table! {
    place_sessions (id) {
        id -> Text,
        place_id -> Text,
        day -> Text,
        starts -> Text,
        ends -> Text,
        commune -> Text,
        address -> Text,
        latitude -> Nullable<Text>,
        longitude -> Nullable<Text>,
        note -> Nullable<Text>,
        cancelled -> Bool,
    }
}

diesel::table! {
    place_changes (no) {
        no -> BigInt,
        place_id -> Text,
        kind -> Text,
        at_millis -> BigInt,
    }
}

diesel::table! {
    commune_figures (edition, commune) {
        edition -> Text,
        commune -> Text,
        population -> BigInt,
        seniors -> BigInt,
        latitude -> Nullable<Text>,
        longitude -> Nullable<Text>,
    }
}

diesel::table! {
    publication_rules (programme_no) {
        programme_no -> BigInt,
        document -> Text,
        version -> BigInt,
    }
}
