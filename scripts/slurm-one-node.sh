#!/usr/bin/env bash
# A cluster of one node on the loopback, from the distribution's packages, without systemd or control groups: runs a
# command with it, waits until its queue is empty, and stops it. As root; nothing outside a temporary folder changes.
# usage: slurm-one-node.sh COMMAND [ARGUMENT...]      (packages: slurm-wlm munge)
set -euo pipefail

[ $# -gt 0 ] || { echo "usage: slurm-one-node.sh COMMAND [ARGUMENT...]" >&2; exit 2; }
[ "$(id -u)" -eq 0 ] || { echo "slurm-one-node.sh: must be root (the daemons start processes for users)" >&2; exit 2; }
PATH=$PATH:/usr/sbin:/sbin
for program in munged slurmctld slurmd sbatch squeue; do
    command -v $program >/dev/null || {
        echo "slurm-one-node.sh: $program is not there; install the packages slurm-wlm and munge" >&2
        exit 1
    }
done

dir=$(mktemp -d /tmp/slurm-one-node.XXXXXX)
chmod 755 "$dir"
# shellcheck disable=SC2317 # called by the trap
stop() {
    for daemon in slurmd slurmctld munged; do
        [ ! -e "$dir/$daemon.pid" ] || kill "$(cat "$dir/$daemon.pid")" 2>/dev/null || true
    done
    sleep 1
    rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Two ports that nobody listens on.
free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
controller=$(free_port)
node=$(free_port)
host=$(hostname -s)
cores=$(nproc)

mkdir -m 700 "$dir/munge"
mkdir -m 755 "$dir/socket" "$dir/state" "$dir/spool"
dd if=/dev/urandom of="$dir/munge/key" bs=128 count=1 status=none
chmod 400 "$dir/munge/key"
munged --force --key-file="$dir/munge/key" --socket="$dir/socket/munge" --pid-file="$dir/munged.pid" \
    --log-file="$dir/munge/log" --seed-file="$dir/munge/seed"

cat >"$dir/slurm.conf" <<CONF
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$controller
SlurmdPort=$node
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/socket/munge,cred_expire=5 # a job that is put back waits that long
CryptoType=crypto/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_min_interval=100000,defer=0
ReturnToService=2
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cores State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$dir/slurm.conf
slurmctld
slurmd

for _ in $(seq 50); do
    sinfo --noheader --format=%T 2>/dev/null | grep -q idle && break
    sleep 0.2
done
sinfo --noheader --format=%T | grep -q idle || {
    echo "slurm-one-node.sh: the node did not come up:" >&2
    tail -n 5 "$dir/slurmctld.log" "$dir/slurmd.log" >&2
    exit 1
}

status=0
"$@" || status=$?
while [ -n "$(squeue --noheader)" ]; do
    sleep 0.5
done
exit $status
