# What the router chose, by epoch: the shares of the solvers, stacked.
# 0: epochs   1: solver and whose colour it has, a row a layer, from the bottom   2: epoch and, a layer, how high it reaches (%)
stats data index 0 using (epochs = column('epochs'), 0) nooutput
stats data index 1 using 0 nooutput
n = int(STATS_records)
array solver[n]; array policy[n]
stats data index 1 using (i = int($0) + 1, solver[i] = strcol('solver'), policy[i] = strcol('policy'), 0) nooutput

eval picture(760, 400)
eval epoch_axis(epochs)
set title 'What the router chose'
set ylabel 'share of the steps (%)'
set xrange [0.4:epochs + 0.6]
set yrange [0:100]
set boxwidth 0.86
set style fill solid 1 border rgb '#ffffff'
set key outside right top noopaque
set rmargin 22
# the highest first, the others in front of it
plot for [i=n:1:-1] data index 2 using 1:(column(i + 1)) with boxes lw 0.6 fc rgb colour(policy[i]) title solver[i]
