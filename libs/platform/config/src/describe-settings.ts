import { processSettings, type ProcessName } from './process-settings.js';
import { settings, type SettingName } from './settings.js';

/** One setting for a person. Says nothing of its value in this environment. */
export interface SettingDescription {
  name: SettingName;
  meaning: string;
  /** As it would be typed; undefined when there is none, or when it is empty. */
  defaultText: string | undefined;
  /** Commands that read it. */
  readBy: ProcessName[];
}

/** Every setting, in the order of the schema. */
export function describeSettings(): SettingDescription[] {
  return (Object.keys(settings) as SettingName[]).map((name) => ({
    name,
    meaning: settings[name].description ?? '',
    defaultText: defaultOf(name),
    readBy: (Object.keys(processSettings) as ProcessName[]).filter((each) => namesOf(each).includes(name)),
  }));
}

/** What the help of a command says of the settings it reads. */
export function settingsHelp(processName: ProcessName): string {
  const { needed }: { needed: readonly SettingName[] } = processSettings[processName];
  const described = describeSettings();
  const entries = namesOf(processName).map((name) => {
    const { meaning = '', defaultText } = described.find((each) => each.name === name) ?? {};
    const mustBeSet = needed.includes(name) && !settings[name].safeParse(undefined).success;
    const remark = defaultText === undefined ? (mustBeSet ? ' (must be set)' : '') : ` (default: ${defaultText})`;
    return `  ${name}${remark}\n      ${meaning}\n`;
  });
  return `\nSettings, read from the environment:\n\n${entries.join('')}`;
}

function namesOf(processName: ProcessName): SettingName[] {
  const { needed, optional } = processSettings[processName];
  return [...needed, ...optional];
}

function defaultOf(name: SettingName): string | undefined {
  const { success, data } = settings[name].safeParse(undefined);
  if (!success || data === undefined || typeof data === 'object') return undefined;
  return String(data);
}
