/** How does a process start, tell its supervisor that it serves, and end? */
export { startHealth, type Health } from './health.js';
export { runProcess, type Lifecycle } from './run-process.js';
export {
  type ModelReport,
  type ReplicaReport,
  type SupervisedMessage,
  type SupervisorMessage,
  type UnplacedReport,
} from './supervised-message.js';
