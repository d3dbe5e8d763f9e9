-- The router trained by regret, in training, beside those of routing_online.json on the same seeds. 2.1318: Student's t, 90 %, five seeds.
WITH run AS (SELECT value ->> 'policy' AS policy, value ->> 'seed' AS seed, 100 * (value ->> 'test_accuracy') AS y FROM json_each(readfile('routing_online.json'), '$.runs')),
     own AS (SELECT value ->> 'seed' AS seed, 100 * (value ->> 'test_accuracy') AS y FROM json_each(readfile('regret_online.json'), '$.runs')),
     m AS (SELECT policy, count(*) AS n, avg(d) AS d, iif(count(*) < 5, NULL, 2.1318 * sqrt(max(0, avg(d * d) - avg(d) * avg(d)) / (count(*) - 1))) AS half,
                  group_concat(printf('%+.2f', d), ', ') AS every
           FROM (SELECT policy, o.seed, o.y - r.y AS d FROM own o JOIN run r USING (seed) ORDER BY seed) GROUP BY policy)
SELECT '`' || policy || '`' AS opponent, n AS seeds, printf('%+.2f', d) AS 'router by regret less it, points',
       iif(half IS NULL, '', printf('[%+.2f, %+.2f]', d - half, d + half)) AS '90 % interval', every AS 'every seed',
       iif(half IS NULL, '', iif(abs(d) + half <= 0.5, 'yes', 'no')) AS matches
FROM m ORDER BY n DESC, d;
