# Gap (above) and iterations (below) of the inner solves over steps, a column a matrix: a chart (style.gp), whose views
# are first the gaps, then the iterations. Below stand the names of the curves.
eval read_chart
matrices = views / 2
columns = matrices < 6 ? matrices : 6
foot = 95.0 + 19 * (last[1] - first[1] + 1)
w = 95 + 250.0 * columns < 560 ? 560 : 95 + 250.0 * columns
h = 520 + foot
eval picture(w, h)
unset lmargin
unset rmargin
unset key
eval multiplot(2, columns, 75 / w, 1 - 15 / w, foot / h, 60 / w, 55 / h)
set xrange [0:*]
every_mark = 6
do for [row=0:1] {
    do for [k=1:columns] {
        v = row * matrices + k
        if (row == 0) {
            set title view[v][strstrt(view[v], ', ') + 2:*]
            set logscale y
            set format y '1e%T'
        } else {
            unset title
            unset logscale y
            set format y '%g'
            set xlabel 'step'
        }
        if (k == 1) { set ylabel label_of[v] } else { unset ylabel }
        if (v == matrices + 1) { set key at screen 75 / w, screen (foot - 70) / h left top noopaque } else { unset key }
        eval curves_of(v, '[*:*]')
    }
}
unset multiplot
