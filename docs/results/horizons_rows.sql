-- For horizons.sql and horizons.gp: table h, the loss of every arm less that of quasi_newton and its two standard errors, by how
-- far one looks. Of whole trainings: the held-out loss at the end, on the same seeds; two standard errors of three or five.
.import --csv states_arms.csv s
.import --csv looks_arms.csv l
.import --csv looks_longer_arms.csv ll
.import --csv policies.csv p
.import --csv routing.csv r
.import --csv fixed.csv f
CREATE TABLE h (place, horizon, states, arm, less, error);
INSERT INTO h SELECT 1, '1 step, its own batch', sum(states), arm, sum(less * states) / sum(states), NULL FROM (
    SELECT arm, states * 1 AS states, same_batch - max(iif(arm = 'quasi_newton', same_batch * 1, NULL)) OVER (PARTITION BY run, tenth) AS less FROM s) GROUP BY arm;
CREATE TABLE m (place, horizon, arm, states, less, error);
INSERT INTO m SELECT 2, '1 step, fresh batches', arm, states, probe_less, probe_less_error FROM s
    UNION ALL SELECT 3, '16 steps, annealed for 48', arm, states, look_less, look_less_error FROM l
    UNION ALL SELECT 4, '16, annealed for 96', arm, states, look_less, look_less_error FROM ll
    UNION ALL SELECT 4, '16, annealed for 96', arm, states, doubled_less, doubled_less_error FROM l WHERE doubled_less <> ''
    UNION ALL SELECT 5, '16, annealed for 192', arm, states, doubled_less, doubled_less_error FROM ll WHERE doubled_less <> '';
INSERT INTO h SELECT place, horizon, sum(states), arm, sum(less * states) / sum(states), 2 * sqrt(sum(error * error * states * states)) / sum(states)
    FROM m GROUP BY place, arm;
CREATE TABLE whole AS SELECT CASE WHEN solver = 'best_fixed' THEN 'quasi_newton:0.5' WHEN solver = 'frank_wolfe' THEN 'frank_wolfe:2'
        WHEN run LIKE 'quasi_newton_0.25-%' THEN 'quasi_newton:0.25' WHEN run LIKE 'quasi_newton_2-%' THEN 'quasi_newton:2' ELSE solver END AS arm,
        seed, held_loss FROM (SELECT * FROM p WHERE solver IN ('quasi_newton', 'frank_wolfe') UNION ALL SELECT * FROM r WHERE solver = 'best_fixed' UNION ALL SELECT * FROM f)
    WHERE epoch * 1 = 6;
INSERT INTO h SELECT 6, 'the whole training', count(*), arm, avg(d), 2 * sqrt(max(0, avg(d * d) - avg(d) * avg(d)) / max(1, count(*) - 1)) FROM (
    SELECT w.arm, w.held_loss - q.held_loss AS d FROM whole w JOIN whole q ON q.arm = 'quasi_newton' AND q.seed = w.seed) GROUP BY arm;
