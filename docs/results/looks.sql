-- The arms after hold and anneal less quasi_newton at the same state, ± two standard errors, over all runs.
.import --csv looks_arms.csv a
.import --csv looks_doubled.csv d
CREATE TABLE beside AS SELECT arm, 1 AS sign, states, less, less_error FROM d WHERE other = 'quasi_newton'
    UNION ALL SELECT other, -1, states, less, less_error FROM d WHERE arm = 'quasi_newton';
SELECT '`' || arm || '`' AS arm, sum(states) AS states, printf('%.1f', 100.0 * sum(best_look) / sum(states)) AS 'best after a look, %',
       iif(arm = 'quasi_newton', '', (SELECT printf('%+.4f ± %.4f', sum(sign * less * b.states) / sum(b.states), 2 * sqrt(sum(less_error * less_error * b.states * b.states)) / sum(b.states))
                 FROM beside b WHERE b.arm = a.arm)) AS 'loss after a look'
FROM a GROUP BY arm ORDER BY sum(norm * states) / sum(states);
