import { z } from 'zod';

/**
 * The data of a BullMQ job: attempt n of job j waits for a runner.
 * Holds ids, routing, sizes and hashes; never a prompt.
 */
export const ticketSchema = z.object({
  jobId: z.string().startsWith('ses_'),
  /** 1 for the first attempt; only the owner raises it. */
  attempt: z.int().min(1),
  tenantId: z.string(),
  deploymentId: z.string(),
  /** Boot id of the API process that holds the payload and the caller's connection. */
  owner: z.string(),
  /** Estimated tokens of prompt and answer together; what fairness charges. */
  costTokens: z.int().min(0),
  /** Estimated tokens the context must hold. */
  contextTokens: z.int().min(0),
  /** Keyed hashes of the prompt's leading blocks, for routing to a warm replica. */
  prefixHashes: z.array(z.string()),
  traceparent: z.string().optional(),
});

export type Ticket = z.infer<typeof ticketSchema>;

/** The BullMQ job id of a ticket; a new attempt has a new id, so BullMQ never drops it as a duplicate. */
export function ticketId(ticket: Pick<Ticket, 'jobId' | 'attempt'>): string {
  return `${ticket.jobId}-${String(ticket.attempt)}`;
}
