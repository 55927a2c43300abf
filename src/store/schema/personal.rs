//! What is known of people, apart from the journal: erasable. What never lives here: a receipt.

diesel::table! {
    people (programme_no, fingerprint) {
        programme_no -> BigInt,
        fingerprint -> Binary,
        passes -> BigInt,
    }
}

diesel::table! {
    exceptions (programme_no, number) {
        programme_no -> BigInt,
        number -> BigInt,
        fingerprint -> Binary,
        passes -> BigInt,
        reason -> Text,
        granted_by -> Text,
        used -> Bool,
        granted_on -> Nullable<Text>,
    }
}

diesel::table! {
    hand_outs (number) {
        number -> Text,
        programme_no -> BigInt,
        position -> BigInt,
        day -> Text,
        fingerprint -> Binary,
        ground -> Text,
        rule_version -> Text,
        proof_kind -> Nullable<Text>,
        proof_issued_on -> Nullable<Text>,
        age_band -> Text,
        commune -> Text,
        booklets -> BigInt,
        passes -> BigInt,
        neighbourhood -> Nullable<Text>,
        oriented_place -> Nullable<Text>,
        oriented_venue -> Nullable<Text>,
        need -> Nullable<Text>,
        sex -> Nullable<Text>,
    }
}

diesel::table! {
    replacements (replacement_id) {
        replacement_id -> BigInt,
        original_id -> BigInt,
        programme_no -> BigInt,
        number -> Text,
        office -> Text,
        fingerprint -> Binary,
    }
}

diesel::table! {
    retention_rules (programme_no) {
        programme_no -> BigInt,
        document -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    people_keys (programme_no) {
        programme_no -> BigInt,
        number -> Nullable<BigInt>,
        digest -> Nullable<Text>,
        proposed_number -> Nullable<BigInt>,
        proposed_digest -> Nullable<Text>,
        proposer_id -> Nullable<Text>,
        pseudonym -> Nullable<Text>,
    }
}

diesel::table! {
    follow_ups (hand_out) {
        hand_out -> Text,
        programme_no -> BigInt,
        fingerprint -> Binary,
        office -> Text,
        channel -> Text,
        consented_on -> Text,
        booklets -> Text,
        reminders -> BigInt,
        reminded_on -> Nullable<Text>,
        contact -> Binary,
    }
}

diesel::table! {
    follow_up_rules (programme_no) {
        programme_no -> BigInt,
        document -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    likenesses (programme_no, likeness, fingerprint) {
        programme_no -> BigInt,
        likeness -> Binary,
        fingerprint -> Binary,
    }
}

diesel::table! {
    possible_duplicates (programme_no, number) {
        programme_no -> BigInt,
        number -> BigInt,
        known -> Binary,
        newcomer -> Binary,
        found_on -> Text,
        receipt -> Text,
        verdict -> Nullable<Text>,
        reason -> Nullable<Text>,
        reviewer_id -> Nullable<Text>,
        reviewed_on -> Nullable<Text>,
    }
}

diesel::table! {
    commitment_nonces (number) {
        programme_no -> BigInt,
        number -> Text,
        fingerprint -> Binary,
        nonce -> Binary,
    }
}
