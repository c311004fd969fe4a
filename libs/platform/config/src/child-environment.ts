import type { SettingName } from './settings.js';

/** This process's environment for a child, with other values for some settings; `undefined` removes one. */
export function childEnvironment(values: Partial<Record<SettingName, string | undefined>>): NodeJS.ProcessEnv {
  return { ...process.env, ...values };
}
