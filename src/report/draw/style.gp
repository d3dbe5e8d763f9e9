# Shared by all pictures, and run before each: terminals, axes, and how solvers and policies look.
# Before it stand the names of three files and the kind of picture: data, output, kind ('png' or 'svg').
#
# The data is one text: tables divided by two empty lines (`data index I`), each a line of column names and its
# rows, fields divided by tabs. The first table holds what concerns the whole picture.
set encoding utf8
set datafile separator tab
set datafile columnheaders
set datafile commentschars ''

# A colour and a mark each: nothing is told apart by colour alone. Colours have a contrast of 3 or more on white (dark_*
# on the page's dark ground) and are at least 20 apart in CIELAB for readers with and without colour blindness, as
# Machado, Oliveira and Fernandes (2009) model it: tests/report/test_palette.c. The page takes them from here.
colour_spectral_clip = '#4f72ff'
mark_spectral_clip = 4
colour_dual_ascent   = '#915215'
mark_dual_ascent = 9
colour_quasi_newton  = '#122db5'
mark_quasi_newton = 7
colour_frank_wolfe   = '#b96dbd'
mark_frank_wolfe = 13
colour_admm          = '#1da45d'
mark_admm = 5
colour_router        = '#000000'
mark_router = 11
colour_random        = '#777777'
mark_random = 6
colour_other         = '#d87900'
mark_other = 2
dark_spectral_clip = '#a0bcff'
dark_dual_ascent   = '#ffc800'
dark_quasi_newton  = '#2169cf'
dark_frank_wolfe   = '#b564a0'
dark_admm          = '#06db6b'
dark_router        = '#ffffff'
dark_random        = '#938a73'
dark_other         = '#ec5914'
colour(name) = exists('colour_'.name) ? value('colour_'.name) : colour_other
mark(name) = exists('mark_'.name) ? value('mark_'.name) : mark_other
width(name) = name eq 'router' ? 2.6 : 1.7

# eval curves_of(V, RANGE): the curves of view V of a chart (report/draw/chart.h) over `axis`, with their bands; eval
# last_epoch_of(V) sets last_epoch. Its tables: 0 title, note   1 views   2 curves   3 ticks   from 4 the curves.
axis = 'step'
curves_of(v, range) = (points[v] < 1 ? "set xrange [0:1]; set yrange [0:1]; set label 'nothing yet' at graph 0.5,0.5 center; " : 'unset label; set yrange '.range.'; ').plot_of(first[v], last[v])
last_epoch_of(v) = sprintf("last_epoch = 1; do for [k=%d:%d] { stats data index k+4 using (last_epoch = column('y') == column('y') && column('epoch') > last_epoch ? column('epoch') : last_epoch, 0) nooutput }", first[v], points[v] > 0 ? last[v] : first[v] - 1)
plot_of(first, last) = sprintf("plot for [k=%d:%d] data index k+4 using axis:(band[k+1] ? column('low') : NaN):(column('high')) with filledcurves lc rgb colour(policy[k+1]) fs transparent solid %g noborder, for [k=%d:%d] data index k+4 using axis:'y' with linespoints lc rgb colour(policy[k+1]) lw width(policy[k+1]) dt dash[k+1] pt markof[k+1] ps 0.8 pi every_mark title name[k+1]", first, last, last - first > 3 ? 0.07 : 0.15, first, last)
read_chart = "stats data index 0 using (about = strcol('title'), note = strcol('note'), 0) nooutput; \
    stats data index 1 using 0 nooutput; views = int(STATS_records); \
    array view[views]; array label_of[views]; array logy[views]; array logx[views]; array first[views]; array last[views]; array points[views]; \
    stats data index 1 using (i = int($0) + 1, view[i] = strcol('name'), label_of[i] = strcol('label'), logy[i] = int(column('log')), logx[i] = int(column('xlog')), first[i] = int(column('first')), last[i] = int(column('last')), points[i] = int(column('points')), 0) nooutput; \
    stats data index 2 using 0 nooutput; n = int(STATS_records); longest = 0; \
    array name[n]; array policy[n]; array markof[n]; array dash[n]; array band[n]; \
    stats data index 2 using (i = int($0) + 1, name[i] = strcol('name'), longest = strlen(name[i]) > longest ? strlen(name[i]) : longest, policy[i] = strcol('policy'), markof[i] = int(column('mark')), dash[i] = int(column('dash')), band[i] = int(column('band')), 0) nooutput"
every_mark = 1
# eval multiplot(ROWS, COLUMNS, LEFT, RIGHT, BOTTOM, ACROSS, DOWN): its note as title; the rest in parts of the picture.
multiplot(rows, columns, l, r, b, across, down) = sprintf("set multiplot layout %d,%d title '%s' margins %g,%g,%g,%g spacing %g,%g", \
    rows, columns, note eq '-' ? '' : note, l, r, b, note eq '-' ? 0.95 : 0.9, across, down)

# eval picture(W, H): begin one of W x H points; a PNG has 1.5 times as many pixels each way.
picture(w, h) = 'set terminal '.(kind eq 'png' \
    ? sprintf("pngcairo noenhanced size %d,%d font 'Liberation Sans,12' fontscale 1.5 linewidth 1.5 pointscale 1.5", 1.5 * w, 1.5 * h) \
    : sprintf("svg noenhanced size %d,%d font 'Liberation Sans,12'", w, h))." background '#ffffff'; set output output"

set border 3 lc rgb '#555555' lw 0.8
set tics nomirror tc rgb '#222222'
set grid lc rgb '#e2e2e2' lw 0.6 lt 1
set key noautotitle Left reverse samplen 2.4 spacing 1.25 width 1 opaque
set lmargin 9
set rmargin 3

# eval epoch_axis(N): whole epochs 1 ... N on x.
step_of(n) = n <= 10 ? 1 : n <= 20 ? 2 : n <= 50 ? 5 : 10 * step_of(n / 10.0)
epoch_axis(n) = sprintf("set xlabel 'epoch'; set xtics %g; set xrange [%g:%g]", \
    step_of(n), 1 - (n > 1 ? 0.02 * (n - 1) : 0.5), n + (n > 1 ? 0.02 * (n - 1) : 0.5))
