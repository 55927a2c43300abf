DROP TABLE possible_duplicates;
DROP TABLE likenesses;
