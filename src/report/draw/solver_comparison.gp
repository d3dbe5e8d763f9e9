# Training loss and test accuracy over steps, epochs and seconds, one curve a group of runs: a chart (style.gp).
eval read_chart
beside = 60 + 7.2 * longest # of the key
w = 900 + beside
h = 25 * n + 60 > 760 ? 25 * n + 60.0 : 760.0
eval picture(w, h)
unset lmargin
unset rmargin
unset key
eval multiplot(2, 2, 75 / w, (w - beside - 15) / w, 55 / h, 80 / w, 105 / h)
do for [panel=1:4] {
    v = panel % 2 == 1 ? 1 : 2
    axis = panel > 2 ? 'seconds' : panel == 1 ? 'step' : 'epoch'
    every_mark = v == 1 ? 8 : 1
    set title v == 1 ? 'Training loss' : 'Test accuracy'
    set ylabel label_of[v]
    set xlabel axis eq 'seconds' ? 'seconds of training' : axis
    set xrange [0:*]
    set xtics autofreq
    if (axis eq 'epoch') {
        eval last_epoch_of(v)
        eval epoch_axis(last_epoch)
    }
    if (panel == 2) { set key at screen (w - beside) / w, screen (h - 40) / h left top noopaque } else { unset key }
    eval curves_of(v, '[*:*]')
}
unset multiplot
