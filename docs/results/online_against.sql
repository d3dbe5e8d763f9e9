-- Test accuracy of the router less each opponent's on the same seeds, of table data (document): it matches where the interval lies within 0.5.
SELECT '`' || (value ->> 'policy') || '`' AS 'opponent', json_array_length(value, '$.differences') AS seeds,
       printf('%+.2f', 100 * (value ->> 'mean')) AS 'router less it, points',
       iif(value ->> 'low_90' IS NULL, '', printf('[%+.2f, %+.2f]', 100 * (value ->> 'low_90'), 100 * (value ->> 'high_90'))) AS '90 % interval',
       (SELECT group_concat(printf('%+.2f', 100 * d.value), ', ') FROM json_each(a.value, '$.differences') d) AS 'every seed',
       CASE value ->> 'matches' WHEN 1 THEN 'yes' WHEN 0 THEN 'no' ELSE '' END AS matches
FROM data, json_each(document, '$.router_against') a ORDER BY json_array_length(value, '$.differences') DESC, value ->> 'mean';
