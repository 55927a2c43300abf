-- When an agent was trained for a programme. Where the rules of distribution ask for it, nobody hands out without it.

CREATE TABLE trainings (
    programme_no BIGINT NOT NULL REFERENCES programmes (no),
    user_id TEXT NOT NULL REFERENCES users (id),
    trained_on TEXT NOT NULL,
    PRIMARY KEY (programme_no, user_id)
);
