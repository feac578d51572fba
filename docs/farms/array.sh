#!/bin/bash
# A farm as a job array: each task makes one part of it.
#
#   sbatch --array=1-4 array.sh farm.yaml
#
#SBATCH --job-name=imagekit-farm
#SBATCH --cpus-per-task=2
#SBATCH --mem=2G
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
set -u

part=$((SLURM_ARRAY_TASK_ID - SLURM_ARRAY_TASK_MIN + 1))
status=0
imagekit batch "${1:-farm.yaml}" --resume --jobs 1 --shard "$part/$SLURM_ARRAY_TASK_COUNT" "${@:2}" || status=$?

# The host or the appliance is to blame: another node may do better, twice at the most.
if [[ $status == [36] && ${SLURM_RESTART_COUNT:-0} -lt 2 ]]; then
    scontrol requeue "$SLURM_JOB_ID"
fi
exit "$status"
