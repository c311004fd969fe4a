/** How long are the queues, and how soon is it a job's turn? */
export { estimateWaitMs } from './estimate-wait.js';
export { sumDemand } from './sum-demand.js';
export { sumQueueParts, type JobCounts, type QueuePart, type QueueState } from './queue-state.js';
