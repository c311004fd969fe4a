/** How does a process tell operators what it does? */
export { createLogger, type Logger } from './logger.js';
