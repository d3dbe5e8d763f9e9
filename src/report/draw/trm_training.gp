# Loss and accuracy of the router by epoch, training and validation: a chart (style.gp), whose note names the epoch whose
# weights were kept, where one was validated.
eval read_chart
axis = 'epoch'
kept = note eq '-' ? 0 : int(word(note, 3))
eval picture(1040, 380)
set multiplot layout 1,2
eval last_epoch_of(1)
eval epoch_axis(last_epoch)
every_mark = last_epoch / 10 + 1
if (kept > 0) { set arrow 1 from kept, graph 0 to kept, graph 1 nohead lc rgb '#888888' lw 1 dt (2,3) }
do for [v=1:2] {
    set title v == 1 ? 'Router: loss'.(kept > 0 ? ' ('.note.')' : '') : 'Router: accuracy'
    set ylabel label_of[v]
    if (v == 1) { unset key } else { set key outside right top noopaque; set rmargin 18 }
    eval curves_of(v, '[*:*]')
}
unset multiplot
