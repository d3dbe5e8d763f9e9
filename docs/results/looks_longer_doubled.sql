-- The same of looks that begin with 96 steps of annealing.
.import --csv looks_longer_doubled.csv d
.read looks_pairs.sql
