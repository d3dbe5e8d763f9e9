.import --csv gap_prototypes.csv r
SELECT what AS 'changed', width, seed, printf('%.3f', train_loss) AS 'training loss', printf('%.3f', held_loss) AS 'held-out loss',
       printf('%.1f %%', 100 * held_accuracy) AS 'held-out accuracy', printf('%.1f %%', 100 * test_accuracy) AS 'test accuracy'
FROM r ORDER BY width * 1.0 DESC, seed, train_loss DESC;
