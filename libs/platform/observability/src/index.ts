/** How does a process tell operators what it does? */
export { serveHealth } from './health-server.js';
export { createLogger, type Logger } from './logger.js';
export { Metrics } from './metrics.js';
export { checkInTime, ProcessReadiness } from './process-readiness.js';
