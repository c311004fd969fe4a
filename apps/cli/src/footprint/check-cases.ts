import { caseErrors, type CaseError, type KnownCase } from '@millrace/domain/footprint';
import { wrongUsage } from '../client/client-error.js';
import { gibibytes } from './footprint-text.js';

type Checked = { id: string; family: string } & ({ errors: CaseError[] } | { unanswered: string });

/** Answers every case of a file, and says how far each known number is off. */
export function checkCases(json: unknown, { json: asJson }: { json: boolean }): string {
  const checked = casesIn(json).map(check);
  return asJson ? `${JSON.stringify(checked, null, 2)}\n` : `${checked.map(linesOf).join('\n')}\n`;
}

function casesIn(json: unknown): KnownCase[] {
  const cases = typeof json === 'object' && json !== null ? (json as { cases?: unknown }).cases : undefined;
  if (!Array.isArray(cases))
    throw wrongUsage('The file holds no cases; expected {"cases": [{id, engine, model, config, expect}]}.');
  return (cases as Partial<KnownCase>[]).map((one, at) => ({
    id: one.id ?? String(at),
    family: one.family ?? '',
    engine: one.engine ?? 'any',
    model: one.model ?? {},
    config: one.config ?? {},
    expect: one.expect ?? {},
  }));
}

function check(known: KnownCase): Checked {
  const { id, family } = known;
  try {
    const errors = caseErrors(known);
    return errors.length > 0 ? { id, family, errors } : { id, family, unanswered: 'it names no number of a footprint' };
  } catch (error) {
    return { id, family, unanswered: error instanceof Error ? error.message : String(error) };
  }
}

function linesOf(checked: Checked): string {
  const head = `${checked.id.padEnd(6)}${checked.family.padEnd(42)}`;
  if ('unanswered' in checked) return `${head}not answered: ${checked.unanswered}`;
  return checked.errors
    .map(({ what, predictedBytes, knownBytes, signedError }) => {
      const percent = `${signedError >= 0 ? '+' : ''}${(100 * signedError).toFixed(2)} %`;
      return `${head}${what.padEnd(22)}${percent.padStart(12)}  ${gibibytes(predictedBytes)} for ${gibibytes(knownBytes)}`;
    })
    .join('\n');
}
