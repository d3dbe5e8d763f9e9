# Share of the steps of each epoch at which each solver was best.
# 0: epochs   1: solver, a row a curve   then, a curve: epoch, share (%)
stats data index 0 using (epochs = column('epochs'), 0) nooutput
stats data index 1 using 0 nooutput
n = int(STATS_records)
array solver[n]
stats data index 1 using (solver[int($0) + 1] = strcol('solver'), 0) nooutput

eval picture(760, 400)
set title 'Which solver lowered the loss most at a step'
set ylabel 'share of the steps where it was best (%)'
set yrange [0:*]
set key outside right top noopaque
set rmargin 22
eval epoch_axis(epochs)
plot for [i=1:n] data index i+1 using 'epoch':'share' with linespoints lc rgb colour(solver[i]) lw width(solver[i]) \
    pt mark(solver[i]) ps 0.8 title solver[i]
