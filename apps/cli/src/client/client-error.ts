/** 1: what was asked for did not happen. 2: the command line is wrong, nothing was tried. */
export type FailureStatus = 1 | 2;

/** A failure of a client command; its message is the whole story for the person who called it. */
export class ClientError extends Error {
  override readonly name = 'ClientError';

  constructor(
    message: string,
    readonly exitStatus: FailureStatus = 1,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The server is away or cannot answer now: it may be there again in a moment. */
export class ServerAway extends ClientError {}

/** The key is of a kind that may not do this. */
export class WrongKindOfKey extends ClientError {}

/** The command line asks for something that makes no sense, whatever the server says. */
export function wrongUsage(message: string): ClientError {
  return new ClientError(message, 2);
}
