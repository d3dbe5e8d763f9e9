-- The routers, and what stands beside them, that learned from probes, valued by held and annealed looks.
WITH e AS (SELECT readfile('valued_router.json') AS e),
     p AS (SELECT value AS p FROM e, json_each(e, '$.policies')
           UNION ALL SELECT json_set(json_extract(readfile('valued_regret.json'), '$.policies[0]'), '$.name', 'router, by regret'))
SELECT p ->> 'name' AS policy, printf('%.1f', 100 * (p -> 'agreement' ->> 'value')) AS 'agreement, %',
       printf('%+.5f', p -> 'change' ->> 'value') AS 'loss after a look',
       printf('%+.2f', p -> 'gap_closed' ->> 'value') || CASE WHEN p -> 'gap_closed' ->> 'low' IS NULL THEN ''
           ELSE printf(' [%+.2f, %+.2f]', p -> 'gap_closed' ->> 'low', p -> 'gap_closed' ->> 'high') END AS 'share of the gap closed'
FROM p WHERE p ->> 'name' NOT LIKE 'best single%' ORDER BY p -> 'change' ->> 'value';
