DROP TABLE counters;
DROP TABLE place_changes;
DROP TABLE place_sessions;
DROP TABLE place_decisions;
DROP TABLE place_revisions;
DROP TABLE places;
