import type { Pacer } from '@millrace/platform/pacing';
import type { ProcessIdentity } from '@millrace/platform/process-identity';
import type { KeptEngine } from './engine-host/kept-engines.js';

/** What to load, decided by the scheduler. Fields left out are the engine's choice. */
export interface ReplicaSettings {
  modelName: string;
  /** Local path of the weights. */
  artifactPath: string;
  contextLength?: number;
  slots?: number;
  engineOptions: Readonly<Record<string, unknown>>;
  /** Left out: the engine process ends with this process. */
  keep?: KeepReplica;
}

/** How a loaded replica outlives the process that loaded it, for the next process of the same runner. */
export interface KeepReplica {
  /** As `prepareEngineFolder` has made it. */
  folder: string;
  runnerId: string;
  replicaId: string;
  /** Term of the scheduler, and its generation, that wished for the replica. */
  epoch: number;
  generation: number;
  /** What `findKeptEngines` gives back; as JSON. */
  assignment: unknown;
  /** How long it waits for the next process; then it ends. */
  waitMs: number;
  /** Who starts that process. Without it nobody comes, and the replica ends at once. */
  supervisor?: ProcessIdentity;
}

/** A prediction in bytes, for one device, and where it comes from. Nothing was allocated. */
export interface FootprintBreakdown {
  /** The engine's own plan; or the formula, where the engine has none. */
  basis: 'engine_dry_run' | 'formula';
  /** What was measured on one version teaches nothing about another. */
  engineVersion: string;
  weightsBytes: number;
  kvBytes: number;
  computeBytes: number;
  /** The engine process itself. */
  overheadBytes: number;
  /** What the engine would choose where the settings say nothing. */
  contextLength: number;
  slots: number;
}

/** One message of the conversation, as prompt templates know it. */
export interface PromptMessage {
  role: string;
  /** Empty where an assistant message has tool calls only. */
  content: string;
  name?: string;
  /** Of a tool's message: the call that it answers. */
  toolCallId?: string;
  /** `arguments` is JSON, as the model wrote it. */
  toolCalls?: readonly { id: string; name: string; arguments: string }[];
}

/** The tools of a request and how the answer may use them. */
export interface ToolUse {
  /** `parameters` is a JSON schema. */
  tools: readonly { name: string; description?: string; parameters?: JsonSchema }[];
  /** `auto`: a call or text; `required`: a call of any tool, or of the one named by `only`. */
  choice: 'auto' | 'required';
  only?: string;
  /** Whether one answer may hold several calls. */
  parallel: boolean;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

/** What the text of the answer has to be. */
export type OutputFormat = { kind: 'text' } | { kind: 'json_object' } | { kind: 'json_schema'; schema: JsonSchema };

export interface Sampling {
  /** 0 is greedy. */
  temperature: number;
  topP: number;
  /** Reproduces a sampled answer. */
  seed?: number;
  /** -2 to 2. */
  presencePenalty?: number;
  frequencyPenalty?: number;
  /** Added to the logits of these token ids; -100 to 100. */
  logitBias?: Readonly<Record<number, number>>;
}

export interface GenerateRequest {
  messages: readonly PromptMessage[];
  sampling: Sampling;
  toolUse?: ToolUse;
  /** Left out: any text. */
  format?: OutputFormat;
  /** Asks for log probabilities, each token with so many alternatives. */
  topLogprobs?: number;
  /** Left out: up to the end of the context. */
  maxCompletionTokens?: number;
  stop: readonly string[];
  /** The clock that the prompt template sees, so that every attempt renders the same prompt. */
  renderedAtMs: number;
  /** Token ids of earlier attempts that the caller's text already rests on. */
  deliveredTokenIds: readonly number[];
  /** UTF-8 bytes of text that earlier attempts delivered; output starts behind them. */
  deliveredBytes: number;
}

/** Tokens as the model's tokenizer counts them. */
export interface GenerateUsage {
  promptTokens: number;
  /** Of the whole answer, delivered tokens of earlier attempts included; the end-of-turn token is not counted. */
  completionTokens: number;
  /** Prompt tokens that were already in the replica's cache. */
  cachedTokens: number;
}

/** Of one token, by its bytes: they join to the text of the answer. Natural logarithm. */
export interface TokenLogprob {
  token: Uint8Array;
  logprob: number;
  /** The likeliest tokens in its place, most likely first. */
  top: { token: Uint8Array; logprob: number }[];
}

export type GenerateEvent =
  /**
   * `text` may lag behind `tokenIds` (stop strings, UTF-8). `logprobs` go with the text: they belong to the tokens whose
   * text the chunk completes, so that those of all chunks join to the text of the answer.
   */
  | { kind: 'chunk'; tokenIds: number[]; text: string; logprobs?: TokenLogprob[] }
  | { kind: 'finished'; reason: 'stop' | 'length' | 'cancelled'; usage: GenerateUsage };

export type EngineErrorCode =
  'context_length_exceeded' | 'invalid_request' | 'load_failed' | 'engine_crashed' | 'engine_hung' | 'engine_error';

/** What else is known of a failure. */
export interface EngineErrorDetails extends ErrorOptions {
  /** Of `invalid_request`: the parameter at fault as OpenAI writes its place, such as `tools[0].function.parameters`. */
  param?: string | undefined;
  /** Tokens that the failed attempt has cost. */
  usage?: GenerateUsage;
}

/** Thrown by drivers. The message is one sentence without prompts, secrets or paths. */
export class EngineError extends Error {
  readonly param: string | undefined;
  readonly usage: GenerateUsage | undefined;

