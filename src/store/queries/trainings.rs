//! Trainings of agents: reference data of a programme.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::{ExpressionMethods, QueryDsl, RunQueryDsl};

use super::super::super::cell::Cell;
use super::super::super::error::StoreError;
use super::super::super::schema::trainings;
use super::super::super::training_doors::{TrainingReads, TrainingWrites};
use super::Conn;
use super::fragment::{among, by_keys};
use crate::domain::ids::{ProgrammeNo, UserId};
use crate::domain::time::Day;

impl TrainingReads for Conn {
    fn trainings_of(
        &mut self,
        programme: ProgrammeNo,
        users: &BTreeSet<UserId>,
    ) -> Result<BTreeMap<UserId, Day>, StoreError> {
        let users: Vec<Cell<'_>> = users.iter().map(|user| user.to_string().into()).collect();
        let rows: Vec<(String, String)> = by_keys(&users, |users| {
            let of_programme = trainings::table.filter(trainings::programme_no.eq(programme.0));
            let found = of_programme.filter(among(trainings::user_id, users));
            Ok(found.select((trainings::user_id, trainings::trained_on)).load(self)?)
        })?;
        rows.into_iter().map(|(user, on)| Ok((UserId::parse(&user)?, Day::parse(&on)?))).collect()
    }
}

impl TrainingWrites for Conn {
    fn keep_training(&mut self, programme: ProgrammeNo, user: UserId, on: Day) -> Result<(), StoreError> {
        let (user, on) = (user.to_string(), on.to_string());
        let known = trainings::table.find((programme.0, &user));
        if diesel::update(known).set(trainings::trained_on.eq(&on)).execute(self)? == 0 {
            let row =
                (trainings::programme_no.eq(programme.0), trainings::user_id.eq(&user), trainings::trained_on.eq(&on));
            diesel::insert_into(trainings::table).values(row).execute(self)?;
        }
        Ok(())
    }
}
