-- For horizons.sql and horizons.gp: table h, the loss of every arm less that of quasi_newton and its two standard errors, by how
-- far one looks. Of whole trainings: the held-out loss at the end, on the same seeds; two standard errors of three or five.
.import --csv states_arms.csv s
.import --csv looks_doubled.csv l
.import --csv "|cat looks_longer_doubled.csv 2>/dev/null || head -1 looks_doubled.csv" ll
.import --csv policies.csv p
.import --csv routing.csv r
.import --csv "|cat fixed.csv 2>/dev/null || head -1 policies.csv" f
CREATE TABLE h (place, horizon, states, arm, less, error);
INSERT INTO h SELECT 1, '1 step, its own batch', sum(states), arm, sum(less * states) / sum(states), NULL FROM (
    SELECT arm, states * 1 AS states, same_batch - max(iif(arm = 'quasi_newton', same_batch * 1, NULL)) OVER (PARTITION BY run, tenth) AS less FROM s) GROUP BY arm;
CREATE TABLE m (place, horizon, arm, states, less, error);
INSERT INTO m SELECT 2, '1 step, fresh batches', arm, states, probe_less, probe_less_error FROM s;
-- pairs of arms, a line a run: quasi_newton is one of them
CREATE TABLE pair AS SELECT 0 AS longer, * FROM l UNION ALL SELECT 1, * FROM ll;
CREATE TABLE beside AS SELECT longer, arm, 1 AS sign, states, less, less_error, doubled_less, doubled_less_error FROM pair WHERE other = 'quasi_newton'
    UNION ALL SELECT longer, other, -1, states, less, less_error, doubled_less, doubled_less_error FROM pair WHERE arm = 'quasi_newton'
    UNION ALL SELECT longer, 'quasi_newton', 0, states, 0, 0, nullif(doubled_less, '') * 0, 0 FROM pair WHERE other = 'quasi_newton:2' AND arm = 'quasi_newton';
INSERT INTO m SELECT 3 + longer, CASE longer WHEN 0 THEN '16 steps, annealed for 48' ELSE '16, annealed for 96' END, arm, states, sign * less, less_error FROM beside
    UNION ALL SELECT 4 + longer, CASE longer WHEN 0 THEN '16, annealed for 96' ELSE '16, annealed for 192' END, arm, states, sign * doubled_less, doubled_less_error
    FROM beside WHERE doubled_less <> '' OR arm = 'quasi_newton' AND doubled_less IS NOT NULL;
INSERT INTO h SELECT place, horizon, sum(states), arm, sum(less * states) / sum(states), 2 * sqrt(sum(error * error * states * states)) / sum(states)
    FROM m GROUP BY place, arm;
CREATE TABLE whole AS SELECT CASE WHEN solver = 'best_fixed' THEN 'quasi_newton:0.5' WHEN solver = 'frank_wolfe' THEN 'frank_wolfe:2'
        WHEN run LIKE 'quasi_newton_0.25-%' THEN 'quasi_newton:0.25' WHEN run LIKE 'quasi_newton_2-%' THEN 'quasi_newton:2' ELSE solver END AS arm,
        seed, held_loss FROM (SELECT * FROM p WHERE solver IN ('quasi_newton', 'frank_wolfe') UNION ALL SELECT * FROM r WHERE solver = 'best_fixed' UNION ALL SELECT * FROM f)
    WHERE epoch * 1 = (SELECT max(epoch * 1) FROM p);
INSERT INTO h SELECT 6, 'the whole training', count(*), arm, avg(d), 2 * sqrt(max(0, avg(d * d) - avg(d) * avg(d)) / max(1, count(*) - 1)) FROM (
    SELECT w.arm, w.held_loss - q.held_loss AS d FROM whole w JOIN whole q ON q.arm = 'quasi_newton' AND q.seed = w.seed) GROUP BY arm;
