import { z } from 'zod';
import { EngineError } from '../engine-driver.js';
import type { FootprintBreakdown, ReplicaSettings } from '../engine-driver.js';
import { provokedFailureSchema } from './provoked-failure.js';

const MIB = 1024 ** 2;
const bytes = z.int().min(0);

const simulatedOptionsSchema = z.strictObject({
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
  /** Makes every load fail with this sentence; an estimate still succeeds. */
  loadFailure: z.string().min(1).max(200).optional(),
  /** Of every answer. One answer fails when its last message says so; see `provokedFailure`. */
  failure: provokedFailureSchema.optional(),
});

/** What `engineOptions` of a simulated model may say. */
export type SimulatedOptions = z.infer<typeof simulatedOptionsSchema>;

/** Reads what to simulate. Throws EngineError `load_failed` that names what is wrong. */
export function readSimulatedOptions({ artifactPath, engineOptions }: ReplicaSettings): SimulatedOptions {
  if (!/^simulated:[\w.-]+$/.test(artifactPath)) {
    throw new EngineError('load_failed', 'The artifact of a simulated model has to be simulated:NAME.');
  }
  const parsed = simulatedOptionsSchema.safeParse(engineOptions);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = ['engineOptions', ...(issue?.path ?? [])].join('.');
  throw new EngineError('load_failed', `${field} is not valid for simulated: ${issue?.message ?? 'unreadable'}.`);
}

/** The footprint and the capacity that the options ask for; the estimate and the load ask the same function. */
export function simulatedFootprint(settings: ReplicaSettings, options: SimulatedOptions): FootprintBreakdown {
  const contextLength = Math.min(settings.contextLength ?? options.contextLength, options.contextLength);
  const slots = settings.slots ?? options.slots;
  return {
    weightsBytes: options.weightsBytes,
    kvBytes: options.kvBytesPerToken * contextLength * slots,
    computeBytes: 0,
    overheadBytes: options.overheadBytes,
    contextLength,
    slots,
  };
}
