import type { OwnerEvent } from '@millrace/contracts/runner-protocol';
import type { GoneReason } from '@millrace/domain/claim';
import { goneOnWire } from './runner-event.js';

/** A link to a runner, as far as the owner needs it. Implemented by OwnerLink. */
export interface LinkOut {
  readonly id: string;
  readonly runnerId?: string;
  send(event: NonNullable<OwnerEvent['event']>): void;
}

/** Names one attempt on the wire. */
interface AttemptOfJob {
  jobId: string;
  attempt: number;
}

/** The links that are up, and what an owner says on them. A link that is gone hears nothing. */
export class LinksOut {
  private readonly links = new Map<string, LinkOut>();

  get count(): number {
    return this.links.size;
  }

  runnerOf(linkId: string): string | undefined {
    return this.links.get(linkId)?.runnerId;
  }

  add(link: LinkOut): void {
    this.links.set(link.id, link);
  }

  lose(linkId: string): void {
    this.links.delete(linkId);
  }

  send(linkId: string, event: NonNullable<OwnerEvent['event']>): void {
    this.links.get(linkId)?.send(event);
  }

  refuse(linkId: string, { jobId, attempt }: AttemptOfJob, reason: GoneReason): void {
    this.send(linkId, { $case: 'gone', value: { jobId, attempt, reason: goneOnWire(reason) } });
  }

  cancel(linkId: string, { jobId, attempt }: AttemptOfJob): void {
    this.send(linkId, { $case: 'cancel', value: { jobId, attempt } });
  }

  acknowledge(linkId: string, { jobId, attempt }: AttemptOfJob): void {
    this.send(linkId, { $case: 'acknowledge', value: { jobId, attempt } });
  }
}
