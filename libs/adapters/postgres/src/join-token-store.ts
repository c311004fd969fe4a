import type { StoredSecret } from '@millrace/domain/tenancy';
import { newId } from '@millrace/platform/ids';
import type { DataSource } from 'typeorm';
import type { Actor } from './audit-log.js';
import { AuditedTable, type WriteBy, type WriteOutcome } from './audited-table.js';
import { JoinTokenEntity } from './entities/join-token.js';
import { newestFirst, type Page, type PageWish } from './newest-first.js';

/** A join token as it is administered; nothing of its secret but the visible prefix. */
export interface JoinToken {
  id: string;
  name: string;
  prefix: string;
  /** Null is never. */
  expiresAt: Date | null;
  revoked: boolean;
  version: number;
  createdAt: Date;
}

/** The join tokens, as operators administer them. */
export class JoinTokenStore {
  private readonly tokens: AuditedTable<JoinTokenEntity, JoinToken>;

  constructor(private readonly dataSource: DataSource) {
    this.tokens = new AuditedTable(dataSource, {
      ...{ entity: JoinTokenEntity, resourceKind: 'join-token', toResource, conflicts: {} },
      tenantOf: () => null,
    });
  }

  async create(
    draft: StoredSecret & { name: string; expiresAt: Date | null },
    actor: Actor,
  ): Promise<WriteOutcome<JoinToken>> {
    return this.tokens.create({ id: newId('jtk'), ...draft }, actor);
  }

  async list(wish: PageWish): Promise<Page<JoinToken>> {
    const { entries, hasMore } = await newestFirst(this.dataSource.getRepository(JoinTokenEntity), {}, wish);
    return { entries: entries.map(toResource), hasMore };
  }

  async get(id: string): Promise<JoinToken | undefined> {
    const row = await this.dataSource.getRepository(JoinTokenEntity).findOneBy({ id });
    return row === null ? undefined : toResource(row);
  }

  /** No runner joins by it from then on; those that have joined keep their own credentials. */
  async revoke(id: string, by: WriteBy): Promise<WriteOutcome<JoinToken>> {
    return this.tokens.change({ id }, by, (row) => {
      row.revoked = true;
      return undefined;
    });
  }

  async delete(id: string, by: WriteBy): Promise<WriteOutcome<JoinToken>> {
    return this.tokens.remove({ id }, by);
  }
}

function toResource(row: JoinTokenEntity): JoinToken {
  const { id, name, prefix, expiresAt, revoked, version, createdAt } = row;
  return { id, name, prefix, expiresAt, revoked, version, createdAt };
}
