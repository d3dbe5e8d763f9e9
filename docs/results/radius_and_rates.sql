.import --csv radius_and_rates.csv r
SELECT method, radius, lr_rest AS 'lr-rest', momentum || CASE nesterov WHEN 1 THEN ', Nesterov' ELSE '' END AS momentum,
       change AS 'else', test_accuracy || ' %' AS 'test accuracy'
FROM r;
