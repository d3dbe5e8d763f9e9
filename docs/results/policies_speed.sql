-- Steps and seconds until the mean training loss of 200 steps is at most 1 and 0.8, over the seeds that come there.
.import --csv policies.csv r
UPDATE r SET solver = 'spel, radius 0.02' WHERE run LIKE 'spel_0.02-%';
WITH run AS (SELECT *, sum(seconds) AS total FROM r GROUP BY run),
     m AS (SELECT solver, count(*) AS n, avg(total) AS total,
                  count(nullif(steps_to_1, '')) AS n1, avg(nullif(steps_to_1, '')) AS s1, avg(nullif(seconds_to_1, '')) AS t1,
                  count(nullif(steps_to_08, '')) AS n2, avg(nullif(steps_to_08, '')) AS s2, avg(nullif(seconds_to_08, '')) AS t2
           FROM run GROUP BY solver)
SELECT '`' || solver || '`' AS method, n AS seeds,
       iif(n1 = 0, 'none', printf('%.0f', s1) || iif(n1 < n, printf(' (%d seeds)', n1), '')) AS 'steps to loss 1', iif(n1 = 0, '', printf('%.0f', t1)) AS seconds,
       iif(n2 = 0, 'none', printf('%.0f', s2) || iif(n2 < n, printf(' (%d seeds)', n2), '')) AS 'steps to loss 0.8', iif(n2 = 0, '', printf('%.0f', t2)) AS 'seconds ',
       printf('%.0f', total) AS 'seconds in all'
FROM m ORDER BY n1 = 0, s1;
