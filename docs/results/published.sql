-- The published experiment: mean and standard deviation over the seeds, at the last epoch.
.import --csv published.csv r
WITH runs AS (
    SELECT CASE WHEN run LIKE 'quasi\_newton-1e%' ESCAPE '\' THEN 'quasi_newton, tol ' || tol
                WHEN solver = 'quasi_newton' THEN 'quasi_newton, tol ' || tol
                ELSE solver END AS method, r.*
    FROM r WHERE epoch = 5),
seconds AS (SELECT run, sum(seconds) AS total FROM r GROUP BY run)
SELECT '`' || method || '`' AS 'method', count(*) AS seeds,
       printf('%.2f ± %.2f', 100 * avg(test_accuracy),
              100 * sqrt(max(0, avg(test_accuracy * test_accuracy) - avg(test_accuracy) * avg(test_accuracy))
                         * count(*) / max(1, count(*) - 1))) AS 'test accuracy, %',
       printf('%.4f', avg(train_loss)) AS 'training loss',
       CASE WHEN max(gap) = '' THEN '' ELSE printf('%.1e', avg(gap)) END AS 'certified gap, mean',
       CASE WHEN max(gap) = '' THEN '' ELSE printf('%.1e', max(largest_gap * 1.0)) END AS 'largest',
       printf('%.0f', avg(total)) AS 'seconds'
FROM runs JOIN seconds USING (run) GROUP BY method ORDER BY max(gap * 1.0) DESC, method;
