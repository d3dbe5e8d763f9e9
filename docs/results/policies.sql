-- The winners of the tuning on seeds that chose nothing, at the last epoch. 2.1318 is Student's t of a 90 % interval of five.
.import --csv policies.csv r
UPDATE r SET solver = 'spel, radius 0.02' WHERE run LIKE 'spel_0.02-%';
WITH last AS (SELECT * FROM r WHERE epoch * 1 = (SELECT max(epoch * 1) FROM r)),
     pair AS (SELECT l.*, 100 * (l.test_accuracy - q.test_accuracy) AS d FROM last l LEFT JOIN last q ON q.seed = l.seed AND q.solver = 'quasi_newton'),
     m AS (SELECT solver, count(*) AS n, 100 * avg(test_accuracy) AS accuracy, 100 * avg(held_accuracy) AS held, avg(train_loss) AS loss,
                  100 * sqrt(max(0, avg(test_accuracy * test_accuracy) - avg(test_accuracy) * avg(test_accuracy)) * count(*) / max(1, count(*) - 1)) AS deviation,
                  avg(d) AS d, sqrt(max(0, avg(d * d) - avg(d) * avg(d)) / max(1, count(d) - 1)) AS error,
                  group_concat(printf('%+.2f', d), ' ') AS every
           FROM (SELECT * FROM pair ORDER BY seed) GROUP BY solver)
SELECT '`' || solver || '`' AS method, n AS seeds, printf('%.2f ± %.2f', accuracy, deviation) AS 'test accuracy, %',
       CASE WHEN solver = 'quasi_newton' THEN '' WHEN n < 5 THEN every
            ELSE printf('%+.2f [%+.2f, %+.2f]', d, d - 2.1318 * error, d + 2.1318 * error) END AS 'less `quasi_newton`, points',
       CASE WHEN solver = 'quasi_newton' OR n < 5 THEN '' WHEN abs(d) + 2.1318 * error <= 0.5 THEN 'yes' ELSE 'no' END AS 'matches it',
       printf('%.2f', held) AS 'held-out accuracy, %', printf('%.4f', loss) AS 'training loss'
FROM m ORDER BY accuracy DESC;
