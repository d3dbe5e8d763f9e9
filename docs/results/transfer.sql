-- A router of cheap tasks, unchanged on CIFAR-10 at width 1; the last row is the arm tuned on the task itself, on the same seeds.
.import --csv policies.csv tuned
WITH run AS (SELECT value ->> 'policy' AS policy, value ->> 'seed' AS seed, 100 * (value ->> 'test_accuracy') AS accuracy, value ->> 'train_loss' AS loss
             FROM json_each(readfile('transfer_online.json'), '$.runs')
    UNION ALL SELECT 'quasi_newton tuned on the task', seed, 100 * test_accuracy, train_loss FROM tuned
    WHERE solver = 'quasi_newton' AND epoch * 1 = (SELECT max(epoch * 1) FROM tuned) AND seed IN (11, 12, 13))
SELECT '`' || policy || '`' AS policy, count(*) AS seeds, printf('%.2f', avg(accuracy)) AS 'test accuracy, %', group_concat(printf('%.2f', accuracy), ', ') AS 'every seed',
       printf('%.4f', avg(loss)) AS 'training loss' FROM (SELECT * FROM run ORDER BY seed) GROUP BY policy ORDER BY policy LIKE '%tuned%', avg(accuracy) DESC;
