//! Tables around the journal: rules, accounts, the registry of places, devices, what was looked at. What never lives here: a table
//! that an act writes.

diesel::table! {
    cosignatures (programme_no, witness) {
        programme_no -> BigInt,
        witness -> Text,
        origin -> Text,
        size -> BigInt,
        signed_at_seconds -> BigInt,
        line -> Text,
    }
}

diesel::table! {
    claim_rules (programme_no) {
        programme_no -> BigInt,
        document -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    end_rules (programme_no) {
        programme_no -> BigInt,
        document -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    payees (programme_no, number) {
        programme_no -> BigInt,
        number -> BigInt,
        provider_id -> Text,
        legal_form -> Text,
        account -> Binary,
        masked -> Text,
        commitment -> Text,
        proposer_id -> Text,
        proposer -> Text,
        proposed_on -> Text,
        confirmer_id -> Nullable<Text>,
        confirmed_on -> Nullable<Text>,
        effective_on -> Nullable<Text>,
        key_digest -> Nullable<Text>,
        fingerprint -> Nullable<Text>,
    }
}

diesel::table! {
    bank_files (programme_no, file_hash) {
        programme_no -> BigInt,
        file_hash -> Text,
        receipt -> Text,
    }
}

diesel::table! {
    accesses (id) {
        id -> Text,
        at_millis -> BigInt,
        day -> Text,
        user_id -> Text,
        role -> Text,
        method -> Text,
        route -> Text,
        path -> Text,
        status -> BigInt,
        programme -> Nullable<Text>,
        number -> Nullable<Text>,
        form -> Nullable<Text>,
    }
}

diesel::table! {
    offline_rules (programme_no) {
        programme_no -> BigInt,
        document -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    offline_uses (programme_no, position, booklet_id) {
        programme_no -> BigInt,
        position -> BigInt,
        booklet_id -> BigInt,
        device_id -> Text,
        scanned_on -> Text,
        passes -> BigInt,
        value_cents -> BigInt,
    }
}

diesel::table! {
    devices (id) {
        id -> Text,
        venue_id -> Text,
        label -> Text,
        floor_passes -> BigInt,
        added_by -> Text,
        added_millis -> BigInt,
        code_mac -> Binary,
        code_until_millis -> BigInt,
        public_key -> Nullable<Text>,
        enrolled_millis -> Nullable<BigInt>,
        revoked_millis -> Nullable<BigInt>,
        used_millis -> Nullable<BigInt>,
        counter -> BigInt,
    }
}
