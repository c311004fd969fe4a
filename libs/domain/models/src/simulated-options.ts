import { z } from 'zod';

const MIB = 1024 ** 2;
const bytes = z.int().min(0);

/**
 * How an answer goes wrong on purpose, right after so many tokens of it were sent, those of earlier attempts counted
 * (0: before the first). crash: the process dies. hang: the process stops. stall: only this answer gets no further
 * token. fail: only this answer ends, with `engine_error`.
 */
const provokedFailureSchema = z.strictObject({
  kind: z.enum(['crash', 'hang', 'stall', 'fail']),
  afterTokens: z.int().min(0),
});

export type ProvokedFailure = z.infer<typeof provokedFailureSchema>;

/** What `engineOptions` of a simulated model may say. */
export const simulatedOptionsSchema = z.strictObject({
  /** From the start of an answer on a slot to its first token. */
  timeToFirstTokenMs: z.number().min(0).max(3_600_000).default(50),
  /** Speed of reading a prompt, added to the time to the first token. Left out: prompts are read in no time. */
  promptTokensPerSecond: z.number().positive().optional(),
  /** Of each slot, however many are in use. */
  tokensPerSecond: z.number().positive().max(1_000_000).default(50),
  /** Length of an answer that nothing else ends. */
  answerTokens: z.int().min(1).max(1_000_000).default(64),
  /** Used where the deployment says nothing. */
  slots: z.int().min(1).max(100_000).default(8),
  /** What the model was trained for. */
  contextLength: z.int().min(16).max(10_000_000).default(8192),
  loadMs: z.number().min(0).max(3_600_000).default(0),
  weightsBytes: bytes.default(0),
  kvBytesPerToken: bytes.default(0),
  /** Left out: about what the simulation itself takes. */
  overheadBytes: bytes.default(64 * MIB),
  /** The operator's word for what a replica takes of each device; an estimate from its artifact goes before it. */
  footprintBytes: z.int().min(1).optional(),
  /** Makes every load fail with this sentence; an estimate still succeeds. */
  loadFailure: z.string().min(1).max(200).optional(),
  /** Of every answer. One answer fails when its last message says so: `[simulated: crash after 5 tokens]`. */
  failure: provokedFailureSchema.optional(),
});

export type SimulatedOptions = z.infer<typeof simulatedOptionsSchema>;
