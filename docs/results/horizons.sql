-- Which arm is best depends on how far one looks: losses less that of quasi_newton, ± two standard errors.
.read horizons_rows.sql
CREATE TABLE cell AS SELECT place, horizon, states, arm,
    iif(error IS NULL, printf('%+.4f', less), printf('%+.4f ± %.4f', less, error)) AS text, less FROM h;
SELECT horizon AS 'how far one looks', iif(min(states) = max(states), max(states), min(states) || ' to ' || max(states)) AS 'states, or trainings', max(iif(arm = 'quasi_newton:0.25', text, '')) AS '`quasi_newton:0.25`',
       max(iif(arm = 'quasi_newton:0.5', text, '')) AS '`quasi_newton:0.5`', max(iif(arm = 'quasi_newton:2', text, '')) AS '`quasi_newton:2`',
       max(iif(arm = 'frank_wolfe:2', text, '')) AS '`frank_wolfe:2`', '`' || (SELECT arm FROM cell b WHERE b.place = c.place ORDER BY less LIMIT 1) || '`' AS best
FROM cell c GROUP BY place ORDER BY place;
