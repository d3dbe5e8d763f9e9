# Milliseconds against n with a line of n^3, and beside it the same in units of one n x n x n product.
# 0: solver, curves, sizes, ratio (m / n), ms_last (of the largest size, loosest gap), and the ends of all values
# 1: gap, exponent (NaN: not known), a row a curve   then, a curve: n, ms, products
stats data index 0 using (solver = strcol('solver'), curves = int(column('curves')), sizes = int(column('sizes')), \
    ratio = column('ratio'), ms_last = column('ms_last'), ms_low = column('ms_low'), ms_high = column('ms_high'), \
    products_low = column('products_low'), products_high = column('products_high'), 0) nooutput
array key[curves]; array n[sizes]
stats data index 1 using (i = int($0) + 1, e = column('exponent'), \
    key[i] = solver.' to '.strcol('gap').(e == e ? sprintf(': n^%.2f', e) : ''), 0) nooutput
stats data index 2 using (n[int($0) + 1] = column('n'), 0) nooutput
set style line 1 lc rgb colour(solver) lw 1.8 dt 1 pt 7 ps 0.9
set style line 2 lc rgb colour(solver) lw 1.8 dt (8,4) pt 5 ps 0.9
set style line 3 lc rgb colour(solver) lw 1.8 dt (2,3) pt 9 ps 0.9

eval picture(960, 420)
set multiplot layout 1,2
set lmargin 11
set logscale xy
set xlabel 'n'
set xrange [0.85 * n[1]:1.18 * n[sizes]]
set xtics ()
do for [i=1:sizes] { set xtics add (n[i]) }
set format y '%g'
set title sprintf('Time of one solve, m = %.3g n', ratio)
set ylabel 'ms'
set key top left
set yrange [0.3 * ms_low:30 * ms_high] # room for the key
plot for [i=1:curves] data index i+1 using 'n':'ms' with linespoints ls (i - 1) % 3 + 1 title key[i], \
    ms_last * (x / n[sizes])**3 with lines lc rgb '#777777' lw 1.2 dt (2,4) title 'n^3'

set title 'In units of one n × n × n product (double)'
set ylabel 'products'
unset key
set yrange [0.5 * products_low:2 * products_high]
set ytics ()
do for [decade=-1:6] for [first in '1 2 5'] { set ytics add (first.sprintf('e%d', decade) first * 10.0**decade) }
plot for [i=1:curves] data index i+1 using 'n':'products' with linespoints ls (i - 1) % 3 + 1
unset multiplot
