import type { EngineDriver, EngineReplica, ReplicaSettings } from '@millrace/adapters/engines';
import type { EngineSubject } from './engine-answer.js';

/** An engine to be judged and what to judge it with. */
export interface EngineUnderTest extends EngineSubject {
  /** A driver with these limits; those left out are its own. */
  createDriver: (limits?: { hangTimeoutMs?: number; maxUnreadTokens?: number }) => EngineDriver;
  /** A chat model with 8 slots. */
  settings: ReplicaSettings;
  /** Settings whose artifact is broken. */
  broken: ReplicaSettings;
  /** By how much two of its processes differ in memory although they did the same; 0 where it is simulated. */
  processSpreadBytes: number;
}

/** The same, with a replica that is loaded. */
export interface GivenEngine extends EngineUnderTest {
  replica: EngineReplica;
}
