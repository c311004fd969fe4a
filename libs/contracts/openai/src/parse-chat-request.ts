import { z } from 'zod';
import { readMessages, type ChatMessage } from './chat-message.js';
import { relax } from './lenient-profile.js';
import { describeIssue, wrongType, type ParameterError } from './parameter-error.js';
import { isObject, refuse, type JsonObject } from './read-value.js';
import { readResponseFormat, type ResponseFormat } from './response-format.js';
import { readToolUse, type ToolUse } from './tool-use.js';
import { findUnserved, listWithoutEffect } from './unserved-parameters.js';

/** A chat completion request, checked; what the caller left out has OpenAI's default. */
export interface ChatRequest {
  model: string;
  /** At least one. */
  messages: ChatMessage[];
  stream: boolean;
  /** Whether a stream ends with a chunk that holds the usage. */
  includeUsage: boolean;
  /** 0 to 2; 0 is greedy. */
  temperature: number;
  /** 0 to 1. */
  topP: number;
  /** At least 1; left out, the answer may fill the context. */
  maxCompletionTokens?: number;
  /** At most 4, none empty. */
  stop: string[];
  /** Any safe integer. */
  seed?: number;
  /** 1 to 128 answers to the one prompt. */
  choices: number;
  /** -2 to 2. */
  presencePenalty: number;
  frequencyPenalty: number;
  /** Added to the logits of these token ids; -100 to 100. */
  logitBias: Readonly<Record<number, number>>;
  /** Present where log probabilities are asked for: how many alternatives each token comes with, 0 to 20. */
  topLogprobs?: number;
  /** Left out: any text. */
  responseFormat?: ResponseFormat;
  /** Left out where the answer may call nothing. */
  toolUse?: ToolUse;
}

/** How bodies are taken that OpenAI refuses: refused as well, or without the parts that ask for nothing. */
export type Profile = 'strict' | 'lenient';

export type ParsedChatRequest =
  | {
      ok: true;
      request: ChatRequest;
      /** Names of parameters that were accepted and change nothing. */
      warnings: string[];
    }
  | { ok: false; error: ParameterError };

/** OpenAI's clients send null for what is not set. */
function absentable<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullish().transform((value) => value ?? undefined);
}

const maxStopSequences = 4;
const stopSequence = z.string().min(1);
const penalty = absentable(z.number().min(-2).max(2));
const maxBiasedTokens = 1_024;
const tokenId = /^\d{1,9}$/;
const maxTokens = absentable(z.int().min(1));

/** Counts before anything looks at the properties, of which a body holds millions. */
function atMostProperties(maximum: number) {
  return ({ value, issues }: z.core.ParsePayload): void => {
    if (!isObject(value) || Object.keys(value).length <= maximum) return;
    issues.push({ code: 'too_big', origin: 'object', maximum, input: value });
  };
}

/** Every known parameter but `messages`. Those without effect are held to their type only. */
const parameters = z.object({
  model: z.string().min(1),
  stream: absentable(z.boolean()),
  stream_options: absentable(
    z.object({ include_usage: absentable(z.boolean()), include_obfuscation: absentable(z.boolean()) }),
  ),
  temperature: absentable(z.number().min(0).max(2)),
  top_p: absentable(z.number().min(0).max(1)),
  max_completion_tokens: maxTokens,
  max_tokens: maxTokens,
  stop: z.preprocess(
    (stop) => (typeof stop === 'string' ? [stop] : stop),
    absentable(z.array(stopSequence).max(maxStopSequences)),
  ),
  seed: absentable(z.int()),
  n: absentable(z.int().min(1).max(128)),
  presence_penalty: penalty,
  frequency_penalty: penalty,
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

type Parameters = z.infer<typeof parameters>;

/**
 * Parses the body of POST /v1/chat/completions, once; nothing behind it looks at the body again.
 * Unknown top-level fields are ignored. The error names the first parameter that is wrong or not served.
 */
export function parseChatRequest(body: unknown, profile: Profile = 'strict'): ParsedChatRequest {
  if (!isObject(body)) return refuse(notAnObject(body));
  if (profile === 'strict') return parseStrictly(body);
  const relaxed = relax(body);
  const parsed = parseStrictly(relaxed.body);
  return parsed.ok ? { ...parsed, warnings: [...relaxed.ignored, ...parsed.warnings] } : parsed;
}

function parseStrictly(body: JsonObject): ParsedChatRequest {
  const parsed = parameters.safeParse(body);
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
  const request: ChatRequest = {
    ...withDefaults(parsed.data),
    messages: messages.value,
    ...(format.value !== undefined && { responseFormat: format.value }),
    ...(toolUse.value !== undefined && { toolUse: toolUse.value }),
  };
  return { ok: true, request, warnings: listWithoutEffect(body) };
}

function withDefaults(values: Parameters): Omit<ChatRequest, 'messages' | 'responseFormat' | 'toolUse'> {
  const maxCompletionTokens = values.max_completion_tokens ?? values.max_tokens;
  return {
    model: values.model,
    stream: values.stream ?? false,
    includeUsage: values.stream_options?.include_usage ?? false,
    temperature: values.temperature ?? 1,
    topP: values.top_p ?? 1,
    stop: values.stop ?? [],
    choices: values.n ?? 1,
    presencePenalty: values.presence_penalty ?? 0,
    frequencyPenalty: values.frequency_penalty ?? 0,
    logitBias: values.logit_bias ?? {},
    ...(maxCompletionTokens !== undefined && { maxCompletionTokens }),
    ...(values.seed !== undefined && { seed: values.seed }),
    ...(values.logprobs === true && { topLogprobs: values.top_logprobs ?? 0 }),
  };
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
