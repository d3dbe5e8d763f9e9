-- What there is to win at the branch states of the cheap tasks.
CREATE TABLE data AS SELECT '' AS name, 'loss a step' AS unit, readfile('transfer_data.json') AS json;
.read ceilings.sql
