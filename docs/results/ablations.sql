-- The router with parts taken out, on the branch states of the test; 95 % intervals over groups.
.import --csv ablations.csv a
CREATE VIEW cell AS SELECT router, metric, CASE metric WHEN 'agreement' THEN printf('%.1f [%.1f, %.1f]', 100 * value, 100 * low, 100 * high)
    WHEN 'change' THEN printf('%+.5f [%+.5f, %+.5f]', value, low, high) ELSE printf('%+.2f [%+.2f, %+.2f]', value, low, high) END AS text, rowid AS place FROM a;
SELECT '`' || router || '`' AS router, max(iif(metric = 'agreement', text, '')) AS 'agreement, %', max(iif(metric = 'change', text, '')) AS 'loss a step',
       max(iif(metric = 'gap_closed', text, '')) AS 'share of the gap closed' FROM cell WHERE router NOT LIKE '%-_' GROUP BY router ORDER BY min(place);
