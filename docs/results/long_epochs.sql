-- Their test accuracy on the way.
.import --csv long.csv r
SELECT epoch, printf('%.2f', 100 * max(iif(solver = 'router', test_accuracy, ''))) AS '`router`, test accuracy, %',
       printf('%.2f', 100 * max(iif(solver = 'best_fixed', test_accuracy, ''))) AS '`best_fixed`, test accuracy, %',
       printf('%.4f', max(iif(solver = 'router', train_loss, ''))) AS '`router`, training loss', printf('%.4f', max(iif(solver = 'best_fixed', train_loss, ''))) AS '`best_fixed`, training loss'
FROM r WHERE epoch * 1 IN (1, 2, 5, 10, 15, 20, 25, 30) GROUP BY epoch * 1;
