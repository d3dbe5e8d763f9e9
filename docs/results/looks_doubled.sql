-- Does the order of two arms survive twice the annealing? Beside it, other coming batches: what noise alone turns round.
.import --csv looks_doubled.csv d
.read looks_pairs.sql
