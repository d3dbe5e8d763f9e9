-- For online.gp: table run of every policy and seed, of the policies that choose and of the tuned methods, where these are there already.
.import --csv "|cat policies.csv 2>/dev/null || echo run,solver,seed,test_accuracy,epoch" p
UPDATE p SET solver = 'spel_0.02' WHERE run LIKE 'spel_0.02-%';
CREATE TABLE called (policy, name, kind); -- kind: 1 chooses an arm at every step, 2 the best fixed arm, 3 another method, 4 the router
INSERT INTO called VALUES ('router', 'router', 4), ('regret', 'router, by regret', 4), ('best_fixed', 'fixed arm', 2), ('two_phase', 'two-phase switch', 1), ('schedule', 'progress schedule', 1),
    ('exp3', 'EXP3', 1), ('linucb', 'LinUCB', 1), ('discounted_ucb', 'discounted bandit', 1), ('random', 'random arm', 1), ('muon_ns5', 'plain Muon', 3),
    ('quasi_newton', 'quasi_newton', 3), ('admm', 'ADMM', 3), ('spel', 'SPEL', 3), ('spel_0.02', 'SPEL, radius 0.02', 3), ('spectral_clip', 'spectral_clip', 3), ('frank_wolfe', 'frank_wolfe', 3),
    ('sgd', 'SGD', 3), ('adamw', 'AdamW', 3);
CREATE TABLE run AS SELECT name, kind, seed, y FROM called JOIN (
    SELECT value ->> 'policy' AS policy, value ->> 'seed' AS seed, 100 * (value ->> 'test_accuracy') AS y
    FROM json_each(readfile('routing_online.json'), '$.runs') WHERE value ->> 'status' = 'done'
    UNION ALL SELECT 'regret', value ->> 'seed', 100 * (value ->> 'test_accuracy')
    FROM json_each(readfile('regret_online.json'), '$.runs') WHERE value ->> 'status' = 'done'
    UNION ALL SELECT solver, seed * 1, 100 * test_accuracy FROM p WHERE epoch * 1 = (SELECT max(epoch * 1) FROM p)) USING (policy);
CREATE TABLE beside AS SELECT r.*, r.y - f.y AS d FROM run r JOIN run f ON f.seed = r.seed AND f.kind = 2;
-- 2.1318: Student's t of a 90 % interval of five; fewer seeds have none
CREATE TABLE place AS SELECT name, kind, row_number() OVER (ORDER BY avg(y)) AS row, avg(y) AS mean, avg(d) AS less,
    iif(count(*) < 5, 0, 2.1318 * sqrt(max(0, avg(d * d) - avg(d) * avg(d)) / (count(*) - 1))) AS half FROM beside GROUP BY name;
