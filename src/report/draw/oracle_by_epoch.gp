# Share of the steps of each epoch at which each solver was best: a chart (style.gp).
eval read_chart
axis = 'epoch'
eval picture(760, 400)
set title about
set ylabel label_of[1]
set key outside right top noopaque
set rmargin 22
eval last_epoch_of(1)
eval epoch_axis(last_epoch)
eval curves_of(1, '[0:*]')
