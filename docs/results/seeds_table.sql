-- The seeds' table for the oracles of branch states: metrics of the router on the states of the test.
CREATE TABLE e AS SELECT value AS v, 1 AS oracle FROM json_each(readfile('same_batch_evaluation.json'), '$.policies') WHERE value ->> 'name' = 'router'
UNION ALL SELECT value, 2 FROM json_each(readfile('routing_evaluation.json'), '$.policies') WHERE value ->> 'name' = 'router'
UNION ALL SELECT value, 3 FROM json_each(readfile('valued_router.json'), '$.policies') WHERE value ->> 'name' = 'router';
WITH m(place, key, name, factor, form) AS (VALUES (1, 'agreement', 'Oracle agreement', 100, '%.1f %% [%.1f, %.1f]'), (2, 'vs_random', 'Expected loss Δ vs random', 1, '%.0f %% [%.0f, %.0f]'),
        (3, 'vs_single', 'Expected loss Δ vs the best single arm', 1, '%.1f %% [%.1f, %.1f]'), (4, 'gap_closed', 'Gap between best single arm and oracle that is closed', 1, '%.2f [%.2f, %.2f]'))
SELECT name AS 'Metric', max(iif(oracle = 1, what, '')) AS 'by the batch just seen', max(iif(oracle = 2, what, '')) AS 'by fresh batches', max(iif(oracle = 3, what, '')) AS 'the same router, by annealed looks'
FROM (SELECT place, name, oracle, iif(json_extract(v, '$.' || key || '.value') IS NULL, 'there is no gap', printf(form, factor * json_extract(v, '$.' || key || '.value'),
      factor * json_extract(v, '$.' || key || '.low'), factor * json_extract(v, '$.' || key || '.high'))) AS what FROM m, e)
GROUP BY place ORDER BY place;
