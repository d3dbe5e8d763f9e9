-- Branch states of the tuned quasi_newton: how often each arm is best, and what it does to the loss, by both short measures.
.import --csv states_arms.csv a
SELECT '`' || arm || '`' AS arm, sum(states) AS states, printf('%.1f', 100.0 * sum(best_same_batch) / sum(states)) AS 'best on its batch, %',
       printf('%.1f', 100.0 * sum(best_probe) / sum(states)) AS 'best on fresh batches, %',
       printf('%+.4f', sum(same_batch * states) / sum(states)) AS 'loss of its batch',
       printf('%+.5f', sum(probe * states) / sum(states)) AS 'loss of fresh batches',
       printf('%.3f', sum(norm * states) / sum(states)) AS '‖A‖_F', printf('%.2f', sum(rank * states) / sum(states)) AS 'effective rank / n'
FROM a GROUP BY arm ORDER BY sum(norm * states) / sum(states);
