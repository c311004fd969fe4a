import type { JsonObject } from './read-value.js';

/** Whether a value that OpenAI refuses, and that asks for nothing millrace could do, is taken as absent. */
type Relaxation = (value: unknown, body: JsonObject) => boolean;

const always: Relaxation = () => true;
const isZero: Relaxation = (value) => value === 0;

/** What programs generated from the published document send, all at once, in their tests. */
const relaxations: Readonly<Record<string, Relaxation>> = {
  max_tokens: isZero,
  max_completion_tokens: isZero,
  stream_options: (_, body) => body['stream'] !== true,
  functions: (_, body) => hasTools(body),
  function_call: (_, body) => hasTools(body),
  top_logprobs: (_, body) => body['logprobs'] !== true,
  logit_bias: (value) => Object.keys(Object(value) as object).some((key) => !/^\d+$/.test(key)),
  modalities: (value) => !Array.isArray(value) || value.some((modality) => modality !== 'text'),
  audio: always,
  prediction: always,
  web_search_options: always,
  moderation: always,
};

/** The body as the lenient profile takes it, and the names of what it takes as absent. */
export function relax(body: JsonObject): { body: JsonObject; ignored: string[] } {
  const relaxed = { ...body };
  const ignored: string[] = [];
  for (const [name, isIgnored] of Object.entries(relaxations)) {
    const value = body[name];
    if (value === undefined || value === null || !isIgnored(value, body)) continue;
    relaxed[name] = undefined;
    ignored.push(name);
  }
  return { body: relaxed, ignored };
}

function hasTools(body: JsonObject): boolean {
  return Array.isArray(body['tools']) && body['tools'].length > 0;
}
