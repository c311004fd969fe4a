import { EngineError } from '../../engine-driver.js';

/** Of a name in a sentence: schemas may hold names as long as a body. */
const LONGEST_NAME = 100;
/** Of the place in a schema; its end says most. */
const LONGEST_PLACE = 200;

/** A schema that no grammar can guarantee, wherever in a request it came from. */
export class UncompilableSchema extends Error {}

/** Says which feature of a schema no grammar can guarantee, and where it stands. */
export function uncompilable(feature: string, path: string): UncompilableSchema {
  const place = path === '' ? 'at its top' : `at ${ending(path)}`;
  return new UncompilableSchema(
    `The JSON schema cannot be guaranteed: it has ${feature} ${place}, which this engine does not support.`,
  );
}

/** What `compile` gives. Throws EngineError `invalid_request` that names `param` for what it cannot guarantee. */
export function askedBy<T>(param: string, compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    if (error instanceof UncompilableSchema) {
      throw new EngineError('invalid_request', error.message, { param, cause: error });
    }
    throw error;
  }
}

/** A name or another short value of a schema, for a sentence. */
export function quoted(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(beginning(value)) : beginning(JSON.stringify(value));
}

function beginning(text: string): string {
  return text.length > LONGEST_NAME ? `${text.slice(0, LONGEST_NAME)}…` : text;
}

function ending(path: string): string {
  return path.length > LONGEST_PLACE ? `…${path.slice(-LONGEST_PLACE)}` : path;
}
