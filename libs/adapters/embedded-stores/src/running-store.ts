/** A store's server process, started by this one and bound to its life. */
export interface RunningStore {
  /** With the password; never printed. */
  readonly url: string;
  /** Listening on 127.0.0.1. */
  readonly port: number;
  readonly pid: number;
  /** Resolves when the server is gone, whoever ended it; `lastWords` are its last lines of output. */
  readonly exited: Promise<{ lastWords: string }>;
  /** Ends the server in order, by force after 5 seconds, and waits for its end. */
  stop(): Promise<void>;
}
