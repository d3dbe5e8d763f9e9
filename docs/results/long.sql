-- The router and the best fixed arm for 30 epochs, one seed.
.import --csv long.csv r
CREATE TABLE data AS SELECT readfile('long_online.json') AS document;
.read online_runs.sql
