-- The policies of table data (document), with the held-out accuracy of table r at its last epoch; targets in the last row.
WITH held AS (SELECT solver AS policy, avg(held_accuracy) AS accuracy FROM r WHERE epoch * 1 = (SELECT max(epoch * 1) FROM r) GROUP BY solver),
     p AS (SELECT key AS place, value ->> 'policy' AS policy, value AS p FROM data, json_each(document, '$.policies')),
     line AS (
    SELECT -(p -> 'test_accuracy' ->> 'mean') AS place, '`' || policy || '`' AS policy, p -> 'test_accuracy' ->> 'seeds' AS seeds,
           printf('%.2f', 100 * (p -> 'test_accuracy' ->> 'mean')) || iif(p -> 'test_accuracy' ->> 'seeds' > 1,
               printf(' ± %.2f', 100 * (p -> 'test_accuracy' ->> 'deviation')), '') AS accuracy,
           iif(accuracy IS NULL, '', printf('%.2f', 100 * accuracy)) AS held, printf('%.4f', p -> 'train_loss' ->> 'mean') AS loss,
           CAST(round(p -> 'early_steps' ->> 'mean') AS INTEGER) AS early, CAST(round(p -> 'early_seconds' ->> 'mean') AS INTEGER) AS early_s,
           CAST(round(p -> 'target_steps' ->> 'mean') AS INTEGER) || iif(p -> 'target_steps' ->> 'seeds' < p -> 'test_accuracy' ->> 'seeds',
               printf(' (%d seeds)', p -> 'target_steps' ->> 'seeds'), '') AS target, CAST(round(p -> 'target_seconds' ->> 'mean') AS INTEGER) AS target_s
    FROM p LEFT JOIN held USING (policy)
    UNION ALL SELECT 1, 'target: training loss', '', '', '', '', printf('%.3f', document ->> 'early_target_loss'), '', printf('%.3f', document ->> 'target_loss'), '' FROM data)
SELECT policy, seeds, accuracy AS 'test accuracy, %', held AS 'held-out accuracy, %', loss AS 'training loss', early AS 'steps to the early target',
       early_s AS seconds, target AS 'steps to the late target', target_s AS 'seconds ' FROM line ORDER BY place;
