-- The router and its opponents on the branch states of the test: agreement with the label, and the loss of fresh batches a step.
WITH e AS (SELECT readfile('routing_evaluation.json') AS e),
     p AS (SELECT value AS p, json_extract(e, '$.references.change_best_single.value') AS single, key FROM e, json_each(e, '$.policies'))
SELECT p ->> 'name' AS policy, coalesce(nullif(p ->> 'parameters', 0), '') AS parameters,
       printf('%.1f', 100 * (p -> 'agreement' ->> 'value')) AS 'agreement, %',
       printf('%+.5f', p -> 'change' ->> 'value') || CASE WHEN p -> 'change' ->> 'low' IS NULL THEN ''
           ELSE printf(' [%+.5f, %+.5f]', p -> 'change' ->> 'low', p -> 'change' ->> 'high') END AS 'loss a step',
       printf('%+.2f', p -> 'gap_closed' ->> 'value') || CASE WHEN p -> 'gap_closed' ->> 'low' IS NULL THEN ''
           ELSE printf(' [%+.2f, %+.2f]', p -> 'gap_closed' ->> 'low', p -> 'gap_closed' ->> 'high') END AS 'share of the gap closed'
FROM p WHERE p ->> 'name' NOT LIKE 'best single%' ORDER BY p -> 'change' ->> 'value';
