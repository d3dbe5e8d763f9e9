# What each oracle would choose at the branch states, by tenths of the training: docs/pictures/branch_states.png.
# usage: gnuplot states.gp      (in this folder)
set encoding utf8
set terminal pngcairo noenhanced size 1200,520 font 'Liberation Sans,16'
set output '../pictures/branch_states.png'
set datafile separator '|'
measures = "best_same_batch best_probe"
titles = "'loss of the batch just seen' 'loss of 8 fresh batches'"
arms = "quasi_newton:0.25 quasi_newton:0.5 quasi_newton quasi_newton:2 frank_wolfe:2"
array colour = ['#b9cdf5', '#7f9fe8', '#4468cc', '#122d7a', '#d87900']
array pattern = [3, 3, 3, 3, 4]
share(measure, arm) = sprintf("< sqlite3 :memory: '.import --csv states_arms.csv a' ".'"SELECT 10 * tenth + 5, 100.0 * sum(%s) / sum(states) FROM a WHERE arm = '."'%s'".' GROUP BY tenth ORDER BY tenth * 1"', measure, arm)

set multiplot layout 1,2 margins 0.08,0.765,0.16,0.86 spacing 0.06,0
set border 3 lc rgb '#555555'
set tics nomirror
set style data histograms
set style histogram rowstacked
set boxwidth 0.92
set yrange [0:100]
set xtics ('0' -0.5, '50' 4.5, '100' 9.5)
set xlabel '% of the training done'
set key off
do for [m = 1:2] {
    set title 'Best by the '.word(titles, m)
    if (m == 1) { set ylabel 'share of the states, %' } else {
        unset ylabel
        set key at screen 0.785,0.82 left top Left reverse invert samplen 1.5 spacing 1.5 noautotitle
    }
    plot for [a = 1:5] share(word(measures, m), word(arms, a)) using 2 title (m == 2 ? word(arms, a) : '') fs solid noborder lc rgb colour[a]
}
unset multiplot
