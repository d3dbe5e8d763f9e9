-- Does the order of two arms survive twice the annealing? Beside it, other coming batches: what noise alone turns round.
.import --csv looks_doubled.csv d
SELECT '`' || arm || '` less `' || other || '`' AS arms, sum(iif(doubled_less = '', 0, states)) AS states,
       group_concat(iif(doubled_less = '', NULL, printf('%+.4f ± %.4f', less, 2 * less_error))) AS 'after a look',
       group_concat(iif(doubled_less = '', NULL, printf('%+.4f ± %.4f', doubled_less, 2 * doubled_less_error))) AS 'annealed twice as long',
       printf('%.0f', 100.0 * sum(iif(doubled_less = '', 0, same_order)) / sum(iif(doubled_less = '', 0, states))) AS 'states with the same order, %',
       printf('%.0f', 100.0 * sum(same_order_repeated) / sum(repeated)) AS 'by other batches, %'
FROM d GROUP BY arm, other ORDER BY min(rowid);
