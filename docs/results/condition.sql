-- quasi_newton by the condition number of the tangent momentum, fifths of each run's states: does it suffer at the extremes?
.import --csv states_condition.csv c
SELECT fifth AS 'fifth of the states', printf('%d to %d', min(least_condition * 1), max(largest_condition * 1)) AS 'condition number',
       sum(states) AS states, printf('%.1f', sum(iterations * states) / sum(states)) AS iterations,
       printf('%.1e', sum(gap * states) / sum(states)) AS 'certified gap, mean', printf('%.1e', max(largest_gap * 1)) AS largest,
       (SELECT printf('%+.4f ± %.4f', sum(f.probe_less * f.states) / sum(f.states),
            2 * sqrt(sum(f.probe_less_error * f.probe_less_error * f.states * f.states)) / sum(f.states))
        FROM c f WHERE f.fifth = c.fifth AND f.arm = 'frank_wolfe:2') AS 'loss of fresh batches, `frank_wolfe:2` less `quasi_newton`'
FROM c WHERE arm = 'quasi_newton' GROUP BY fifth ORDER BY fifth;
