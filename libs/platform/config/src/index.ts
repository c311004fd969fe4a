/** What does this process read from its environment? The only place that touches `process.env`. */
export { readOptionalSettings, readSettings, SettingsError } from './read-settings.js';
export { settings, type SettingName, type Settings } from './settings.js';
