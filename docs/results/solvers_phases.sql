-- What the best solver of each tenth wins over the best of all, chosen on every other state and valued on the rest, both ways.
.import --csv solvers_phases.csv p
SELECT iif(match = 'none', 'own', 'equal') AS 'lengths', states AS states, '`' || single || '`' || iif(single = other_single, '', ' or `' || other_single || '`') AS 'best of all',
       printf('%+.5f ± %.5f', gain, 2 * gain_error) AS 'what the best of each tenth wins beyond it' FROM p ORDER BY match DESC;
