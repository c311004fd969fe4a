import { notServed, type ParameterError } from './parameter-error.js';

type Value = unknown;

/**
 * Known parameters that change the answer and that millrace cannot honour yet, with the values that ask for nothing.
 * Anything else is refused by name: a caller never gets an answer that silently ignores what was asked.
 */
const unserved: Readonly<Record<string, { what: string; asksForNothing?: (value: Value) => boolean }>> = {
  modalities: { what: 'Only text is served; other modalities are', asksForNothing: isTextOnly },
  audio: { what: 'Audio is' },
  prediction: { what: 'Predicted output is' },
  web_search_options: { what: 'Web search is' },
  moderation: { what: 'Moderation is' },
};

/** Finds the first parameter of the body that asks for something millrace does not do yet. */
export function findUnserved(body: Readonly<Record<string, unknown>>): ParameterError | undefined {
  for (const [name, { what, asksForNothing }] of Object.entries(unserved)) {
    const value = body[name];
    if (value === undefined || value === null || asksForNothing?.(value) === true) continue;
    return notServed(name, what);
  }
  return undefined;
}

/**
 * Accepted because clients send them habitually, although they change nothing here;
 * each is named to the caller in a warning unless its value is the neutral one.
 */
const withoutEffect: Readonly<Record<string, readonly Value[]>> = {
  store: [false],
  service_tier: ['auto', 'default'],
  reasoning_effort: [],
  verbosity: ['medium'],
};

/** Names the parameters of the body that are accepted and have no effect. */
export function listWithoutEffect(body: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(withoutEffect).flatMap(([name, neutral]) => {
    const value = body[name];
    return value === undefined || value === null || neutral.includes(value) ? [] : [name];
  });
}

function isTextOnly(value: Value): boolean {
  return Array.isArray(value) && value.every((modality) => modality === 'text');
}
