DROP TABLE people_keys;
