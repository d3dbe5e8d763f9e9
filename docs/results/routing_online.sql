-- The router and its opponents in training, 6 epochs.
.import --csv routing.csv r
CREATE TABLE data AS SELECT readfile('routing_online.json') AS document;
.read online_runs.sql
