-- What each policy played, % of its steps; of the router by epochs, too.
WITH j AS (SELECT readfile('routing_online.json') AS j), p AS (SELECT key AS place, value AS p FROM j, json_each(j, '$.policies')),
     s AS (SELECT place, -1 AS epoch, '`' || (p ->> 'policy') || '`' AS policy, p -> 'share' AS share, p -> 'switches' ->> 'mean' AS switches FROM p
    UNION ALL SELECT place, e.key, '`router`, epoch ' || (e.key + 1), e.value, NULL FROM p, json_each(p, '$.share_by_epoch') e WHERE p ->> 'policy' = 'router')
SELECT policy, printf('%.1f', 100 * (share ->> '$."quasi_newton:0.25"')) AS '`quasi_newton:0.25`', printf('%.1f', 100 * (share ->> '$."quasi_newton:0.5"')) AS '`quasi_newton:0.5`',
       printf('%.1f', 100 * (share ->> '$."quasi_newton"')) AS '`quasi_newton`', printf('%.1f', 100 * (share ->> '$."quasi_newton:2"')) AS '`quasi_newton:2`',
       printf('%.1f', 100 * (share ->> '$."frank_wolfe:2"')) AS '`frank_wolfe:2`', iif(switches IS NULL, '', printf('%.1f', 100 * switches)) AS 'steps at which it changes, %'
FROM s ORDER BY place, epoch;
