# Labels down, choices across; a row is shaded by its shares. A row without a sample is hatched and says why.
# 0: solvers   1: solver, samples, present (it is in the data), a row a solver   2: choice, label (from 0), count, share
stats data index 0 using (n = int(column('solvers')), 0) nooutput
array solver[n]; array samples[n]; array present[n]
stats data index 1 using (i = int($0) + 1, solver[i] = strcol('solver'), samples[i] = int(column('samples')), present[i] = int(column('present')), 0) nooutput

eval picture(800, 540)
set title 'Choices of the router on the test part'
set border 15 lc rgb '#555555' lw 0.8
unset grid
set xlabel 'chosen by the router'
set ylabel 'best solver (oracle)'
unset lmargin
unset rmargin
set xrange [-0.5:n - 0.5]
set yrange [n - 0.5:-0.5]
set cbrange [0:1]
set palette defined (0 '#ffffff', 0.25 '#c6dbef', 0.5 '#6baed6', 0.75 '#2171b5', 1 '#08306b')
set cblabel 'share of the row'
set cbtics 0.25 scale 0.4
set style textbox opaque fc rgb '#ffffff' noborder margins 2,1
set xtics () scale 0
set ytics () scale 0
do for [i=1:n] {
    set xtics add (solver[i] i - 1)
    set ytics add (sprintf("%s\nn = %d", solver[i], samples[i]) i - 1)
    if (i > 1) { set arrow from -0.5, i - 1.5 to n - 0.5, i - 1.5 nohead front lc rgb '#999999' lw 0.6 }
    if (samples[i] > 0) {
        do for [j=2:n] { set arrow from j - 1.5, i - 1.5 to j - 1.5, i - 0.5 nohead front lc rgb '#999999' lw 0.6 }
    }
    if (samples[i] == 0) {
        set object rectangle from -0.5, i - 1.5 to n - 0.5, i - 0.5 fc rgb '#cccccc' fs transparent pattern 4 noborder front
        set label (present[i] ? 'never the best in the test part' : 'not in the data') at 0.5 * (n - 1), i - 1 center front tc rgb '#444444' boxed
    }
}
cell(count, share) = sprintf("%d\n%.0f %%", count, 100 * share)
plot data index 2 using 'choice':'label':'share' with image pixels, \
    data index 2 using 'choice':(samples[int(column('label')) + 1] > 0 ? column('label') : NaN):(cell(column('count'), column('share'))):(column('share') > 0.65 ? 0xffffff : 0x111111) \
    with labels center offset 0,0.5 tc rgb variable
