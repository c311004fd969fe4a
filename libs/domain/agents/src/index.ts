/** What does an agent make of a request? */
export { applyAgent } from './apply-agent.js';
export { agentLocks, type Agent, type AgentLock } from './agent.js';
export { changeSampling, type SamplingChanges } from './change-sampling.js';
