/** What does this process read from its environment? The only place that touches `process.env`. */
export { childEnvironment } from './child-environment.js';
export { readOptionalSettings, readSettings, SettingsError } from './read-settings.js';
export { type SettingName, type Settings } from './settings.js';
