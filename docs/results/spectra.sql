.import --csv spectra.csv r
SELECT '`' || method || '`' AS method, layer, largest, median, smallest FROM r;
