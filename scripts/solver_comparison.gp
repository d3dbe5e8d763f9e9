# Training loss by step and test accuracy by epoch, one curve a solver.
# usage: gnuplot -e "dir='results/demo'; solvers='spectral_clip ...'; title_text='...'; epochs=3" scripts/solver_comparison.gp
set terminal pngcairo size 1200,480 font "Liberation Sans,11" linewidth 1.6
set output dir."/solver_comparison.png"
array colour[5] = ["#7f7f7f", "#d95f02", "#1b6fb3", "#7b3fa0", "#1b9e77"]
loss(s) = "< sqlite3 -separator ' ' '".dir."/".s.".db' \"SELECT max(step) + 1, avg(loss) FROM step GROUP BY step / 10\""
accuracy(s) = "< sqlite3 -separator ' ' '".dir."/".s.".db' \"SELECT epoch + 1, 100 * test_accuracy FROM epoch ORDER BY epoch\""
set multiplot layout 1,2 title title_text font ",13"
set grid lc rgb "#dddddd" lw 0.6
set border 3
set tics nomirror
set key top right noenhanced
set xlabel "step"
set ylabel "training loss (mean of 10 steps)"
set xrange [0:*]
plot for [i=1:words(solvers)] loss(word(solvers, i)) using 1:2 with lines lc rgb colour[i] title word(solvers, i)
set key bottom right noenhanced
set xlabel "epoch"
set ylabel "test accuracy (%)"
set xtics 1
set xrange [0.8:epochs + 0.2]
plot for [i=1:words(solvers)] accuracy(word(solvers, i)) using 1:2 with linespoints pt 7 ps 0.9 lc rgb colour[i] title word(solvers, i)
unset multiplot
