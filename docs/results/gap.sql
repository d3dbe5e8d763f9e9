-- Plain Muon, Manifold Muon, and what lies between, at the last epoch; the single values in the order of the seeds.
.import --csv gap.csv r
WITH runs AS (
    SELECT CASE WHEN run LIKE 'rows-%' THEN 'muon, filters of norm 1'
                WHEN run LIKE 'pull_0-%' THEN 'muon'
                WHEN run LIKE 'pull_%' THEN 'muon, pull ' || substr(run, 6, length(run) - 7)
                ELSE solver END AS method, r.*
    FROM r WHERE epoch = 3 ORDER BY seed)
SELECT '`' || method || '`' AS method, group_concat(seed, ' ') AS seeds,
       group_concat(printf('%.3f', train_loss), ' ') AS 'training loss', group_concat(printf('%.3f', held_loss), ' ') AS 'held-out loss',
       group_concat(printf('%.1f', 100 * held_accuracy), ' ') AS 'held-out accuracy, %',
       group_concat(printf('%.1f', 100 * test_accuracy), ' ') AS 'test accuracy, %',
       printf('%.1e', avg(orthonormality_error)) AS '‖WᵀW − I‖_F/√n'
FROM runs GROUP BY method ORDER BY avg(train_loss);
