/** Is a process still the one that was meant, although pids are used again? */
export { identifyProcess, isAlive, type ProcessIdentity } from './process-identity.js';
