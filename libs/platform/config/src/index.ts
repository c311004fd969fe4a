/** What does this process read from its environment? The only place that touches `process.env`. */
export { childEnvironment } from './child-environment.js';
export { settingsHelp } from './describe-settings.js';
export { readProcessSettings } from './process-settings.js';
export { readOptionalSettings, readSettings } from './read-settings.js';
export { serveFilePath, takeFromHome, type ServeFile } from './serve-file.js';
