//! The tables of claims and payments, and of what issuers say. What never lives here: a row or a query.

diesel::table! {
    claims (programme_no, number) {
        programme_no -> BigInt,
        number -> BigInt,
        receipt -> Text,
        provider_id -> Text,
        month -> Text,
        claimant_id -> Text,
        claimed_on -> Text,
        due_on -> Text,
        passes -> BigInt,
        value_cents -> BigInt,
        rejected_passes -> BigInt,
        approvals -> Text,
        suspended_on -> Nullable<Text>,
        suspended_days -> BigInt,
        state -> Text,
    }
}

diesel::table! {
    claim_passes (programme_no, claim, pass_id) {
        programme_no -> BigInt,
        claim -> BigInt,
        pass_id -> BigInt,
        redemption -> Text,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    payments (programme_no, number) {
        programme_no -> BigInt,
        number -> BigInt,
        receipt -> Text,
        made_millis -> BigInt,
        execute_on -> Text,
        payment_order -> Text,
        bordereau -> Nullable<Text>,
        engagement -> Nullable<Text>,
        debtor -> Text,
        file_hash -> Text,
        total_cents -> BigInt,
    }
}

diesel::table! {
    payment_lines (programme_no, payment, line) {
        programme_no -> BigInt,
        payment -> BigInt,
        line -> BigInt,
        claim -> BigInt,
        payee -> BigInt,
        amount_cents -> BigInt,
        state -> Text,
        state_on -> Nullable<Text>,
        reason -> Nullable<Text>,
        netted_cents -> BigInt,
    }
}

diesel::table! {
    overpayments (programme_no, number) {
        programme_no -> BigInt,
        number -> BigInt,
        receipt -> Text,
        claim -> BigInt,
        provider_id -> Text,
        passes -> BigInt,
        value_cents -> BigInt,
    }
}

diesel::table! {
    recoveries (programme_no, receipt, provider_id) {
        programme_no -> BigInt,
        receipt -> Text,
        provider_id -> Text,
        amount_cents -> BigInt,
        revenue_order -> Nullable<Text>,
    }
}

diesel::table! {
    issuer_statements (programme_no, number) {
        programme_no -> BigInt,
        number -> BigInt,
        receipt -> Text,
        issuer -> Text,
        month -> Text,
        corrects -> BigInt,
        file_hash -> Text,
        lines_hash -> Text,
        file_lines -> BigInt,
        matched -> BigInt,
        unchanged -> BigInt,
        stated_cents -> BigInt,
        last_line -> BigInt,
        open_differences -> BigInt,
    }
}

diesel::table! {
    issuer_lines (programme_no, statement, number) {
        programme_no -> BigInt,
        statement -> BigInt,
        number -> BigInt,
        pass_id -> BigInt,
        provider -> Nullable<Text>,
        venue -> Nullable<Text>,
        redeemed_on -> Nullable<Text>,
        paid_on -> Nullable<Text>,
        amount_cents -> BigInt,
        class -> Text,
        status -> Text,
        resolution -> Nullable<Text>,
        closed_by -> Nullable<Text>,
    }
}
