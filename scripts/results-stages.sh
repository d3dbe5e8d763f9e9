# shellcheck shell=bash disable=SC2154
# What scripts/results.sh runs, stage by stage: a function each, which prints a line a run, NAME OPTIONS of collect (or of the
# command that stands first). It is given $results, the folder of builds and runs.

# The experiment of Bernstein 2025: mlp, whole training set, nothing on SGD.
published() {
    local seed tol solver common
    for seed in 1 2 3; do
        common="--model mlp --batch-size 1024 --last-batch keep --augment off --momentum 0 --manifold all"
        common+=" --spectral-budget 0.1 --schedule linear --epochs 5 --seed $seed --record-every 10"
        for solver in spectral_clip dual_ascent quasi_newton frank_wolfe admm; do
            echo "$solver-$seed --solver $solver $common"
        done
        for tol in 1e-1 1e-2 1e-3 1e-5 1e-6; do # 1e-4 is quasi_newton's own
            echo "quasi_newton-$tol-$seed --solver quasi_newton --tol $tol --max-iter 1000 $common"
        done
        echo "spel-$seed --optimizer spel $common"
        echo "muon-$seed --optimizer muon $common"
    done
}

# Between Manifold Muon and plain Muon, by degrees: what costs accuracy?
gap() {
    local seed common share
    for seed in 1 2 3; do
        common="--lr-rest 0.4 --train-limit 10000 --epochs 3 --holdout 5000 --seed $seed --record-every 1000"
        echo "pull_0-$seed --optimizer muon --spectral-budget 0.04 $common"
        echo "rows-$seed --optimizer muon --pull 1 --pull-to rows --spectral-budget 0.04 $common"
        for share in 0.1 1 0.03 0.3; do
            echo "pull_$share-$seed --optimizer muon --pull $share --spectral-budget 0.04 $common"
        done
        echo "quasi_newton-$seed --solver quasi_newton --tol 1e-2 --nesterov --momentum 0.95 --spectral-budget 0.04 $common"
    done
}

# Successive halving on held-out images. A candidate's name is GROUP.OPTIONS; each group has a winner of its own.
candidates() {
    local rest radius rate kind nesterov
    for rest in 0.2 0.4 0.8; do
        for radius in 0.01 0.02 0.04; do
            for kind in plain nesterov; do
                nesterov='--momentum 0.9 --nesterov off'
                [[ $kind == plain ]] || nesterov='--nesterov --momentum 0.95'
                echo "quasi_newton.$radius-$rest-$kind --solver quasi_newton --spectral-budget $radius --lr-rest $rest $nesterov"
                echo "spel.$radius-$rest-$kind --optimizer spel --spectral-budget $radius --lr-rest $rest $nesterov"
            done
        done
        for radius in 0.02 0.05 0.1; do
            echo "muon.$radius-$rest --optimizer muon --spectral-budget $radius --lr-rest $rest"
        done
    done
    nesterov='--nesterov --momentum 0.95'
    for rest in 0.2 0.4; do
        for radius in 0.02 0.04 0.08; do
            echo "admm.$radius-$rest --solver admm --spectral-budget $radius --lr-rest $rest $nesterov"
            echo "frank_wolfe.$radius-$rest --solver frank_wolfe --spectral-budget $radius --lr-rest $rest $nesterov"
        done
        for rate in 0.1 0.3 1; do
            echo "spectral_clip.$rate-$rest --solver spectral_clip --lr $rate --spectral-budget 0.04 --lr-rest $rest $nesterov"
            echo "sgd.$rate-$rest --optimizer sgd --lr $rate --lr-rest $rest"
        done
        for rate in 0.001 0.003 0.01; do
            echo "adamw.$rate-$rest --optimizer adamw --lr $rate --lr-rest $rest"
        done
    done
}

# Of the candidates that come in, the first KEEP of each group, with OPTIONS.
keep() { # KEEP OPTIONS
    local name options
    declare -A taken=()
    while read -r name options; do
        taken[${name%%.*}]=$((${taken[${name%%.*}]:-0} + 1))
        ((taken[${name%%.*}] > $1)) || echo "$name $options $2"
    done
}

