import type { JobSpec } from './owned-job.js';

/** A slot that was to be freed by a cancel and, as far as its owner knows, never was. */
export interface LeakedSlot {
  deploymentId: string;
  tenantId: string;
  link: string;
}

/**
 * Slots whose runner did not answer a cancel within the grace. Each counts as in use until the runner ends the attempt
 * after all or its link breaks: the runner knows its engine and decides what becomes of it, and a runner that is frozen
 * loses its link. Changed by the JobOwner only.
 */
export class LeakedSlots {
  private readonly slots = new Map<string, LeakedSlot>();

  add({ jobId, deploymentId, tenantId }: JobSpec, link: string): void {
    this.slots.set(jobId, { deploymentId, tenantId, link });
  }

  /** The runner has ended the attempt. */
  end(jobId: string): void {
    this.slots.delete(jobId);
  }

  loseLink(link: string): void {
    for (const [jobId, slot] of this.slots) if (slot.link === link) this.slots.delete(jobId);
  }

  all(): Iterable<LeakedSlot> {
    return this.slots.values();
  }
}
