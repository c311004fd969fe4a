import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { processSettings, type ProcessName } from './process-settings.js';
import { SettingsError } from './read-settings.js';
import type { SettingName } from './settings.js';

/** Processes that can run beside those of `npm start`. */
type Served = Extract<ProcessName, 'api' | 'scheduler' | 'runner'>;

/** What `npm start` lets further processes of its installation know, by process. Holds secrets. */
export type ServeFile = Record<Served, Partial<Record<SettingName, string>>>;

const values = z.record(z.string(), z.string());
const serveFileSchema = z.object({ api: values, scheduler: values, runner: values });

export function serveFilePath(home: string): string {
  return join(home, 'serve.json');
}

/**
 * Takes from a home what this process needs and the environment does not say; the environment always wins.
 * Answers the names that were taken, none when no millrace has been started in the home.
 */
export async function takeFromHome(
  home: string,
  name: Served,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<SettingName[]> {
  const path = serveFilePath(home);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new SettingsError(`${path} cannot be read (${error.code ?? 'unknown'}): run as the user of that millrace.`);
  });
  if (text === undefined) return [];
  const offered = parse(text, path)[name];
  const { needed, optional } = processSettings[name];
  const taken = [...needed, ...optional].filter(
    (setting) => offered[setting] !== undefined && (environment[setting] ?? '') === '',
  );
  for (const setting of taken) environment[setting] = offered[setting];
  return taken;
}

function parse(text: string, path: string): z.infer<typeof serveFileSchema> {
  try {
    return serveFileSchema.parse(JSON.parse(text));
  } catch {
    throw new SettingsError(`${path} is damaged: start millrace in that home again.`);
  }
}
