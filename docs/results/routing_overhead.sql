-- What deciding costs the router in training, beside a step.
SELECT printf('%.1f ms', value -> 'ms_per_step' ->> 'mean') AS 'a step', printf('%.2f ms', 0.001 * (value ->> 'feature_us')) AS 'its features',
       printf('%.2f %%', 100 * (value ->> 'feature_overhead')) AS 'of a step', printf('%.2f ms', 0.001 * (value ->> 'decide_us')) AS 'its choice',
       printf('%.2f %%', 100 * (value ->> 'decide_overhead')) AS 'of a step ', printf('%.2f', value ->> 'cycles') AS cycles
FROM json_each(readfile('routing_online.json'), '$.policies') WHERE value ->> 'policy' = 'router';
