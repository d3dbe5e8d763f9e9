-- The same by parts of the training: at how many of the states best on fresh batches, and the loss less that of quasi_newton.
.import --csv solvers_arms.csv a
WITH p AS (SELECT match, arm, CASE WHEN tenth < 3 THEN 1 WHEN tenth < 7 THEN 2 ELSE 3 END AS part,
                  printf('%.0f %%', 100.0 * sum(best_probe) / sum(states)) || iif(arm = 'quasi_newton', '', printf(', %+.5f ± %.5f', sum(probe_less * states) / sum(states),
                      2 * sqrt(sum(probe_less_error * probe_less_error * states * states)) / sum(states))) AS what
           FROM a GROUP BY match, arm, part)
SELECT iif(match = 'none', 'own', 'equal') AS 'lengths', '`' || arm || '`' AS solver, max(iif(part = 1, what, '')) AS 'first 30 % of the training',
       max(iif(part = 2, what, '')) AS 'middle', max(iif(part = 3, what, '')) AS 'last 30 %'
FROM p GROUP BY match, arm ORDER BY match DESC, arm;
