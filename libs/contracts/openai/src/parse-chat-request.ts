import { z } from 'zod';
import { readMessages, type ChatMessage } from './chat-message.js';
import { relax } from './lenient-profile.js';
import { describeIssue, wrongType, type ParameterError } from './parameter-error.js';
import { isObject, refuse, type JsonObject } from './read-value.js';
import { readResponseFormat, type ResponseFormat } from './response-format.js';
import { samplingBounds, type SamplingParameters } from './sampling-parameters.js';
import { readToolUse, type ToolUse } from './tool-use.js';
import { findUnserved, listWithoutEffect } from './unserved-parameters.js';

/** A chat completion request as its caller sent it, checked; what of the sampling is left out is left to `withDefaults`. */
export interface AskedChat extends SamplingParameters {
  model: string;
  /** At least one. */
  messages: ChatMessage[];
  stream: boolean;
  /** Whether a stream ends with a chunk that holds the usage. */
  includeUsage: boolean;
  /** 1 to 128 answers to the one prompt. */
  choices: number;
  /** Added to the logits of these token ids; -100 to 100. */
  logitBias: Readonly<Record<number, number>>;
  /** Present where log probabilities are asked for: how many alternatives each token comes with, 0 to 20. */
  topLogprobs?: number;
  /** Left out: any text. */
  responseFormat?: ResponseFormat;
  /** Left out where the answer may call nothing. */
  toolUse?: ToolUse;
}

/** A chat completion request in which only what has no default is left out. */
export type ChatRequest = AskedChat & Required<Omit<SamplingParameters, 'maxCompletionTokens' | 'seed'>>;

/** How bodies are taken that OpenAI refuses: refused as well, or without the parts that ask for nothing. */
export type Profile = 'strict' | 'lenient';

export interface ParseOptions {
  /** Default: strict. */
  profile?: Profile;
  /** Taken where the body names no model; without it a body has to name one. */
  defaultModel?: string;
}

export type ParsedChatRequest =
  | {
      ok: true;
      asked: AskedChat;
      /** Names of parameters that were accepted and change nothing. */
      warnings: string[];
    }
  | { ok: false; error: ParameterError };

/** OpenAI's clients send null for what is not set. */
function absentable<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullish().transform((value) => value ?? undefined);
}

const modelName = z.string().min(1);
const maxBiasedTokens = 1_024;
const tokenId = /^\d{1,9}$/;

/** Counts before anything looks at the properties, of which a body holds millions. */
function atMostProperties(maximum: number) {
  return ({ value, issues }: z.core.ParsePayload): void => {
    if (!isObject(value) || Object.keys(value).length <= maximum) return;
    issues.push({ code: 'too_big', origin: 'object', maximum, input: value });
  };
}

/** Every known parameter but `messages`. Those without effect are held to their type only. */
const parameters = z.object({
  model: modelName,
  stream: absentable(z.boolean()),
  stream_options: absentable(
    z.object({ include_usage: absentable(z.boolean()), include_obfuscation: absentable(z.boolean()) }),
  ),
  temperature: absentable(samplingBounds.temperature),
  top_p: absentable(samplingBounds.topP),
  max_completion_tokens: absentable(samplingBounds.maxCompletionTokens),
  max_tokens: absentable(samplingBounds.maxCompletionTokens),
  stop: z.preprocess((stop) => (typeof stop === 'string' ? [stop] : stop), absentable(samplingBounds.stop)),
  seed: absentable(samplingBounds.seed),
  n: absentable(z.int().min(1).max(128)),
  presence_penalty: absentable(samplingBounds.presencePenalty),
  frequency_penalty: absentable(samplingBounds.frequencyPenalty),
  logprobs: absentable(z.boolean()),
  top_logprobs: absentable(z.int().min(0).max(20)),
  logit_bias: absentable(
    z
      .unknown()
      .check(atMostProperties(maxBiasedTokens))
      .pipe(z.record(z.string().regex(tokenId, 'expected token ids as keys.'), z.number().min(-100).max(100))),
  ),
  parallel_tool_calls: absentable(z.boolean()),
  user: absentable(z.string()),
  safety_identifier: absentable(z.string()),
  prompt_cache_key: absentable(z.string()),
  metadata: absentable(z.record(z.string(), z.string())),
  store: absentable(z.boolean()),
  service_tier: absentable(z.string()),
  reasoning_effort: absentable(z.string()),
  verbosity: absentable(z.string()),
});

const parametersOfAnyModel = parameters.extend({ model: absentable(modelName) });

type Parameters = z.infer<typeof parameters>;

/**
 * Parses the body of POST /v1/chat/completions, once; nothing behind it looks at the body again.
 * Unknown top-level fields are ignored. The error names the first parameter that is wrong or not served.
 */
