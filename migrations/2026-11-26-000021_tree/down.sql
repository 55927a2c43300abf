DROP TABLE cosignatures;
DROP TABLE tree_blocks;
