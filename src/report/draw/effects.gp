# Final test accuracy against each setting that differs, one panel a setting, one curve a solver: a chart (style.gp).
eval read_chart
panels = views < 9 ? views : 9
columns = panels < 3 ? panels : 3
rows = (panels + columns - 1) / columns
foot = 95.0 + 19 * (last[1] - first[1] + 1)
w = columns < 2 ? 620.0 : 40 + 360.0 * columns
h = 60 + 290 * rows + foot
eval picture(w, h)
unset lmargin
unset rmargin
unset key
eval multiplot(rows, columns, 75 / w, 1 - 20 / w, foot / h, 70 / w, 75 / h)
axis = 'value'
array place[1000]; array text[1000]
do for [v=1:panels] {
    set xlabel view[v]
    if ((v - 1) % columns == 0) { set ylabel label_of[v] } else { unset ylabel }
    if (logx[v]) { set logscale x } else { unset logscale x }
    ticks = 0
    stats data index 3 using (t = int(column('view')) == v - 1 ? ticks + 1 : 0, ticks = t > 0 ? t : ticks, t > 0 ? (place[t] = column('place')) : 0, t > 0 ? (text[t] = strcol('text')) : '', 0) nooutput
    set xrange [*:*]
    set xtics autofreq
    if (ticks > 0) {
        set xrange [-0.4:ticks - 0.6]
        set xtics ()
        do for [t=1:ticks] { set xtics add (text[t] place[t]) }
    }
    if (v == 1) { set key at screen 75 / w, screen (foot - 68) / h left top noopaque } else { unset key }
    eval curves_of(v, '[*:*]')
}
unset multiplot
