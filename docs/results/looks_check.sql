-- The program's own word on that order, for pairs of multipliers.
SELECT c ->> 'looks' AS states, c ->> 'hold' AS hold, c ->> 'anneal' AS anneal, c ->> 'multiplier_pairs' AS 'pairs of multipliers',
       c ->> 'pairs_decided' AS 'decided beyond two standard errors', c ->> 'pairs_turned' AS 'of these turned round by twice the annealing'
FROM (SELECT readfile('looks_check.json') AS c);
