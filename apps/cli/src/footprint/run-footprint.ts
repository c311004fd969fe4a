import { readFile } from 'node:fs/promises';
import { readCase } from '@millrace/domain/footprint';
import { wrongUsage } from '../client/client-error.js';
import type { Terminal } from '../client/terminal.js';
import { footprintOfArtifact } from './artifact-footprint.js';
import { footprintOfCase } from './case-footprint.js';
import { checkCases } from './check-cases.js';
import type { FootprintOptions } from './footprint-command.js';
import { answerText } from './footprint-text.js';

/** Answers one question, or checks many known answers. */
export async function runFootprint(
  artifact: string | undefined,
  options: FootprintOptions,
  terminal: Terminal,
): Promise<void> {
  const asked = [artifact, options.from, options.check].filter((one) => one !== undefined);
  if (asked.length !== 1) throw wrongUsage('Name one artifact, or a case by --from, or cases by --check.');
  if (options.check !== undefined) {
    return terminal.print(checkCases(await readJson(options.check), { json: options.json === true }));
  }
  const answer =
    artifact === undefined
      ? footprintOfCase(readCase(await readJson(options.from ?? '')))
      : await footprintOfArtifact(artifact, options);
  terminal.print(options.json === true ? `${JSON.stringify(answer, null, 2)}\n` : answerText(answer));
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw wrongUsage(`The file ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw wrongUsage(`The file ${path} is not JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
