-- What there is to win by the held and annealed looks; the halves are the two sets of coming batches.
CREATE TABLE data AS SELECT '' AS name, 'loss after a look' AS unit, readfile('looks_none_data.json') AS json;
.read ceilings.sql
