-- Where in the training a choice by looks wins something: of the states with two looks chosen on one, valued on the other, both
-- ways, less the arm that is best over these states; and the arms less quasi_newton.
.import --csv looks_losses.csv l
CREATE TABLE state AS SELECT run, step * 1 AS step, arm, change * 1.0 AS change, repetition * 1 AS repetition,
    min(step * 1) OVER () AS first, count(*) OVER (PARTITION BY run, step, arm) AS looks FROM l;
CREATE TABLE part (place, name, low, high);
INSERT INTO part VALUES (1, 'all', 0, 1e9), (2, 'the first step', 0, 0), (3, 'step 42', 42, 42), (4, 'step 84', 84, 84), (5, 'after the first step', 1, 1e9), (6, 'after step 84', 85, 1e9);
CREATE TABLE mean AS SELECT place, name, run, step, arm, looks, avg(change) AS change FROM state JOIN part ON step BETWEEN low AND high GROUP BY place, run, step, arm;
CREATE TABLE less AS SELECT m.place, m.name, m.arm, avg(m.change - q.change) AS d FROM mean m JOIN mean q ON q.place = m.place AND q.run = m.run AND q.step = m.step AND q.arm = 'quasi_newton' GROUP BY m.place, m.arm;
CREATE TABLE way AS SELECT place, name, run, step, 1 - repetition AS other, arm, min(change) FROM state JOIN part ON step BETWEEN low AND high WHERE looks = 2 GROUP BY place, run, step, repetition;
CREATE TABLE oracle AS SELECT w.place, avg(s.change) AS change, count(*) / 2 AS states FROM way w JOIN state s ON s.run = w.run AND s.step = w.step AND s.repetition = w.other AND s.arm = w.arm GROUP BY w.place;
CREATE TABLE single AS SELECT place, arm, min(change) AS change FROM (SELECT place, arm, avg(change) AS change FROM mean WHERE looks = 2 GROUP BY place, arm) GROUP BY place;
CREATE TABLE states AS SELECT place, count(DISTINCT run || step) AS n FROM mean GROUP BY place;
SELECT p.name AS 'states', n AS number, max(iif(l.arm = 'quasi_newton:0.25', printf('%+.4f', d), '')) AS '`quasi_newton:0.25`',
       max(iif(l.arm = 'quasi_newton:0.5', printf('%+.4f', d), '')) AS '`quasi_newton:0.5`', max(iif(l.arm = 'quasi_newton:2', printf('%+.4f', d), '')) AS '`quasi_newton:2`',
       max(iif(l.arm = 'frank_wolfe:2', printf('%+.4f', d), '')) AS '`frank_wolfe:2`', o.states AS 'looked from twice', '`' || s.arm || '`' AS 'best single arm of these',
       printf('%+.5f', s.change - o.change) AS 'what choosing wins beyond it'
FROM part p JOIN less l USING (place) JOIN states USING (place) JOIN single s USING (place) JOIN oracle o USING (place) GROUP BY place ORDER BY place;
