DROP TABLE bank_files;
DROP TABLE payment_lines;
DROP TABLE payments;
DROP TABLE payees;
