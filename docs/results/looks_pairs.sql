-- Of each two arms of table d, how looks order them: annealed once and twice as long, and by how much that moves.
SELECT '`' || arm || '` less `' || other || '`' AS arms, sum(iif(doubled_less = '', 0, states)) AS states,
       group_concat(iif(doubled_less = '', NULL, printf('%+.4f ± %.4f', less, 2 * less_error))) AS 'after a look',
       group_concat(iif(doubled_less = '', NULL, printf('%+.4f ± %.4f', doubled_less, 2 * doubled_less_error))) AS 'annealed twice as long',
       group_concat(iif(doubled_less = '', NULL, printf('%+.4f ± %.4f', moved, 2 * moved_error))) AS 'moved by',
       printf('%.0f', 100.0 * sum(iif(doubled_less = '', 0, same_order)) / sum(iif(doubled_less = '', 0, states))) AS 'states with the same order, %',
       iif(sum(repeated) = 0, '', printf('%.0f', 100.0 * sum(same_order_repeated) / max(1, sum(repeated)))) AS 'by other batches, %'
FROM d GROUP BY arm, other ORDER BY min(rowid);
