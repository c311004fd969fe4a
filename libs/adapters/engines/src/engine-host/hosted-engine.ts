import type { FootprintBreakdown, GenerateEvent, GenerateRequest, ReplicaSettings } from '../engine-driver.js';
import type { LoadedReplica } from './host-protocol.js';
import type { ReaderPace } from './reader-pace.js';

/** How an answer that is being generated speaks to its reader, and hears of it. */
export interface AnswerControl {
  emit: (event: GenerateEvent) => void;
  /** The engine did a step that gave no output. */
  onStep: () => void;
  /** Aborts when nobody wants the rest. */
  signal: AbortSignal;
  /** The engine generates nothing while it is paused; other answers go on. */
  pace: ReaderPace;
}

/** What an engine does in the process of its own; see `runHost`. One replica is loaded at most. */
export interface HostedEngine {
  /** Predicts the footprint without allocating it. */
  estimate(settings: ReplicaSettings): Promise<FootprintBreakdown>;
  load(settings: ReplicaSettings, onProgress: (progress: number) => void): Promise<LoadedReplica>;
  /** Emits chunks and, last, `finished`. Throws EngineError; anything else is put in words by `reason`. */
  generate(request: GenerateRequest, control: AnswerControl): Promise<void>;
  /** One plain sentence, without paths, for an error that is no EngineError. */
  reason(error: unknown, failure: EngineFailure): string;
}

/** What an engine was doing when it failed. */
export type EngineFailure = 'could not load the model' | 'failed while generating';
