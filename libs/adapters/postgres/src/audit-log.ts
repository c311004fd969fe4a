import { newId } from '@millrace/platform/ids';
import type { EntityManager } from 'typeorm';
import { AuditEntryEntity } from './entities/audit-entry.js';
import { maskSecrets } from './mask-secrets.js';

/** Who changes something, and from where. */
export interface Actor {
  /** Left out for what `npm start` sets up. */
  keyId?: string;
  /** The kind of the key, or the program that acts without one. */
  kind: string;
  /** Network address that the request came from. */
  address?: string;
  requestId?: string;
}

/** What was done to one resource; `before` and `after` are left out where there is nothing to show. */
export interface RecordedChange {
  /** The tenant that the resource belongs to; null for what belongs to none. */
  tenantId?: string | null;
  action: 'create' | 'change' | 'rotate' | 'delete';
  /** In the words of the admin API: tenant, api-key, agent … */
  resourceKind: string;
  resourceId: string;
  before?: Readonly<Record<string, unknown>>;
  after?: Readonly<Record<string, unknown>>;
}

/** Writes the audit entry of a change, in the transaction of that change. Secrets are masked. */
export async function recordChange(manager: EntityManager, actor: Actor, change: RecordedChange): Promise<void> {
  await manager.insert(AuditEntryEntity, {
    id: newId('aud'),
    tenantId: change.tenantId ?? null,
    actorKeyId: actor.keyId ?? null,
    actorKind: actor.kind,
    address: actor.address ?? null,
    requestId: actor.requestId ?? null,
    action: change.action,
    resourceKind: change.resourceKind,
    resourceId: change.resourceId,
    before: toJson(change.before),
    after: toJson(change.after),
  });
}

/** As JSON has it: instants become texts. TypeORM's type of a jsonb column is narrower than what it takes. */
function toJson(value: Readonly<Record<string, unknown>> | undefined): null | { [name: string]: never } {
  if (value === undefined) return null;
  return maskSecrets(JSON.parse(JSON.stringify(value))) as { [name: string]: never };
}
