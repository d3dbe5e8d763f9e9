CREATE TABLE data AS SELECT readfile('transfer_online.json') AS document;
.read online_against.sql
