/** An error whose message is the whole story for a person at a terminal: printed without a stack. */
export class PlainError extends Error {
  constructor(message) {
    super(message);
    this.name = 'PlainError';
  }
}

/** Prints a failure on standard error, a PlainError as its one sentence, and sets a non-zero exit status. */
export function reportFailure(error) {
  const plain = error instanceof PlainError;
  process.stderr.write((plain ? error.message : (error && error.stack) || String(error)) + '\n');
  process.exitCode = 1;
}
