import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Loads another app of this build into this process by its path, as apps do not import each other.
 * Those that are a process of their own begin to serve with that. Answers what the app exports.
 */
export async function runApp<Exports>(checkout: string, name: string): Promise<Exports> {
  const main = join(checkout, 'dist', 'apps', name, 'src', 'main.js');
  return (await import(pathToFileURL(main).href)) as Exports;
}
