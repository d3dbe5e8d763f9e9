-- The two losses of training on five splits into training and test, seed 42 first.
.import --csv ablations.csv a
WITH run AS (SELECT iif(router LIKE 'regret%', 'regret', 'cross-entropy') AS loss, iif(router LIKE '%-_', substr(router, -1), '42') AS split, metric, value, low, high
             FROM a WHERE router LIKE 'whole%' OR router LIKE 'regret%')
SELECT split AS 'seed of the split', max(iif(loss = 'cross-entropy' AND metric = 'gap_closed', printf('%+.2f [%+.2f, %+.2f]', value, low, high), '')) AS 'cross-entropy: gap closed',
       max(iif(loss = 'regret' AND metric = 'gap_closed', printf('%+.2f [%+.2f, %+.2f]', value, low, high), '')) AS 'regret: gap closed',
       max(iif(loss = 'cross-entropy' AND metric = 'change', printf('%+.5f', value), '')) AS 'cross-entropy: loss a step',
       max(iif(loss = 'regret' AND metric = 'change', printf('%+.5f', value), '')) AS 'regret: loss a step'
FROM run GROUP BY split ORDER BY split <> '42', split;
