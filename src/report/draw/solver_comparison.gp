# Training loss by step and test accuracy by epoch, one curve a run.
# 0: title, epochs, window (steps a point is the mean of), tested   1: solver, keyed (its name is in the key), a row a run
# then, a run: step, loss; epoch, accuracy (%)
stats data index 0 using (about = strcol('title'), epochs = column('epochs'), window = column('window'), tested = column('tested'), 0) nooutput
stats data index 1 using 0 nooutput
n = int(STATS_records)
array solver[n]; array key[n]
stats data index 1 using (i = int($0) + 1, solver[i] = strcol('solver'), key[i] = column('keyed') > 0 ? solver[i] : '', 0) nooutput

eval picture(1080, 400)
set multiplot layout 1,2
set title 'Training loss'.about
set xlabel 'step'
set ylabel 'cross-entropy, nats'.(window > 1 ? sprintf(' (mean of %d steps)', window) : '')
set xrange [0:*]
set format y '%.1f'
unset key # one for both panels
plot for [i=1:n] data index 2*i using 'step':'loss' with linespoints lc rgb colour(solver[i]) lw width(solver[i]) \
    pt mark(solver[i]) ps 0.8 pi 8 title key[i]

set title 'Test accuracy'.about
set ylabel 'test images classified correctly (%)'
set format y '%g'
set key outside right top noopaque
set rmargin 22
eval epoch_axis(epochs)
if (tested < 1) { set yrange [0:100]; set label 'no epoch is done yet' at graph 0.5,0.5 center }
plot for [i=1:n] data index 2*i+1 using 'epoch':'accuracy' with linespoints lc rgb colour(solver[i]) lw width(solver[i]) \
    pt mark(solver[i]) ps 0.8 title key[i]
unset multiplot
