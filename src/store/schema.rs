//! The tables as the migrations make them. Written from `migrations/`; `tests/it/engines.rs` holds it against
//! both engines. What never lives here: a query.

mod around;
mod distribution;
mod feeds;
mod money;
mod personal;
mod registry;

pub(in crate::store) use around::{
    accesses, bank_files, claim_rules, cosignatures, devices, end_rules, offline_rules, offline_uses, payees,
};
pub(in crate::store) use distribution::{applications, distribution_rules, letters, trainings};
pub(in crate::store) use feeds::{dead_letters, webhooks};
pub(in crate::store) use money::{
    claim_passes, claims, issuer_lines, issuer_statements, overpayments, payment_lines, payments, recoveries,
};
pub(in crate::store) use personal::{
    commitment_nonces, exceptions, follow_up_rules, follow_ups, hand_outs, likenesses, people, people_keys,
    possible_duplicates, replacements, retention_rules,
};
pub(in crate::store) use registry::{
    commune_figures, counters, place_changes, place_decisions, place_revisions, place_sessions, places,
    publication_rules,
};

diesel::table! {
    organisations (id) {
        id -> Text,
        code -> Text,
        kinds -> Text,
        name -> Text,
        registration -> Text,
        commune -> Text,
        address -> Nullable<Text>,
        email -> Nullable<Text>,
        phone -> Nullable<Text>,
        active -> Bool,
        version -> BigInt,
    }
}

diesel::table! {
    users (id) {
        id -> Text,
        email -> Text,
        display_name -> Text,
        organisation_id -> Text,
        role -> Text,
        password_hash -> Text,
        active -> Bool,
        failures -> BigInt,
        last_failure_millis -> Nullable<BigInt>,
        version -> BigInt,
        valid_until -> Nullable<Text>,
    }
}

diesel::table! {
    refresh_tokens (digest) {
        digest -> Text,
        session_id -> Text,
        user_id -> Text,
        expires_millis -> BigInt,
        used -> Bool,
        revoked -> Bool,
    }
}

diesel::table! {
    programmes (no) {
        no -> BigInt,
        code -> Text,
        label -> Text,
        sponsor_id -> Text,
        face_value_cents -> BigInt,
        entitlement_passes -> BigInt,
        distribution_from -> Text,
        distribution_until -> Text,
        grace_days -> BigInt,
        payer -> Text,
        territory -> Text,
        services -> Text,
        active -> Bool,
        version -> BigInt,
    }
}

diesel::table! {
    rule_sets (programme_no, version) {
        programme_no -> BigInt,
        version -> Text,
        valid_from -> Text,
        document -> Text,
    }
}

diesel::table! {
    venues (id) {
        id -> Text,
        provider_id -> Text,
        name -> Text,
        commune -> Text,
        address -> Nullable<Text>,
        mobile -> Bool,
        services -> Text,
        approved -> Bool,
        active -> Bool,
        version -> BigInt,
    }
}

