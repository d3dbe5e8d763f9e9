-- The solvers by the condition number of the tangent momentum, fifths of each run's states.
.import --csv solvers_condition.csv c
SELECT iif(match = 'none', 'own', 'equal') AS 'lengths', fifth, least_condition || ' to ' || largest_condition AS 'condition number',
       max(iif(arm = 'quasi_newton', iterations, '')) AS 'iterations of `quasi_newton`', max(iif(arm = 'quasi_newton', gap, '')) AS 'its gap',
       max(iif(arm = 'quasi_newton', printf('%.0f', 100.0 * best_probe / states), '')) AS 'best, % of the states',
       max(iif(arm = 'admm', printf('%+.5f ± %.5f', probe_less, 2 * probe_less_error), '')) AS '`admm` less it',
       max(iif(arm = 'frank_wolfe', printf('%+.5f ± %.5f', probe_less, 2 * probe_less_error), '')) AS '`frank_wolfe` less it',
       max(iif(arm = 'spectral_clip', printf('%+.5f ± %.5f', probe_less, 2 * probe_less_error), '')) AS '`spectral_clip` less it'
FROM c GROUP BY match, fifth ORDER BY match DESC, fifth;
