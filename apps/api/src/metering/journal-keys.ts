/** Boot ids of the API processes that have a journal. */
export const JOURNALS = 'mr:usage:journals';

/** A hash: the open requests of one API process, by request id. */
export function journalKey(owner: string): string {
  return `mr:usage:journal:${owner}`;
}

/** A hash: what runners have told of attempts whose owner they lost, by `{jobId}-{attempt}`. */
export function reportsKey(owner: string): string {
  return `mr:usage:reports:${owner}`;
}

/** Boot id of the process that has taken over the journal of another one, for as long as it renews it. */
export function adopterKey(owner: string): string {
  return `mr:usage:adopter:${owner}`;
}
