//! The tables of applications, of the letters that come of them, and of how a programme distributes. What never lives here:
//! a query.

diesel::table! {
    applications (programme_no, number) {
        programme_no -> BigInt,
        number -> BigInt,
        office -> Text,
        reference -> Text,
        content -> Text,
        channel -> Text,
        fingerprint -> Binary,
        age_band -> Text,
        commune -> Text,
        received_on -> Text,
        passes -> BigInt,
        assessed_on -> Text,
        rule_version -> Text,
        ground -> Nullable<Text>,
        proof_kind -> Nullable<Text>,
        proof_issued_on -> Nullable<Text>,
        missing -> Text,
        state -> Text,
        state_on -> Text,
        reason -> Nullable<Text>,
        filed_by -> Text,
        last_receipt -> Text,
        dossier -> Binary,
        sex -> Nullable<Text>,
    }
}

diesel::table! {
    letters (programme_no, application, dispatch) {
        programme_no -> BigInt,
        dispatch -> BigInt,
        application -> BigInt,
        booklet_id -> BigInt,
        tracking -> Nullable<Text>,
    }
}

diesel::table! {
    distribution_rules (programme_no) {
        programme_no -> BigInt,
        document -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    trainings (programme_no, user_id) {
        programme_no -> BigInt,
        user_id -> Text,
        trained_on -> Text,
    }
}
