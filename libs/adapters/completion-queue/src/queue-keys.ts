/** All keys of all queues begin with this; the runners' Redis user may touch nothing else. */
export const QUEUE_PREFIX = 'mr:q';

/** The braces put every key of one queue into one hash slot. */
export function queueName(deploymentId: string): string {
  return `{${deploymentId}}`;
}

/** Lower runs first. Later attempts go ahead: their callers have waited once already. */
export const TICKET_PRIORITY = { laterAttempt: 1, firstAttempt: 2 } as const;
