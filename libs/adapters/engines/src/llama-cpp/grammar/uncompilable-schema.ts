import { EngineError } from '../../engine-driver.js';

/** Says which feature of a schema no grammar can guarantee, and where it stands. */
export function uncompilable(feature: string, path: string): EngineError {
  const place = path === '' ? 'at its top' : `at ${path}`;
  return new EngineError(
    'invalid_request',
    `The JSON schema cannot be guaranteed: it has ${feature} ${place}, which this engine does not support.`,
  );
}
