-- What there is to win, by table data (name, unit, json): chosen on one half of the batches, valued on the other, both ways.
WITH c AS (SELECT rowid AS place, name, unit, json_extract(json, '$.ceiling') AS c FROM data),
     line AS (
    SELECT place, 1 AS row, name || 'the halves choose the same arm' AS what, printf('%.1f %%', 100 * (c ->> 'agreement')) AS value,
           printf('%.1f %%', 100 * (c ->> 'agreement_null')) AS shuffled, c ->> 'agreement_p' AS p FROM c
    UNION ALL SELECT place, 2, name || unit || ' by the best single arm, `' || (c ->> 'best_single_arm') || '`', printf('%+.5f', c ->> 'single'), '', NULL FROM c
    UNION ALL SELECT place, 3, name || unit || ' by the choice of the other half', printf('%+.5f', c ->> 'oracle'), '', NULL FROM c
    UNION ALL SELECT place, 4, name || 'what that choice wins', printf('%.5f', c ->> 'gap'), printf('%.5f', c ->> 'gap_null'), c ->> 'gap_p' FROM c
    UNION ALL SELECT place, 5, name || 'what the best arm of each tenth of the training wins', printf('%.5f', c ->> 'phase_gain'),
           printf('%.5f', c ->> 'phase_null'), c ->> 'phase_p' FROM c WHERE c ->> 'phase_p' IS NOT NULL)
SELECT what, value, shuffled AS 'arms shuffled', iif(p IS NULL, '', printf('%.3f', p)) AS p FROM line ORDER BY place, row;
