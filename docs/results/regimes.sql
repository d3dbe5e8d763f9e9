-- The task that was made so that routing pays, in training: five seeds.
WITH p AS (SELECT value AS p FROM json_each(readfile('regimes_online.json'), '$.policies'))
SELECT '`' || (p ->> 'policy') || '`' AS policy, p -> 'test_accuracy' ->> 'count' AS seeds,
       printf('%.1f ± %.1f', 100 * (p -> 'test_accuracy' ->> 'mean'), 100 * (p -> 'test_accuracy' ->> 'deviation')) AS 'test accuracy, %'
FROM p ORDER BY p -> 'test_accuracy' ->> 'mean' DESC;
