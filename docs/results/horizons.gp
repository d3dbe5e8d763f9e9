# Which step is best depends on how far one looks: docs/pictures/horizons.png.
# usage: gnuplot horizons.gp      (in this folder)
set encoding utf8
set terminal pngcairo noenhanced size 1200,700 font 'Liberation Sans,16'
set output '../pictures/horizons.png'
set datafile separator '|'
titles = "'1 step, its own batch' '1 step, fresh batches' '16 steps, annealed for 48' '16 steps, annealed for 96' '16 steps, annealed for 192' 'the whole training'"
# arm's place, loss less that of quasi_newton, two standard errors; best: 1 of the best arm alone, 0 of the others
rows(place, best) = sprintf("< sqlite3 :memory: '.read horizons_rows.sql' ".'"WITH at(arm, x) AS (VALUES '. \
    "('quasi_newton:0.25', 1), ('quasi_newton:0.5', 2), ('quasi_newton', 3), ('quasi_newton:2', 4), ('frank_wolfe:2', 5)) ". \
    'SELECT x, less, coalesce(error, 0) FROM h JOIN at USING (arm) WHERE place = %d '. \
    'AND (less = (SELECT min(less) FROM h WHERE place = %d)) = %d ORDER BY x"', place, place, best)

set multiplot layout 2,3 margins 0.085,0.985,0.115,0.93 spacing 0.075,0.14
set border 3 lc rgb '#555555'
set tics nomirror
set grid ytics lc rgb '#e4e4e4'
set xrange [0.5:5.5]
set xzeroaxis lt 1 lw 1.5 lc rgb '#0072b2'
set offsets 0, 0, graph 0.08, graph 0.08
set key off
set label 1 'quasi_newton with so many times its tuned radius; FW: frank_wolfe with twice of it; square: the smallest loss' at screen 0.51, 0.025 center font ',15' textcolor rgb '#333333'
do for [place = 1:6] {
    set title word(titles, place) font ',17'
    set xtics ('×¼' 1, '×½' 2, '×1' 3, '×2' 4, 'FW×2' 5)
    if (place % 3 == 1) { set ylabel 'loss less that of ×1' } else { unset ylabel }
    plot rows(place, 0) using 1:2:3 with yerrorbars pt 7 ps 1.4 lw 2 lc rgb '#8a8a8a', \
        rows(place, 1) using 1:2:3 with yerrorbars pt 5 ps 1.9 lw 2.5 lc rgb '#d55e00'
    unset label 1
}
unset multiplot