rung_1() { candidates | keep 1000 '--train-limit 10000 --epochs 3 --holdout 5000 --seed 1 --record-every 10'; }
rung_2() { ranked 1 | keep 4 '--train-limit 22500 --epochs 4 --holdout 5000 --seed 2 --record-every 10'; }
rung_3() { ranked 2 | keep 2 '--epochs 6 --holdout 5000 --seed 3 --record-every 10'; }
tuning() {
    local rung
    for rung in 1 2 3; do
        "rung_$rung" | sed "s/^/rung$rung./"
    done
}

# The candidates of a rung, the best on held-out images first; nothing before all of them are done. Kept once it is known.
ranked() { # RUNG
    local name options place kept=$results/tuning/ranking-$1
    if [[ ! -s $kept ]]; then
        [[ -n $("rung_$1") ]] || return 0
        while read -r name options; do
            place=$results/tuning/rung$1.$name
            [[ -s $place.json || -e $place.failed ]] || return 0
        done < <("rung_$1")
        candidates | while read -r name options; do
            place=$results/tuning/rung$1.$name.json
            [[ ! -s $place ]] || echo "$(jq -r .held_accuracy "$place") $name $options"
        done | sort -rn | cut -d' ' -f2- >"$kept.$$"
        mv "$kept.$$" "$kept"
    fi
    cat "$kept"
}

# The winners on seeds that chose nothing: five seeds each, of the two that come last at the tuning three. The tuning left
# SPEL the radius 0.04 only; 0.02 is Manifold Muon's.
policies() {
    local seed name options
    for seed in 11 12 13 14 15; do
        ranked 3 | keep 1 "$whole --seed $seed --record-every 10" | while read -r name options; do
            [[ $seed -gt 13 && $name =~ ^(sgd|adamw)\. ]] || echo "${name%%.*}-$seed $options"
        done
        [[ -z $(winner) ]] || echo "spel_0.02-$seed --optimizer spel --spectral-budget 0.02 --lr-rest 0.4 --nesterov --momentum 0.95" \
            "$whole --seed $seed --record-every 10"
    done
}

# Settings of the tuned quasi_newton; nothing before the tuning is done.
winner() { ranked 3 | awk '/^quasi_newton\./ && !found++ { sub(/^[^ ]* --solver quasi_newton /, ""); print }'; }

# Branch states of it, and looks from fewer of them.
arms=quasi_newton:0.25,quasi_newton:0.5,quasi_newton,quasi_newton:2,frank_wolfe:2
branching() { # SEED ARMS OPTIONS
    local settings
    settings=$(winner)
    [[ -z $settings ]] ||
        echo "quasi_newton-$1 --solver quasi_newton $settings $whole --seed $1 --oracle branch --arms $2 $3"
}
states() { # 2,106 of them
    local seed
    for seed in 21 22 23; do
        branching "$seed" "$arms" '--branch-every 3 --record-every 3 --probes 8'
    done
}
looks() { # 119 of them, 102 looked from twice
    branching 24 "$arms" '--branch-every 42 --record-every 6 --probes 8 --look-every 1 --look-repeats 2'
    branching 25 "$arms" '--branch-every 42 --record-every 6 --probes 8 --look-every 1 --look-repeats 2'
    branching 26 "$arms" '--branch-every 126 --record-every 6 --probes 8 --look-every 1 --look-check'
}
# Twice the annealing turned orders of multipliers round; does it do so again?
looks_longer() { # 17 of them
    branching 29 "$arms" '--branch-every 126 --record-every 6 --probes 8 --look-every 1 --anneal 96 --look-check'
}

# The five solvers from the same states, at their own lengths of step and at equal ones.
solvers() {
    local five=spectral_clip,dual_ascent,quasi_newton,frank_wolfe,admm
    branching 27 "$five" '--branch-every 6 --record-every 3 --probes 8 --match none'
    branching 28 "$five" '--branch-every 6 --record-every 3 --probes 8 --match frobenius'
}

