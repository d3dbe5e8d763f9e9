-- The arms after hold and anneal beside what they do one step ahead, both less quasi_newton at the same state, ± two standard errors.
.import --csv looks_arms.csv a
SELECT '`' || arm || '`' AS arm, sum(states) AS states,
       printf('%.1f', 100.0 * sum(best_probe) / sum(states)) AS 'best one step ahead, %',
       iif(arm = 'quasi_newton', '', printf('%+.4f ± %.4f', sum(probe_less * states) / sum(states),
           2 * sqrt(sum(probe_less_error * probe_less_error * states * states)) / sum(states))) AS 'loss one step ahead',
       printf('%.1f', 100.0 * sum(best_look) / sum(states)) AS 'best after a look, %',
       iif(arm = 'quasi_newton', '', printf('%+.4f ± %.4f', sum(look_less * states) / sum(states),
           2 * sqrt(sum(look_less_error * look_less_error * states * states)) / sum(states))) AS 'loss after a look',
       iif(arm = 'quasi_newton', '', (SELECT printf('%+.4f ± %.4f', sum(d.doubled_less * d.states) / sum(d.states),
            2 * sqrt(sum(d.doubled_less_error * d.doubled_less_error * d.states * d.states)) / sum(d.states))
        FROM a d WHERE d.arm = a.arm AND d.doubled_less <> '')) AS 'the same, annealed twice as long'
FROM a GROUP BY arm ORDER BY sum(norm * states) / sum(states);
