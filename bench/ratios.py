#!/usr/bin/env python3
"""The table of bench/peers.sh: our times over the peers', beside the goals.

    ratios.py FOLDER [--json FILE] [--threads N]

FOLDER holds SECTION.ours.ROUND.json and SECTION.peers.ROUND.json (in collect-step, say, what `bench collect-step
--json` and `peers.py collect-step` printed). Of several rounds the fastest time counts, for both sides.
"""
import argparse
import glob
import json
import math
import os
import platform

CONVOLUTIONS = {(288, 64): "conv2", (576, 128): "conv3"}  # small_cnn's; the goals of inner solves are about these
GOALS_OF_SOLVES = [  # our solver, tolerance, published solver, at most this part of its time
    ("quasi_newton", 1e-2, "admm_10", 0.20),
    ("quasi_newton", 1e-4, "dual_ascent_100", 1 / 8),
    ("quasi_newton", 1e-6, "dual_ascent_100", 0.10),
    ("admm", 1e-2, "admm_10", 1.0),
    ("dual_ascent", 1e-2, "dual_ascent_100", 1.0),
]
CVXPY_GOAL_SIZE = 2000  # m n up to which the goal of time holds


def rounds(folder, section, side):
    """What the rounds of a section printed, in order."""
    documents = []
    for path in sorted(glob.glob(os.path.join(folder, f"{section}.{side}.*.json"))):
        with open(path, encoding="utf-8") as file:
            documents.append(json.load(file))
    return documents


def fastest(documents, key):
    """Smallest value of a key; None where no round has one."""
    values = [d[key] for d in documents if d.get(key) is not None]
    return min(values) if values else None


def fastest_rows(documents, keys):
    """Rows of all rounds by these keys, of each the fastest; one that reached its tolerance before one that did not."""
    best = {}
    for row in (row for document in documents for row in document):
        name = tuple(row[key] for key in keys)
        order = (not row.get("reached", True), row["ms"])
        if name not in best or order < (not best[name].get("reached", True), best[name]["ms"]):
            best[name] = row
    return best


def tolerance(tol):
    return f"1e{round(math.log10(tol))}"


def comparison(section, what, ours, peer, peer_ms, goal, note=""):
    ratio = ours / peer_ms if ours is not None and peer_ms is not None else None
    return {"section": section, "what": what, "ours_ms": ours, "peer": peer, "peer_ms": peer_ms, "ratio": ratio,
            "goal": goal, "met": None if goal is None else ratio is not None and ratio <= goal, "note": note}


def better(documents, names):
    """The name with the smallest time, and that time."""
    times = {name: fastest(documents, name) for name in names}
    times = {name: ms for name, ms in times.items() if ms is not None}
    return min(times.items(), key=lambda item: item[1]) if times else ("PyTorch", None)


def train_step(folder):
    peers = rounds(folder, "train-step", "peers")
    if not peers:
        return
    name, ms = better(peers, ("eager", "compile"))
    yield comparison("train-step", "train step, float32", fastest(rounds(folder, "train-step", "ours"), "ms_per_step"),
                     f"PyTorch {name}", ms, 0.60)
    name, ms = better(peers, ("bf16_autocast", "bf16_autocast_compile"))
    ours = fastest(rounds(folder, "train-step-bf16", "ours"), "ms_per_step")
    if ours is None:
        yield comparison("train-step", "train step, bf16", None, f"PyTorch {name}", ms, None, "not in this program")
    else:
        yield comparison("train-step", "train step, bf16", ours, f"PyTorch {name}", ms, 0.70)


def collect_step(folder):
    ours, peers = rounds(folder, "collect-step", "ours"), rounds(folder, "collect-step", "peers")
    if not peers:
        return
    gap = max(d["largest_gap"] for d in ours)
    for name, goal in (("admm_10", 1 / 3), ("dual_ascent_100", 1 / 3)):
        yield comparison("collect-step", "collect step, quasi_newton to 1e-2", fastest(ours, "ms_per_step"),
                         f"PyTorch {name}", fastest(peers, name), goal, f"our largest gap {gap:.1e}")
    alone, whole = fastest(ours, "network_ms"), fastest(ours, "ms_per_step")
    yield comparison("collect-step", "collect step, quasi_newton to 1e-2", whole, "its network's step alone", alone, 1.5)


def update(folder):
    peers = rounds(folder, "update", "peers")
    if not peers:
        return
    name, ms = better(peers, ("float32", "bfloat16", "torch_optim_muon"))
    for section, what in (("update", "certified"), ("update-uncertified", "without certificate")):
        ours = rounds(folder, section, "ours")
        yield comparison("update", f"update of small_cnn to 1e-2, {what}", fastest(ours, "update_ms"),
                         f"plain Muon, PyTorch {name}", ms, 2.5 if section == "update" else None)


