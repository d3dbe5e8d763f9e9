# What an arm is worth one step ahead and after a held and annealed look, by parts of the training: docs/pictures/looks.png.
# usage: gnuplot looks.gp      (in this folder)
set encoding utf8
set terminal pngcairo noenhanced size 1200,560 font 'Liberation Sans,16'
set output '../pictures/looks.png'
set datafile separator '|'
measures = "probe_less look_less"
titles = "'One step ahead' 'After a look: held, then annealed'"
parts = "'tenth * 1 < 3' 'tenth * 1 BETWEEN 3 AND 6' 'tenth * 1 > 6'"
names = "'first 30 % of the training' 'middle' 'last 30 %'"
array colour = ['#56b4e9', '#0072b2', '#d55e00']
array point = [7, 5, 9]
# mean less quasi_newton, and two standard errors
less(measure, part) = sprintf("< sqlite3 :memory: '.import --csv looks_arms.csv a' ".'"WITH place(arm, x) AS (VALUES '. \
    "('quasi_newton:0.25', 1), ('quasi_newton:0.5', 2), ('quasi_newton', 3), ('quasi_newton:2', 4), ('frank_wolfe:2', 5)) ". \
    'SELECT x, sum(%s * states) / sum(states), 2 * sqrt(sum(%s_error * %s_error * states * states)) / sum(states) '. \
    'FROM a JOIN place USING (arm) WHERE %s GROUP BY arm ORDER BY x"', \
    measure, measure, measure, part)

set multiplot layout 1,2 margins 0.085,0.985,0.24,0.9 spacing 0.075,0
set border 3 lc rgb '#555555'
set tics nomirror
set grid ytics lc rgb '#e4e4e4'
set xrange [0.5:5.5]
set xtics ('× 0.25' 1, '× 0.5' 2, '× 1' 3, '× 2' 4, "frank_wolfe\n× 2" 5)
set xlabel 'quasi_newton with so many times the radius' offset -4,0.6
set xzeroaxis lt 1 lw 1.5 lc rgb '#888888'
set offsets 0, 0, graph 0.05, graph 0.05
set key off
do for [m = 1:2] {
    set title word(titles, m)
    if (m == 1) { set ylabel 'loss less that of quasi_newton' } else {
        unset ylabel
        do for [k = 1:3] {
            set label k word(names, k) at screen 0.3 * k - 0.12, 0.05 point pt point[k] ps 1.5 lc rgb colour[k] offset 1,0 textcolor rgb '#333333'
        }
    }
    plot for [k = 1:3] less(word(measures, m), word(parts, k)) using ($1 + 0.16 * (k - 2)):2:3 with yerrorbars pt point[k] ps 1.4 lw 2 lc rgb colour[k]
}
unset multiplot