# The router and its opponents in training: two of them on five seeds, the others on three.
online() { # STAGE SEED OPPONENTS OPTIONS: nothing before the router is there
    local folder=$results/$1
    [[ ! -s $folder/evaluation.json ]] || echo "online-$2 online --router $folder/router.safetensors --data $folder/probe.db" \
        "--opponents $3 $whole --seed $2 --record-every 10${4:+ $4}"
}
routing() {
    local seed opponents settings
    settings=$(winner)
    for seed in 11 12 13 14 15; do
        opponents=best_fixed,two_phase
        ((seed > 13)) || opponents+=,schedule,exp3,linucb,discounted_ucb,random
        online routing "$seed" "$opponents" "$settings"
    done
}

# The arms that neither `policies` nor `routing` plays alone for a whole training: the tuned quasi_newton at a quarter of its
# radius and at twice of it.
fixed() {
    local seed settings part
    settings=$(winner)
    [[ -z $settings ]] || for seed in 11 12 13; do
        for part in 0.25 2; do
            echo "quasi_newton_$part-$seed --solver quasi_newton $(scaled "$part" "$settings") $whole --seed $seed --record-every 10"
        done
    done
}
scaled() { # PART OPTIONS: these with so much of their radius
    awk -v part="$1" '{ for (i = 1; i < NF; i++) if ($i == "--spectral-budget") $(i + 1) *= part; print }' <<<"$2"
}

# The same for longer, on one seed: the router and the best fixed arm.
long() {
    local settings whole="--epochs ${LONG:-30} ${whole#--epochs * }"
    settings=$(winner)
    online routing 16 best_fixed "$settings"
}

# The router that is trained by regret, on the seeds of `routing`; nothing before that is there.
regret() {
    local seed settings folder=$results/regret
    settings=$(winner)
    [[ ! -s $folder/evaluation.json ]] || for seed in 11 12 13 14 15; do
        echo "online-$seed online --router $folder/router.safetensors $whole --seed $seed --record-every 10 $settings"
    done
}

# The routers that learned from probes, and their opponents, valued by the looks; nothing before these are done.
valued() {
    local looked=$results/valued/looks.db name of
    [[ -s $looked ]] || return 0
    for name in router regret; do
        of=${name/router/routing}
        [[ ! -s $results/$of/evaluation.json ]] || echo "$name evaluate --model $results/$of/router.safetensors" \
            "--data $results/routing/probe.db --test-data $looked"
    done
}

# A router of cheap tasks, at the program's defaults, used unchanged on CIFAR-10 at width 1. The opponents are fitted on the
# cheap tasks, too; the ceiling is quasi_newton among the policies, tuned on the task itself.
transfer() {
    local seed states
    states="--solver quasi_newton --width 0.5 --train-limit ${CHEAP:-10000} $common"
    states+=" --oracle branch --arms $arms --branch-every 3 --record-every 3 --probes 8"
    for seed in 31 32; do
        echo "fashion-$seed --dataset fashion-mnist $states --seed $seed"
        echo "cifar-$seed $states --seed $seed"
    done
    for seed in 11 12 13; do
        online transfer "$seed" best_fixed,two_phase ''
    done
}

# What each part of the router is worth on the branch states of `routing`; the two losses on four splits more.
ablations() {
    [[ -s $results/routing/evaluation.json ]] || return 0
    local seed all=--deep-supervision
    echo "whole train $all"
    echo "one_cycle train $all --cycles 1"
    echo "one_update train $all --cycles 1 --inner 1"
    echo "last_cycle_alone train"
    echo "ema train $all --ema"
    echo "regret train $all --loss regret"
    echo "no_losses train $all --without log_loss,loss_trend,loss_stability"
    echo "no_gradient train $all --without log_grad_norm,gns_proxy"
    echo "no_spectrum train $all --without top_sv,eff_rank,log_cond,log_ortho_err"
    echo "no_progress train $all --without epoch_progress,step_progress"
    for seed in 1 2 3 4; do
        echo "whole-$seed train $all --seed $seed"
        echo "regret-$seed train $all --loss regret --seed $seed"
    done
}
