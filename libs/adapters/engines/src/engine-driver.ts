/** What to load, decided by the scheduler. Fields left out are the engine's choice. */
export interface ReplicaSettings {
  modelName: string;
  /** Local path of the weights. */
  artifactPath: string;
  contextLength?: number;
  slots?: number;
  engineOptions: Readonly<Record<string, unknown>>;
}

/** A dry run's answer in bytes, for one device. Nothing was allocated. */
export interface FootprintBreakdown {
  weightsBytes: number;
  kvBytes: number;
  computeBytes: number;
  /** The engine process itself. */
  overheadBytes: number;
  /** What the engine would choose where the settings say nothing. */
  contextLength: number;
  slots: number;
}

export interface GenerateRequest {
  messages: readonly { role: string; content: string }[];
  /** 0 is greedy. `seed` reproduces a sampled answer. */
  sampling: { temperature: number; topP: number; seed?: number };
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

export type GenerateEvent =
  | { kind: 'chunk'; tokenIds: number[]; text: string }
  | { kind: 'finished'; reason: 'stop' | 'length' | 'cancelled'; usage: GenerateUsage };

export type EngineErrorCode =
  'context_length_exceeded' | 'invalid_request' | 'load_failed' | 'engine_crashed' | 'engine_hung' | 'engine_error';

/** Thrown by drivers. The message is one sentence without prompts, secrets or paths. */
export class EngineError extends Error {
  constructor(
    readonly code: EngineErrorCode,
    message: string,
    readonly usage?: GenerateUsage,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'EngineError';
  }
}

/** One loaded copy of a model in a process of its own. */
export interface EngineReplica {
  readonly slots: number;
  readonly contextLength: number;
  /** Bytes in use after the load, as the engine and the operating system report them. */
  readonly measuredBytes: number;
  readonly pid: number;
  /** Resolves, once, when the engine process is gone; `expected` after `stop()`. */
  readonly exited: Promise<{ expected: boolean; message: string }>;
  /**
   * Generates on a free slot; the caller never starts more than `slots` at once.
   * Yields chunks and ends with one `finished`. Aborting ends it with reason `cancelled`.
   * Throws EngineError otherwise.
   */
  generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateEvent>;
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
}
