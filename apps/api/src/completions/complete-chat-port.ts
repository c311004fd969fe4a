import type { ChatRequest } from '@millrace/contracts/openai';
import type { Deadlines } from '@millrace/domain/claim';
import type { Principal } from '@millrace/domain/tenancy';
import type { ServedModel } from '@millrace/adapters/postgres';

/** One chat completion to serve: the caller is known, the request is checked, the model exists. */
export interface ChatCall {
  requestId: string;
  receivedAtMs: number;
  principal: Principal;
  request: ChatRequest;
  deployment: ServedModel;
  /** What the caller's headers ask for; only what is shorter than allowed has an effect. */
  deadlines: Partial<Deadlines>;
  reply: ReplyWriter;
  /** Aborted once when the caller's connection ends before the reply does, streaming or not. */
  hungUp: AbortSignal;
}

/** The caller's connection, as far as a completion needs it. What is written after a hang-up goes nowhere. */
export interface ReplyWriter {
  /** Adds to the headers of whatever the answer will be; nothing once a status has gone out. */
  setHeaders(headers: Readonly<Record<string, string>>): void;
  /** Sends status 200 and the headers of an event stream. From now on no HTTP status can tell of an error. */
  startStream(headers?: Readonly<Record<string, string>>): void;
  /** Sends one or several events. False: the caller reads slowly, await `drained()` before the next one. */
  write(events: string): boolean;
  /** Resolves when the caller has caught up or has left. */
  drained(): Promise<void>;
  /** Ends the stream. */
  end(): void;
  /** Sends a whole JSON answer, instead of a stream. */
  sendJson(status: number, body: unknown, headers?: Readonly<Record<string, string>>): void;
  /** Whether a status has gone out. */
  readonly started: boolean;
}

/** Serves the call and resolves when the reply has ended. Throws ApiError, only before the reply has started. */
export type CompleteChat = (call: ChatCall) => Promise<void>;

/** What the headers of an answer say of its caller's limits when the call was not admitted. */
export type TellLimits = (principal: Principal) => Promise<Readonly<Record<string, string>>>;

/** Where Nest finds the CompleteChat. */
export const COMPLETE_CHAT = Symbol('CompleteChat');

/** Where Nest finds the TellLimits. */
export const TELL_LIMITS = Symbol('TellLimits');
