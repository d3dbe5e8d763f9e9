-- Changes of Manifold Muon by a patched program; the single values in the order of the seeds.
.import --csv gap_prototypes.csv r
SELECT what AS 'changed', group_concat(seed, ' ') AS seeds, group_concat(printf('%.3f', train_loss), ' ') AS 'training loss',
       group_concat(printf('%.3f', held_loss), ' ') AS 'held-out loss',
       group_concat(printf('%.1f', 100 * held_accuracy), ' ') AS 'held-out accuracy, %',
       group_concat(printf('%.1f', 100 * test_accuracy), ' ') AS 'test accuracy, %'
FROM (SELECT * FROM r ORDER BY seed) GROUP BY what ORDER BY min(CASE seed WHEN '1' THEN train_loss END) DESC;
