# Shared by all pictures, and run before each: terminals, axes, and how solvers and policies look.
# Before it stand the names of three files and the kind of picture: data, output, kind ('png' or 'svg').
#
# The data is one text: tables divided by two empty lines (`data index I`), each a line of column names and its
# rows, fields divided by tabs. The first table holds what concerns the whole picture.
set encoding utf8
set datafile separator tab
set datafile columnheaders
set datafile commentschars ''

# Colours of Okabe and Ito (2008), told apart by colour-blind readers too, and a mark each: nothing is told apart
# by colour alone. The page takes its dots from here.
colour_spectral_clip = '#56b4e9'; mark_spectral_clip = 4
colour_dual_ascent   = '#e69f00'; mark_dual_ascent   = 9
colour_quasi_newton  = '#0072b2'; mark_quasi_newton  = 7
colour_frank_wolfe   = '#cc79a7'; mark_frank_wolfe   = 13
colour_admm          = '#009e73'; mark_admm          = 5
colour_router        = '#000000'; mark_router        = 11
colour_random        = '#999999'; mark_random        = 6
colour_other         = '#d55e00'; mark_other         = 2
colour(name) = exists('colour_'.name) ? value('colour_'.name) : colour_other
mark(name) = exists('mark_'.name) ? value('mark_'.name) : mark_other
width(name) = name eq 'router' ? 2.6 : 1.7

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
