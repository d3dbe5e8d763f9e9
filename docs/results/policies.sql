-- The winners of the tuning on seeds that chose nothing: mean and standard deviation at the last epoch.
.import --csv policies.csv r
WITH seconds AS (SELECT run, sum(seconds) AS total FROM r GROUP BY run)
SELECT '`' || solver || '`' AS method, count(*) AS seeds,
       printf('%.2f ± %.2f', 100 * avg(test_accuracy),
              100 * sqrt(max(0, avg(test_accuracy * test_accuracy) - avg(test_accuracy) * avg(test_accuracy))
                         * count(*) / max(1, count(*) - 1))) AS 'test accuracy, %',
       printf('%.2f', 100 * avg(held_accuracy)) AS 'held-out accuracy, %', printf('%.4f', avg(train_loss)) AS 'training loss',
       printf('%.0f', avg(total)) AS seconds
FROM r JOIN seconds USING (run) WHERE epoch = 6 GROUP BY solver ORDER BY avg(test_accuracy) DESC;
