-- A router among the five solvers on held-out states, and the policies beside it.
WITH d(lengths, e) AS (VALUES ('own', readfile('solvers_none_evaluation.json')), ('equal', readfile('solvers_frobenius_evaluation.json'))),
     p AS (SELECT lengths, value AS p, json_extract(e, '$.split.test_samples') AS states FROM d, json_each(e, '$.policies'))
SELECT lengths, p ->> 'name' AS policy, states, printf('%.1f', 100 * (p -> 'agreement' ->> 'value')) AS 'agreement, %', printf('%+.5f', p -> 'change' ->> 'value') AS 'loss a step',
       CASE WHEN p -> 'gap_closed' ->> 'value' IS NULL THEN '' ELSE printf('%+.2f', p -> 'gap_closed' ->> 'value') END ||
       CASE WHEN p -> 'gap_closed' ->> 'low' IS NULL THEN '' ELSE printf(' [%+.2f, %+.2f]', p -> 'gap_closed' ->> 'low', p -> 'gap_closed' ->> 'high') END AS 'share of the gap closed'
FROM p WHERE p ->> 'name' NOT LIKE 'best single%' ORDER BY lengths = 'equal', p -> 'change' ->> 'value';
