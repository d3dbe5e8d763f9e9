# The two concept figures of docs/tutorial.md. usage: gnuplot concepts.gp   (in this folder; writes tangent.png, gap.png)
set terminal pngcairo size 900,520 font "DejaVu Sans,13"
unset key; unset border; unset tics

# ---- the step: the manifold as a circle, W on it, the tangent space, the ball of radius b, the retraction
set output "tangent.png"
set size ratio -1
set xrange [-1.75:1.75]; set yrange [0.05:1.95]
b = 0.8
set style line 1 lc rgb "#335c81" lw 2.5
set style line 2 lc rgb "#888888" lw 1.5
set arrow 1 from 0,1 to b,1 lc rgb "#c1440e" lw 3.5 filled
set arrow 2 from 0,1 to 0.62,1.62 lc rgb "#888888" lw 2 dt 2
set arrow 3 from b,1 to b/sqrt(1+b*b),1/sqrt(1+b*b) lc rgb "#2e7d32" lw 2.5 filled
set object 1 circle at 0,1 size b fc rgb "#f3d9cc" fs transparent solid 0.55 noborder
set object 2 circle at 0,1 size 0.025 fc rgb "#000000" fs solid front
set object 3 circle at b/sqrt(1+b*b),1/sqrt(1+b*b) size 0.025 fc rgb "#2e7d32" fs solid front
set label 1 "W" at -0.06,1.09 right
set label 2 "step A: tangent, ‖A‖₂ ≤ b" at 0.86,1.07 left tc rgb "#c1440e"
set label 3 "−G: leaves the manifold" at 0.66,1.66 tc rgb "#666666"
set label 4 "W ← polar(W + A)" at 0.78,0.74 tc rgb "#2e7d32"
set label 5 "weights with orthonormal columns" at -0.72,0.30 left tc rgb "#335c81"
set label 6 "tangent space: WᵀA + AᵀW = 0" at -1.7,1.06
set label 7 "all steps of radius b" at -0.52,1.62 center tc rgb "#a0522d"
set parametric; set trange [0.06*pi:0.94*pi]; set samples 400
plot cos(t),sin(t) ls 1 with lines, (t/pi-0.5)*3.5,1 ls 2 with lines

# ---- the certificate: bounds from both sides
reset
unset key
set output "gap.png"
set terminal pngcairo size 900,480 font "DejaVu Sans,13"
set border 3; set tics nomirror; unset ytics
set xrange [0:12.4]; set yrange [0.2:1.75]
set xlabel "iterations of a solver"
set ylabel "decrease of the loss, to first order"
d(x) = 1 + 0.62*exp(-0.42*x)
p(x) = 1 - 0.72*exp(-0.36*x)
set samples 300
set label 1 "dual value d = b ‖G + WX‖₊ of an X: no step can do better" at 2.15,1.42 tc rgb "#335c81"
set label 2 "primal value p = −⟨G, A⟩ of a step A: this one does as much" at 2.5,0.58 tc rgb "#c1440e"
set label 3 "optimum (unknown)" at 3.4,1.035 left tc rgb "#666666"
x0 = 1.2
set arrow 1 from x0,p(x0) to x0,d(x0) heads lw 2 lc rgb "#000000" front
set label 4 "gap" at x0+0.12,0.93 front
set arrow 2 from 10.4,p(10.4) to 10.4,d(10.4) heads size 0.12,30 lw 1.5 lc rgb "#000000" front
set label 5 "(d − p)/d ≤ tol: converged" at 10.35,0.87 center front
plot "+" using 1:(d($1)):(p($1)) with filledcurves fc rgb "#e8e8e8", \
     d(x) lw 3 lc rgb "#335c81", p(x) lw 3 lc rgb "#c1440e", 1 dt 2 lw 1.5 lc rgb "#888888"
