CREATE TABLE data AS SELECT readfile('routing_online.json') AS document;
.read online_against.sql
