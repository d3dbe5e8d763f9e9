# Time to gap, one panel a file, one curve a solver. Where a solver ends before the tightest gap its curve goes on,
# dotted, to a cross.
# 0: panels, solvers   1: solver, a row a solver   2: title, a row a panel
# then, a panel: for each solver ms, gap of what it reached; ms, gap from its last point to its end
stats data index 0 using (panels = int(column('panels')), n = int(column('solvers')), ms_low = column('ms_low'), ms_high = column('ms_high'), gap_low = column('gap_low'), gap_high = column('gap_high'), 0) nooutput
array solver[n]; array about[panels]
stats data index 1 using (solver[int($0) + 1] = strcol('solver'), 0) nooutput
stats data index 2 using (about[int($0) + 1] = strcol('title'), 0) nooutput

left = 85; right = 20; top = 40; bottom = 115; across = 22; down = 80 # margins and spaces, in points
rows = (panels + 3) / 4
columns = (panels + rows - 1) / rows
w = left + right + (260 + across) * columns - across
w = w < 760 ? 760.0 : real(w) # the line of names needs as much
h = real(top + bottom + (190 + down) * rows - down)
eval picture(w, h)
unset lmargin
unset rmargin
unset key
set multiplot layout rows,columns margins left / w,1 - right / w,bottom / h,1 - top / h spacing across / w,down / h
set logscale xy
set format x '%g'
set xrange [0.7 * ms_low:1.4 * ms_high]
set yrange [0.6 * gap_low:1.6 * gap_high]
step = 135.0
do for [i=1:n] {
    set label solver[i] at screen (0.5 * (w - step * n) + step * (i - 1) + 8) / w, screen 34 / h left offset 1,0 \
        tc rgb '#222222' point pt mark(solver[i]) ps 1 lc rgb colour(solver[i])
}
set label '× where a solver ends without the next gap; the gap of frank_wolfe is over its own set' \
    at screen 0.5, screen 14 / h center tc rgb '#555555'
do for [p=1:panels] {
    set title about[p]
    set ytics ()
    do for [decade=0:-15:-1] {
        mark_text = (p - 1) % columns > 0 ? '' : decade < 0 ? sprintf('1e%d', decade) : '1'
        set ytics add (mark_text 10.0**decade)
    }
    if ((p - 1) % columns == 0) { set ylabel 'certified gap' } else { unset ylabel }
    if (p + columns > panels) { set xlabel 'ms' } else { unset xlabel }
    at = 3 + 2 * n * (p - 1)
    plot for [i=0:n-1] data index at+2*i using 'ms':'gap' with linespoints lc rgb colour(solver[i+1]) lw 1.7 \
            pt mark(solver[i+1]) ps 0.8, \
        for [i=0:n-1] data index at+2*i+1 using 'ms':'gap' with lines lc rgb colour(solver[i+1]) lw 1.2 dt (2,4), \
        for [i=0:n-1] data index at+2*i+1 using 'ms':(column('end') > 0 ? column('gap') : NaN) with points \
            lc rgb colour(solver[i+1]) lw 1.6 pt 2 ps 1
    unset label
}
unset multiplot
