/** Why millrace cannot start, in one plain sentence with what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
