# Test accuracy by epoch, mean over seeds, and after the last epoch the mean, its deviation, and each seed.
# 0: epochs, policies   1: policy, mean, deviation (%), a row a policy   2: policy (from 0), accuracy, a row a seed
# then, a policy: epoch, accuracy
stats data index 0 using (epochs = column('epochs'), n = int(column('policies')), 0) nooutput
array policy[n]
stats data index 1 using (policy[int($0) + 1] = strcol('policy'), 0) nooutput

eval picture(1080, 400)
set multiplot layout 1,2
set title 'Test accuracy, mean over seeds'
set ylabel 'test images classified correctly (%)'
set key outside right top noopaque
set rmargin 22
eval epoch_axis(epochs)
plot for [i=1:n] data index i+2 using 'epoch':'accuracy' with linespoints lc rgb colour(policy[i]) lw width(policy[i]) \
    pt mark(policy[i]) ps 0.8 title policy[i]

set title 'After the last epoch'
set xlabel 'test accuracy (%)'
unset ylabel
unset key
set lmargin 15
set rmargin 3
set xtics autofreq
set xrange [*:*]
set offsets graph 0.06, graph 0.06, 0, 0
set yrange [n - 0.4:-0.6]
set ytics ()
do for [i=1:n] { set ytics add (policy[i] i - 1) }
plot data index 2 using 'accuracy':'policy' with points pt 6 ps 0.7 lc rgb '#777777', \
    for [i=1:n] data index 1 every ::i-1::i-1 using 'mean':(i - 1):'deviation' with xerrorbars \
    pt mark(policy[i]) ps 1.3 lw 1.8 lc rgb colour(policy[i])
unset multiplot
