DROP TABLE issuer_lines;
DROP TABLE issuer_statements;
