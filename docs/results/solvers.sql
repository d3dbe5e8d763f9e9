-- The five solvers from the same states, at their own lengths of step and at equal ones; differences ± two standard errors.
.import --csv solvers_arms.csv a
SELECT iif(match = 'none', 'own', 'equal') AS 'lengths', '`' || arm || '`' AS solver, sum(states) AS states,
       printf('%.1f', 100.0 * sum(best_same_batch) / sum(states)) AS 'best on its batch, %',
       printf('%.1f', 100.0 * sum(best_probe) / sum(states)) AS 'best on fresh batches, %',
       printf('%+.5f', sum(probe * states) / sum(states)) AS 'loss of fresh batches',
       iif(arm = 'quasi_newton', '', printf('%+.5f ± %.5f', sum(probe_less * states) / sum(states),
           2 * sqrt(sum(probe_less_error * probe_less_error * states * states)) / sum(states))) AS 'less that of `quasi_newton`',
       printf('%.3f', sum(length * states) / sum(states)) AS 'length ‖A‖_F', printf('%.2f', sum(rank * states) / sum(states)) AS 'effective rank / n',
       printf('%.1f', sum(iterations * states) / sum(states)) AS iterations, printf('%.1e', sum(gap * states) / sum(states)) AS gap
FROM a GROUP BY match, arm ORDER BY match DESC, sum(probe * states) / sum(states);
