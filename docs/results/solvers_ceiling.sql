-- What there is to win among the five solvers by fresh batches, at their own lengths of step and at equal ones.
CREATE TABLE data AS SELECT 'own lengths: ' AS name, 'loss a step' AS unit, readfile('solvers_none_data.json') AS json
UNION ALL SELECT 'equal lengths: ', 'loss a step', readfile('solvers_frobenius_data.json');
.read ceilings.sql