def solve(folder):
    ours = fastest_rows(rounds(folder, "solve", "ours"), ("file", "solver", "tol"))
    peers = fastest_rows(rounds(folder, "solve", "peers"), ("file", "solver"))
    for path in dict.fromkeys(name[0] for name in peers):
        for solver, tol, published, goal in GOALS_OF_SOLVES:
            row, peer = ours.get((path, solver, tol)), peers.get((path, published))
            if row is None or peer is None:
                continue
            layer = CONVOLUTIONS.get((peer["m"], peer["n"]))
            note = f"gaps {row['gap']:.1e} and {peer['gap']:.1e}"
            if not row["reached"]:
                note = f"not reached: ended at {row['gap']:.1e} after {row['ms']:.1f} ms; theirs {peer['gap']:.1e}"
            what = f"{os.path.basename(path).removesuffix('.safetensors')}: {solver} to {tolerance(tol)}"
            yield comparison("solve", what, row["ms"] if row["reached"] else None, f"{published} {peer['dtype']}",
                             peer["ms"], goal if layer else None, note)


def large(folder):
    ours = fastest_rows(rounds(folder, "large", "ours"), ("file",))
    peers = fastest_rows(rounds(folder, "large", "peers"), ("file",))
    for (path,), peer in peers.items():
        row = ours[(path,)]
        yield comparison("large", f"{peer['m']} x {peer['n']}: quasi_newton to 1e-2", row["ms"] if row["reached"] else None,
                         f"admm_10 {peer['dtype']}", peer["ms"], 0.25, f"gaps {row['gap']:.1e} and {peer['gap']:.1e}")


def cvxpy(folder):
    ours = fastest_rows(rounds(folder, "cvxpy", "ours"), ("file",))
    peers = fastest_rows(rounds(folder, "cvxpy", "peers"), ("file",))
    for i, ((path,), peer) in enumerate(peers.items()):
        row = ours[(path,)]
        with open(os.path.join(folder, f"cvxpy.value.{i}.json"), encoding="utf-8") as file:
            answer = json.load(file)
        value = answer["primal"] / answer["radius"]
        difference = abs(value - peer["primal_per_radius"]) / abs(peer["primal_per_radius"])
        goal = 1 / 20 if peer["m"] * peer["n"] <= CVXPY_GOAL_SIZE else None
        name = os.path.basename(path).removesuffix(".safetensors")
        note = f"values differ by {difference:.1e} (goal 1e-6)"
        if not row["reached"]:
            note += f"; not reached: ours ended at {row['gap']:.1e} after {row['ms']:.1f} ms"
        if peer["status"] != "optimal":
            note += f"; theirs is {peer['status']}"
        ours_ms = row["ms"] if row["reached"] else None
        result = comparison("cvxpy", f"{name}: quasi_newton to 1e-6", ours_ms, "CVXPY, SCS 1e-8", peer["ms"], goal, note)
        result["value"], result["peer_value"], result["difference"] = value, peer["primal_per_radius"], difference
        result["met"] = None if goal is None else result["met"] and difference <= 1e-6
        yield result
        yield comparison("cvxpy", f"{name}: the same", ours_ms, "SCS alone", peer["ms_solver"], None)


def router(folder):
    ours, peers = rounds(folder, "router", "ours"), rounds(folder, "router", "peers")
    if not peers:
        return
    name, ms = better(peers, ("epoch_eager", "epoch_compile"))
    yield comparison("router", "router, an epoch", fastest(ours, "ms_epoch"), f"PyTorch {name[6:]}", ms, 1 / 2)
    yield comparison("router", "router, a decision", fastest(ours, "ms_decision"), "PyTorch eager",
                     fastest(peers, "decision"), 1 / 10)


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def number(value):
    if value is None:
        return "-"
    digits = max(0, 2 - math.floor(math.log10(value))) if value > 0 else 0
    return f"{value:.{min(digits, 4)}f}"


def print_table(rows):
    columns = ("what", "ours, ms", "peer", "ms", "ratio", "goal", "", "")
    cells = [columns] + [
        (row["what"], number(row["ours_ms"]), row["peer"], number(row["peer_ms"]), number(row["ratio"]),
         "" if row["goal"] is None else f"<= {row['goal']:.3g}", {None: "", True: "met", False: "MISSED"}[row["met"]],
         row["note"]) for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    right = (1, 3, 4)
    for line in cells:
        print("  ".join(cell.rjust(width) if i in right else cell.ljust(width)
                        for i, (cell, width) in enumerate(zip(line, widths))).rstrip())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--json", metavar="FILE", help="write the rows there, too")
    parser.add_argument("--threads", type=int)
    asked = parser.parse_args()
    table = [row for section in (train_step, collect_step, update, solve, large, cvxpy, router) for row in section(asked.folder)]
    print(f"{processor()}, threads: {asked.threads or os.cpu_count()}; ratio = our time / the peer's\n")
    print_table(table)
    if asked.json:
        document = {"processor": processor(), "threads": asked.threads or os.cpu_count(), "rows": table}
        temporary = asked.json + ".tmp"
        with open(temporary, "w", encoding="utf-8") as out:
            json.dump(document, out, indent=2)
            out.write("\n")
        os.replace(temporary, asked.json)
