-- What there is to win at the branch states by fresh batches: chosen on one half of the probe batches, valued on the other, both ways.
WITH c AS (SELECT json_extract(readfile('routing_data.json'), '$.ceiling') AS c, 1 AS one)
SELECT 'the halves choose the same arm' AS what, printf('%.1f %%', 100 * (c ->> 'agreement')) AS value,
       printf('%.1f %%', 100 * (c ->> 'agreement_null')) AS 'arms shuffled', printf('%.3f', c ->> 'agreement_p') AS p FROM c
UNION ALL SELECT 'loss a step by the best single arm, `' || (c ->> 'best_single_arm') || '`', printf('%+.5f', c ->> 'single'), '', '' FROM c
UNION ALL SELECT 'loss a step by the choice of the other half', printf('%+.5f', c ->> 'oracle'), '', '' FROM c
UNION ALL SELECT 'what that choice wins', printf('%.5f', c ->> 'gap'), printf('%.5f', c ->> 'gap_null'), printf('%.3f', c ->> 'gap_p') FROM c
UNION ALL SELECT 'what the best arm of each tenth of the training wins', printf('%.5f', c ->> 'phase_gain'), printf('%.5f', c ->> 'phase_null'),
       printf('%.3f', c ->> 'phase_p') FROM c;
