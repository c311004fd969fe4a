import type { QueueDemand } from './wish.js';

/** So far ahead the jobs are counted that a replica would serve: a swap stands at least as long, with its load. */
const HORIZON_SECONDS = 60;

/** How many jobs of the deployment so many replicas serve within the horizon, at this share of their speed. */
function servedJobs(demand: QueueDemand | undefined, replicas: number, utilisation: number): number {
  if (demand === undefined || replicas <= 0) return 0;
  const jobs = demand.waitingJobs + demand.arrivalsPerSecond * HORIZON_SECONDS;
  const { arrivalsPerSecond, arrivalTokensPerSecond, replicaTokensPerSecond } = demand;
  if (replicaTokensPerSecond <= 0 || arrivalTokensPerSecond <= 0) return jobs;
  const jobsPerSecond = (utilisation * replicaTokensPerSecond * arrivalsPerSecond) / arrivalTokensPerSecond;
  return Math.min(jobs, jobsPerSecond * HORIZON_SECONDS * replicas);
}

/** What one more replica beside so many serves that they do not. */
export function jobsGained(demand: QueueDemand | undefined, replicas: number, utilisation: number): number {
  return servedJobs(demand, replicas + 1, utilisation) - servedJobs(demand, replicas, utilisation);
}
