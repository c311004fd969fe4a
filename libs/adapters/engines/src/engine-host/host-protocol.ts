import type { FootprintBreakdown, GenerateRequest, ReplicaSettings } from '../engine-driver.js';
import type { AnswerEvent } from './answer-event.js';

/** What the driver asks of its host process. A host loads one replica, or makes one estimate. */
export type HostCommand =
  | { type: 'load'; settings: ReplicaSettings }
  | { type: 'estimate'; settings: ReplicaSettings }
  | { type: 'generate'; id: number; request: GenerateRequest }
  | { type: 'cancel'; id: number }
  /** The reader of the answer does not keep up, or does again. */
  | { type: 'pause'; id: number }
  | { type: 'resume'; id: number };

/** What a load settled on. */
export interface LoadedReplica {
  slots: number;
  contextLength: number;
  measuredBytes: number;
}

/** What a host tells its driver. */
export type HostMessage =
  | { type: 'load-progress'; progress: number }
  | { type: 'loaded'; replica: LoadedReplica }
  | { type: 'estimated'; footprint: FootprintBreakdown }
  | { type: 'refused'; message: string }
  /** Everything that became ready in one turn. Empty while prompts are read: a sign that the engine works. */
  | { type: 'answers'; events: AnswerEvent[] };
