# Test accuracy of every policy on every seed, and beside the fixed arm that is best in the router's data: docs/pictures/online.png.
# usage: gnuplot online.gp      (in this folder)
set encoding utf8
set terminal pngcairo noenhanced size 1200,720 font 'Liberation Sans,16'
set output '../pictures/online.png'
set datafile separator '|'
of(kind, select) = sprintf("< sqlite3 :memory: '.read online_dots.sql' 'SELECT %s kind = %d' 2>/dev/null", select, kind)
rows = int(system("sqlite3 :memory: '.read online_dots.sql' 'SELECT count(*) FROM place' 2>/dev/null"))
dots(kind, x) = of(kind, x.', row, mean, less, half FROM beside JOIN place USING (name) WHERE place.')
means(kind) = of(kind, 'mean, row, less, half FROM place WHERE')
names = "'arms by turns' 'fixed arm, best of its data' 'another method, tuned' 'router'"
array colour = ['#009e73', '#0072b2', '#8a8a8a', '#d55e00']
array soft = ['#50009e73', '#500072b2', '#508a8a8a', '#50d55e00']
array point = [9, 13, 7, 5]

set multiplot layout 1,2 margins 0.165,0.985,0.13,0.91 spacing 0.035,0
set border 3 lc rgb '#555555'
set tics nomirror
set yrange [0.4:rows + 0.6]
set grid ytics lc rgb '#e4e4e4'
set key off
set title 'Test accuracy, %: every seed, and the mean'
set offsets graph 0.03, graph 0.03, 0, 0
plot "< sqlite3 :memory: '.read online_dots.sql' 'SELECT mean, row, name FROM place' 2>/dev/null" using 1:2:ytic(3) with points pt 0, \
    for [k = 1:4] means(k) using 1:($2 - 0.32):(0):(0.64) with vectors nohead lw 3 lc rgb colour[k], \
    for [k = 1:4] dots(k, 'y') using 1:2 with points pt point[k] ps 1.25 lc rgb soft[k]
set title 'Beside that fixed arm on the same seed, points'
set format y ''
set object rectangle from -0.5, graph 0 to 0.5, graph 1 behind fc rgb '#dbe9f6' fs solid noborder
set arrow from 0, graph 0 to 0, graph 1 nohead lc rgb '#0072b2' lw 1.5 back
set label 5 '± 0.5' at 0, graph 1.02 center textcolor rgb '#0072b2' font ',13'
do for [k = 1:4] {
    set label k word(names, k) at screen 0.235 * k - 0.07, 0.04 point pt point[k] ps 1.5 lc rgb colour[k] offset 1,0 textcolor rgb '#333333'
}
plot for [k = 1:4] means(k) using 3:2:4 with xerrorbars pt 0 lw 2.5 lc rgb colour[k], \
    for [k = 1:4] dots(k, 'd') using 1:2 with points pt point[k] ps 1.25 lc rgb soft[k]
unset multiplot
