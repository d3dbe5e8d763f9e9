# Loss and accuracy of the router by epoch, training and validation.
# 0: epochs, kept (the epoch whose weights were kept; 0: none was validated)
# 1: epoch, train_loss, train_accuracy (%), val_loss, val_accuracy (%)
stats data index 0 using (epochs = column('epochs'), kept = column('kept'), 0) nooutput
set style line 1 lc rgb '#0072b2' lw 1.8
set style line 2 lc rgb '#d55e00' lw 1.8 dt (8,4)

eval picture(960, 380)
set multiplot layout 1,2
eval epoch_axis(epochs)
set title 'Router: loss'
set ylabel 'loss a sample, nats'
set key top right
if (kept > 0) {
    late = kept > 0.6 * epochs
    set arrow 1 from kept, graph 0 to kept, graph 1 nohead lc rgb '#888888' lw 1 dt (2,3)
    if (late) { set label 1 sprintf('kept: epoch %g', kept) at kept, graph 0.07 right offset -0.6,0 tc rgb '#555555'
    } else { set label 1 sprintf('kept: epoch %g', kept) at kept, graph 0.07 left offset 0.6,0 tc rgb '#555555' }
}
curves = kept > 0 ? 2 : 1
plot for [i=1:curves] data index 1 using 'epoch':(column(i == 1 ? 'train_loss' : 'val_loss')) with lines ls i \
    title (i == 1 ? 'training' : 'validation')

set title 'Router: accuracy'
set ylabel "choices equal to the oracle's (%)"
set key bottom right
unset label 1
plot for [i=1:curves] data index 1 using 'epoch':(column(i == 1 ? 'train_accuracy' : 'val_accuracy')) with lines ls i \
    title (i == 1 ? 'training' : 'validation')
unset multiplot