  constructor(
    readonly code: EngineErrorCode,
    message: string,
    { param, usage, ...options }: EngineErrorDetails = {},
  ) {
    super(message, options);
    this.name = 'EngineError';
    this.param = param;
    this.usage = usage;
  }
}

/** One loaded copy of a model in a process of its own. */
export interface EngineReplica {
  readonly slots: number;
  readonly contextLength: number;
  /** Bytes in use after the load, as the engine and the operating system report them. */
  readonly measuredBytes: number;
  readonly pid: number;
  /** Why it ends with this process although it was to be kept. */
  readonly notKept: string | undefined;
  /** Resolves, once, when the engine process is gone or was given up as hung; `expected` after `stop()`. */
  readonly exited: Promise<{ expected: boolean; message: string }>;
  /**
   * Generates on a free slot; the caller never starts more than `slots` at once.
   * Yields chunks and ends with one `finished`. Aborting ends it with reason `cancelled`.
   * While `pacer` says that the process is busy, tokens behind the first ones gather into larger chunks.
   * A reader that stops reading stops the engine: what waits for it is bounded. Throws EngineError otherwise.
   * Tool calls stand in the text, whatever the model's own form, as `<tool_call>{"name": …, "arguments": …}</tool_call>`.
   */
  generate(request: GenerateRequest, signal: AbortSignal, pacer?: Pacer): AsyncIterable<GenerateEvent>;
  /** This process will have no successor: the engine process is to end with it. */
  endWithRunner(): void;
  /** Ends the engine process: at once, or by force after a second. */
  stop(): Promise<void>;
}

/** How an engine continues an answer that another replica began; see DESIGN in docs/adr. */
export type Continuation = 'none' | 'prefill' | 'replay';

export interface EngineDriver {
  readonly engine: string;
  readonly continuation: Continuation;
  /** Predicts the footprint from metadata only. Throws EngineError `load_failed` for an unreadable artifact. */
  estimate(settings: ReplicaSettings): Promise<FootprintBreakdown>;
  /** Loads a replica. Throws EngineError `load_failed` with the engine's reason. */
  load(settings: ReplicaSettings, onProgress: (progress: number) => void, signal: AbortSignal): Promise<EngineReplica>;
  /**
   * Takes over a replica that a former process of this runner has loaded; the answers of that one have been cancelled.
   * Throws EngineError `load_failed` when the replica is gone or belongs to a process that lives.
   */
  adopt(kept: KeptEngine): Promise<EngineReplica>;
}
