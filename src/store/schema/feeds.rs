//! The tables of webhooks. What never lives here: a query.

diesel::table! {
    webhooks (id) {
        id -> Text,
        organisation_id -> Text,
        topic -> Text,
        programme_no -> Nullable<BigInt>,
        kinds -> Text,
        url -> Text,
        active -> Bool,
        generation -> BigInt,
        overlap_until_millis -> Nullable<BigInt>,
        cursor_position -> BigInt,
        attempts -> BigInt,
        not_before_millis -> BigInt,
        dead_in_a_row -> BigInt,
        leased_until_millis -> BigInt,
        version -> BigInt,
    }
}

diesel::table! {
    dead_letters (webhook_id, position) {
        webhook_id -> Text,
        position -> BigInt,
        event -> Text,
        why -> Text,
        at_millis -> BigInt,
    }
}
