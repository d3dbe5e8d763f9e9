-- The finalists of the successive halving, each group's winner first.
.import --csv tuning.csv r
SELECT '`' || solver || '`' AS method, CASE WHEN solver IN ('sgd', 'adamw', 'spectral_clip') THEN rate ELSE radius END AS 'radius or rate',
       lr_rest AS 'lr-rest', momentum || CASE WHEN nesterov = 1 THEN ', Nesterov' ELSE '' END AS momentum,
       printf('%.4f', train_loss) AS 'training loss', printf('%.4f', held_loss) AS 'held-out loss',
       printf('%.2f', 100 * held_accuracy) AS 'held-out accuracy, %'
FROM r WHERE run LIKE 'rung3.%' AND epoch = 6
ORDER BY max(held_accuracy) OVER (PARTITION BY solver) DESC, solver, held_accuracy DESC;
