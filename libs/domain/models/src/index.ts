/** What can a model of the catalogue be, and how does its deployment fare? */
export {
  deploymentPhases,
  deploymentStatus,
  type DeployedReplica,
  type ObservedDeployment,
} from './deployment-status.js';
export { complaintsAboutOptions, engineNames, type EngineName } from './engine-options.js';
export { llamaCppOptionsSchema, type LlamaCppEngineOptions } from './llama-cpp-options.js';
export { simulatedOptionsSchema, type ProvokedFailure, type SimulatedOptions } from './simulated-options.js';
