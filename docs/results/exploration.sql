.import --csv exploration.csv r
SELECT '`' || method || '`' AS method, rate AS 'radius or rate', lr_rest AS 'lr-rest',
       momentum || CASE WHEN nesterov = 1 THEN ', Nesterov' ELSE '' END AS momentum,
       trim(CASE WHEN schedule <> 'linear' THEN schedule || ' ' ELSE '' END ||
            CASE WHEN manifold <> 'hidden' THEN 'conv1 by SGD ' ELSE '' END ||
            CASE WHEN weight_decay = 0 THEN 'no weight decay' ELSE '' END) AS 'else',
       printf('%.3f', train_loss) AS 'training loss', printf('%.3f', held_loss) AS 'held-out loss',
       printf('%.1f %%', 100 * held_accuracy) AS 'held-out accuracy'
FROM r ORDER BY held_accuracy DESC;
