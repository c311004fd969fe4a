import { settings, type SettingName, type Settings } from './settings.js';

/** Says in one sentence which variable is wrong and what was expected. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/**
 * Reads the named variables from the environment; an empty value counts as absent.
 * Throws SettingsError for an unknown MILLRACE_* name and for a missing or invalid value.
 */
export function readSettings<Name extends SettingName>(
  names: readonly Name[],
  environment: NodeJS.ProcessEnv = process.env,
): Settings<Name> {
  rejectUnknownNames(environment);
  const values = names.map((name) => [name, readOne(name, environment)] as const);
  return Object.fromEntries(values) as Settings<Name>;
}

/** As readSettings, for variables that may be absent and have no default. */
export function readOptionalSettings<Name extends SettingName>(
  names: readonly Name[],
  environment: NodeJS.ProcessEnv = process.env,
): Partial<Settings<Name>> {
  rejectUnknownNames(environment);
  const present = names.filter((name) => (environment[name] ?? '') !== '');
  return readSettings(present, environment);
}

function rejectUnknownNames(environment: NodeJS.ProcessEnv): void {
  const unknown = Object.keys(environment).find((name) => name.startsWith('MILLRACE_') && !(name in settings));
  if (unknown !== undefined) {
    throw new SettingsError(
      `${unknown} is not a setting of millrace: remove it, or correct its spelling (docs/configuration.md lists all).`,
    );
  }
}

function readOne(name: SettingName, environment: NodeJS.ProcessEnv): unknown {
  const text = environment[name];
  const result = settings[name].safeParse(text === '' ? undefined : text);
  if (result.success) return result.data;
  const meaning = settings[name].description ?? '';
  if (text === undefined || text === '') throw new SettingsError(`${name} is not set. ${meaning}`);
  throw new SettingsError(`${name} is invalid: ${result.error.issues[0]?.message ?? 'wrong form'}. ${meaning}`);
}
