/** What does this process read from its environment? The only place that touches `process.env`. */
export { childEnvironment } from './child-environment.js';
export { readOptionalSettings, readSettings } from './read-settings.js';