export function parseChatRequest(body: unknown, options: ParseOptions = {}): ParsedChatRequest {
  if (!isObject(body)) return refuse(notAnObject(body));
  const { profile = 'strict', defaultModel } = options;
  if (profile === 'strict') return parseStrictly(body, defaultModel);
  const relaxed = relax(body);
  const parsed = parseStrictly(relaxed.body, defaultModel);
  return parsed.ok ? { ...parsed, warnings: [...relaxed.ignored, ...parsed.warnings] } : parsed;
}

function parseStrictly(body: JsonObject, defaultModel: string | undefined): ParsedChatRequest {
  const parsed = parseParameters(body, defaultModel);
  if (!parsed.success) return refuse(firstError(parsed.error, body));
  const unserved = findUnserved(body);
  if (unserved !== undefined) return refuse(unserved);
  const misfit = findMisfit(parsed.data);
  if (misfit !== undefined) return refuse(misfit);
  const messages = readMessages(body['messages']);
  if (!messages.ok) return messages;
  const toolUse = readToolUse(body);
  if (!toolUse.ok) return toolUse;
  const format = readResponseFormat(body['response_format']);
  if (!format.ok) return format;
  const asked: AskedChat = {
    ...readParameters(parsed.data),
    messages: messages.value,
    ...(format.value !== undefined && { responseFormat: format.value }),
    ...(toolUse.value !== undefined && { toolUse: toolUse.value }),
  };
  return { ok: true, asked, warnings: listWithoutEffect(body) };
}

function parseParameters(body: JsonObject, defaultModel: string | undefined) {
  if (defaultModel === undefined) return parameters.safeParse(body);
  const parsed = parametersOfAnyModel.safeParse(body);
  if (!parsed.success) return parsed;
  return { success: true as const, data: { ...parsed.data, model: parsed.data.model ?? defaultModel } };
}

function readParameters(values: Parameters): Omit<AskedChat, 'messages' | 'responseFormat' | 'toolUse'> {
  return {
    model: values.model,
    stream: values.stream ?? false,
    includeUsage: values.stream_options?.include_usage ?? false,
    choices: values.n ?? 1,
    logitBias: values.logit_bias ?? {},
    ...readSampling(values),
    ...(values.logprobs === true && { topLogprobs: values.top_logprobs ?? 0 }),
  };
}

function readSampling(values: Parameters): SamplingParameters {
  const maxCompletionTokens = values.max_completion_tokens ?? values.max_tokens;
  return {
    ...(values.temperature !== undefined && { temperature: values.temperature }),
    ...(values.top_p !== undefined && { topP: values.top_p }),
    ...(maxCompletionTokens !== undefined && { maxCompletionTokens }),
    ...(values.stop !== undefined && { stop: values.stop }),
    ...(values.seed !== undefined && { seed: values.seed }),
    ...(values.presence_penalty !== undefined && { presencePenalty: values.presence_penalty }),
    ...(values.frequency_penalty !== undefined && { frequencyPenalty: values.frequency_penalty }),
  };
}

/** The request with OpenAI's defaults for what its caller, and whoever spoke for the caller, left out. */
export function withDefaults(asked: AskedChat): ChatRequest {
  return { temperature: 1, topP: 1, stop: [], presencePenalty: 0, frequencyPenalty: 0, ...asked };
}

/** The first parameter that does not go with the others. */
function findMisfit(values: Parameters): ParameterError | undefined {
  if (values.stream_options !== undefined && values.stream !== true) return optionsWithoutStream;
  if (values.top_logprobs !== undefined && values.logprobs !== true) return alternativesWithoutLogprobs;
  return undefined;
}

const optionsWithoutStream: ParameterError = {
  message: "The 'stream_options' parameter is only allowed when 'stream' is true.",
  param: 'stream_options',
  code: 'invalid_value',
};

const alternativesWithoutLogprobs: ParameterError = {
  message: "The 'top_logprobs' parameter is only allowed when 'logprobs' is true.",
  param: 'top_logprobs',
  code: 'invalid_value',
};

function firstError(error: z.ZodError, body: unknown): ParameterError {
  const issue = error.issues[0];
  if (issue === undefined) throw new Error('zod refused a body without naming an issue', { cause: error });
  if (issue.code === 'invalid_type' && issue.path[0] === 'stop' && issue.path.length === 1) {
    return wrongType('stop', 'a string or an array of strings', Reflect.get(Object(body) as object, 'stop'));
  }
  return describeIssue(issue, body);
}

function notAnObject(body: unknown): ParameterError {
  const { message } = wrongType('body', 'a JSON object', body ?? null);
  return { message, param: null, code: 'invalid_type' };
}
