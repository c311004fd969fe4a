/** A store cannot be had: the message is one plain sentence with what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

export function messageOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : String(error);
}