diesel::table! {
    mandates (id) {
        id -> Text,
        programme_no -> BigInt,
        prescriber_id -> Text,
        kind -> Text,
        number -> Text,
        signed_on -> Text,
        signatory -> Text,
        starts_on -> Text,
        ends_on -> Text,
        accountant_opinion_on -> Nullable<Text>,
        opinion_is_tacit -> Bool,
        ceiling_booklets -> BigInt,
        ceiling_cents -> BigInt,
        revoked_on -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    journals (programme_no) {
        programme_no -> BigInt,
        door -> BigInt,
        position -> BigInt,
        head -> Text,
        at_millis -> BigInt,
        last_booklet -> BigInt,
        last_order -> BigInt,
        last_dispatch -> BigInt,
        last_exception -> BigInt,
        epoch -> BigInt,
    }
}

diesel::table! {
    closings (programme_no, period, last_day) {
        programme_no -> BigInt,
        period -> Text,
        last_day -> Text,
        first_day -> Text,
        first_position -> BigInt,
        last_position -> BigInt,
        position -> BigInt,
    }
}

diesel::table! {
    tree_blocks (programme_no, number) {
        programme_no -> BigInt,
        number -> BigInt,
        hash -> Binary,
    }
}

diesel::table! {
    restore_declarations (programme_no) {
        programme_no -> BigInt,
        user_id -> Text,
        pseudonym -> Text,
        reason -> Text,
        restored_epoch -> BigInt,
        restored_position -> BigInt,
        restored_head -> Text,
        known_epoch -> BigInt,
        known_position -> BigInt,
        known_head -> Text,
    }
}

diesel::table! {
    receipts (programme_no, position) {
        programme_no -> BigInt,
        position -> BigInt,
        number -> Text,
        kind -> Text,
        at_millis -> BigInt,
        day -> Text,
        office -> Text,
        booklets -> BigInt,
        passes -> BigInt,
        value_cents -> BigInt,
        hash -> Text,
        body -> Text,
    }
}

diesel::table! {
    entries (programme_no, position, line) {
        programme_no -> BigInt,
        position -> BigInt,
        line -> BigInt,
        day -> Text,
        kind -> Text,
        batch_id -> BigInt,
        from_holder -> Text,
        to_holder -> Text,
        booklets -> BigInt,
        passes -> BigInt,
        value_cents -> BigInt,
    }
}

diesel::table! {
    receipt_items (item, position) {
        item -> BigInt,
        programme_no -> BigInt,
        position -> BigInt,
    }
}

diesel::table! {
    seals (programme_no, position) {
        programme_no -> BigInt,
        position -> BigInt,
        hash -> Text,
        key_id -> Text,
        signature -> Text,
    }
}

diesel::table! {
    replies (key_digest) {
        key_digest -> Text,
        fingerprint -> Text,
        programme_no -> BigInt,
        at_millis -> BigInt,
        outcome -> Text,
    }
}

diesel::table! {
    refused_hand_outs (id) {
        id -> Text,
        programme_no -> BigInt,
        at_millis -> BigInt,
        day -> Text,
        office -> Text,
        code -> Text,
        rule_version -> Text,
        lacking -> Text,
    }
}

diesel::table! {
    refused_scans (id) {
        id -> Text,
        programme_no -> BigInt,
        at_millis -> BigInt,
        day -> Text,
        office -> Text,
        venue_id -> Text,
        service -> Text,
        code -> Text,
        serials -> Text,
        unknown_codes -> BigInt,
    }
}

diesel::table! {
    series (programme_no, office, year) {
        programme_no -> BigInt,
        office -> Text,
        year -> BigInt,
        last_number -> BigInt,
    }
}

diesel::table! {
    balances (programme_no, holder, batch_id) {
        programme_no -> BigInt,
        holder -> Text,
        batch_id -> BigInt,
        booklets -> BigInt,
        passes -> BigInt,
        value_cents -> BigInt,
    }
}

diesel::table! {
    orders (id) {
        id -> BigInt,
        programme_no -> BigInt,
        number -> Text,
        ordered_on -> Text,
        issuer_id -> Text,
        first_booklet -> BigInt,
        last_booklet -> BigInt,
        passes_per_booklet -> BigInt,
        face_value_cents -> BigInt,
        fees_cents -> BigInt,
        funding -> Text,
        validity_end -> Text,
        grace_end -> Text,
        deliveries -> BigInt,
        delivered_booklets -> BigInt,
        payment_order -> Nullable<Text>,
        activated_millis -> Nullable<BigInt>,
        hand_outs_suspended -> Bool,
        redemptions_suspended -> Bool,
        expired_on -> Nullable<Text>,
        acknowledged_on -> Nullable<Text>,
    }
}

diesel::table! {
    batches (id) {
        id -> BigInt,
        programme_no -> BigInt,
        delivered_on -> Text,
        note -> Text,
        print_nonce -> Nullable<Binary>,
        generated -> Bool,
    }
}

diesel::table! {
    booklets (id) {
        id -> BigInt,
        batch_id -> BigInt,
        size -> BigInt,
        holder -> Text,
        passes_left -> BigInt,
        handed_out_on -> Nullable<Text>,
    }
}

diesel::table! {
    passes (id) {
        id -> BigInt,
        code_mac -> Binary,
        holder -> Nullable<Text>,
    }
}

diesel::table! {
    dispatches (programme_no, number) {
        programme_no -> BigInt,
        number -> BigInt,
        from_holder -> Text,
        to_holder -> Text,
        booklets -> BigInt,
    }
}

diesel::table! {
    redemptions (number) {
        number -> Text,
        programme_no -> BigInt,
        venue_id -> Text,
        provider_id -> Text,
        service -> Text,
        performed_on -> Text,
        day -> Text,
        items -> Text,
        reversed -> Bool,
        first_visit -> Nullable<Text>,
        minutes -> BigInt,
        participants -> BigInt,
    }
}

diesel::table! {
    destructions (programme_no, number) {
        programme_no -> BigInt,
        number -> BigInt,
        reason -> Text,
        items -> Text,
        proposer_id -> Text,
        proposer -> Text,
        proposed_on -> Text,
        receipt -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    accesses,
    applications,
    balances,
    bank_files,
    batches,
    booklets,
    closings,
    claim_passes,
    claim_rules,
    end_rules,
    destructions,
    claims,
    commitment_nonces,
    follow_up_rules,
    follow_ups,
    counters,
    devices,
    dead_letters,
    dispatches,
    distribution_rules,
    entries,
    exceptions,
    hand_outs,
    issuer_lines,
    issuer_statements,
    journals,
    letters,
    likenesses,
    mandates,
    offline_rules,
    offline_uses,
    orders,
    overpayments,
    organisations,
    passes,
    payees,
    payment_lines,
    payments,
    people,
    people_keys,
    place_changes,
    place_decisions,
    place_revisions,
    place_sessions,
    places,
    possible_duplicates,
    programmes,
    receipt_items,
    receipts,
    recoveries,
    redemptions,
    replacements,
    restore_declarations,
    retention_rules,
    refresh_tokens,
    refused_hand_outs,
    refused_scans,
    replies,
    rule_sets,
    seals,
    series,
    trainings,
    users,
    venues,
    webhooks
);
diesel::allow_columns_to_appear_in_same_group_by_clause!(booklets::batch_id, passes::holder);
