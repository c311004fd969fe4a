import type { FootprintBreakdown, GenerateRequest, ReplicaSettings } from '../engine-driver.js';
import type { AnswerEvent } from './answer-event.js';

/**
 * Version of this protocol, which every change of it raises: a runner may find hosts that an older millrace has started,
 * and ends those of another version.
 */
export const HOST_PROTOCOL = 1;

/** At which file descriptor a host finds the connection with the runner that has started it. */
export const RUNNER_FD = 3;

/** What the driver asks of its host process. A host loads one replica, or makes one estimate. */
export type HostCommand =
  | { type: 'load'; engine: string; settings: ReplicaSettings }
  | { type: 'estimate'; settings: ReplicaSettings }
  /** The first word on a connection to the socket of a host that was kept. */
  | { type: 'adopt'; token: string; runnerPid: number }
  | { type: 'generate'; id: number; request: GenerateRequest }
  | { type: 'cancel'; id: number }
  /** The reader of the answer does not keep up, or does again. */
  | { type: 'pause'; id: number }
  | { type: 'resume'; id: number }
  /** This runner will have no successor: the process is to end with the connection. */
  | { type: 'end-with-runner' }
  /** Ends the process at once. */
  | { type: 'end' };

/** What a load settled on. */
export interface LoadedReplica {
  slots: number;
  contextLength: number;
  measuredBytes: number;
  /** Why the process ends with its runner although it was to be kept. */
  notKept?: string;
}

/** What a host tells its driver. */
export type HostMessage =
  | { type: 'load-progress'; progress: number }
  | { type: 'loaded'; replica: LoadedReplica }
  | { type: 'estimated'; footprint: FootprintBreakdown }
  | { type: 'refused'; message: string }
  /** From now on the host belongs to whoever asked for it. */
  | { type: 'adopted'; replica: LoadedReplica }
  /** The host has a runner; who asked for it gets it when that one is gone. */
  | { type: 'busy' }
  /** Everything that became ready in one turn. Empty while prompts are read: a sign that the engine works. */
  | { type: 'answers'; events: AnswerEvent[] };
