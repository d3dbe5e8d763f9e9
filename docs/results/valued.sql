-- Policies that learned from probes, valued by held and annealed looks. by_regret: the same but for the router.
WITH e AS (SELECT readfile('valued_router.json') AS e),
     p AS (SELECT value AS p FROM e, json_each(e, '$.policies')
           UNION ALL SELECT json_set(json_extract(readfile('valued_regret.json'), '$.policies[0]'), '$.name', 'router, by regret'))
SELECT p ->> 'name' AS policy, printf('%.1f', 100 * (p -> 'agreement' ->> 'value')) AS 'agreement, %',
       printf('%+.5f', p -> 'change' ->> 'value') AS 'loss after a look',
       printf('%+.2f [%+.2f, %+.2f]', p -> 'vs_single' ->> 'value', p -> 'vs_single' ->> 'low', p -> 'vs_single' ->> 'high') AS 'better than the best single arm, %'
FROM p WHERE p ->> 'name' NOT LIKE 'best single%' AND p ->> 'name' NOT LIKE '%optimistic%' AND p ->> 'name' NOT LIKE '%before' ORDER BY p -> 'change' ->> 'value';
