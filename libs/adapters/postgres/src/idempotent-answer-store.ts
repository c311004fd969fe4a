import type { DataSource, EntityManager } from 'typeorm';
import { AuditEntryEntity } from './entities/audit-entry.js';
import { IdempotentAnswerEntity } from './entities/idempotent-answer.js';
import { brokenConstraint } from './postgres-error.js';

/** A request under an Idempotency-Key. */
export interface IdempotentCall {
  keyId: string;
  idempotencyKey: string;
  /** Of everything that makes it this request and no other. */
  requestHash: string;
  requestId: string;
}

/** Whether a request under an Idempotency-Key is to be served, and if not, why. */
export type IdempotentBeginning =
  | { outcome: 'begun' }
  | { outcome: 'answered'; status: number; answer: Buffer }
  | { outcome: 'other_request' }
  /** The API key was deleted meanwhile. */
  | { outcome: 'key_gone' }
  | { outcome: 'under_way' }
  /** The change of an earlier try is there, its answer is not. */
  | { outcome: 'answer_lost'; resourceKind: string; resourceId: string };

/** Longer than any request takes to end one way or the other. */
const UNDER_WAY_SECONDS = 60;
const KEPT = "interval '24 hours'";

interface StoredRow {
  request_hash: string;
  request_id: string;
  status: number | null;
  answer: Buffer | null;
  is_expired: boolean;
  is_abandoned: boolean;
}

/** What requests under an Idempotency-Key were answered, for a day. An API key stands for its tenant here. */
export class IdempotentAnswerStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Begins a request unless it has been answered, is under way, or left a change behind without an answer. */
  async begin(call: IdempotentCall): Promise<IdempotentBeginning> {
    try {
      return await this.insertOrJudge(call);
    } catch (error) {
      if (brokenConstraint(error) === 'idempotent_answers_key_id_fkey') return { outcome: 'key_gone' };
      throw error;
    }
  }

  /** Keeps the answer of a request that has begun. */
  async finish({ keyId, idempotencyKey, requestId }: IdempotentCall, status: number, answer: Buffer): Promise<void> {
    const begun = { keyId, idempotencyKey, requestId };
    await this.dataSource.getRepository(IdempotentAnswerEntity).update(begun, { status, answer });
  }

  /** Forgets a request that has begun and changed nothing, so that it can be tried again. */
  async release({ keyId, idempotencyKey, requestId }: IdempotentCall): Promise<void> {
    await this.dataSource.getRepository(IdempotentAnswerEntity).delete({ keyId, idempotencyKey, requestId });
  }

  /** Of all keys. */
  async forgetExpired(): Promise<void> {
    await this.dataSource.query(`DELETE FROM idempotent_answers WHERE created_at < now() - ${KEPT}`);
  }

  private async insertOrJudge(call: IdempotentCall): Promise<IdempotentBeginning> {
    return this.dataSource.transaction(async (manager) => {
      const inserted = await manager.query<unknown[]>(
        `INSERT INTO idempotent_answers (key_id, idempotency_key, request_hash, request_id) VALUES ($1, $2, $3, $4)
         ON CONFLICT (key_id, idempotency_key) DO NOTHING RETURNING key_id`,
        [call.keyId, call.idempotencyKey, call.requestHash, call.requestId],
      );
      return inserted.length > 0 ? { outcome: 'begun' } : judge(manager, call);
    });
  }
}

/** There has been a request under this key before. */
async function judge(manager: EntityManager, call: IdempotentCall): Promise<IdempotentBeginning> {
  const { keyId, idempotencyKey, requestHash } = call;
  const [row] = await manager.query<StoredRow[]>(
    `SELECT request_hash, request_id, status, answer, created_at < now() - ${KEPT} AS is_expired,
       created_at < now() - make_interval(secs => ${String(UNDER_WAY_SECONDS)}) AS is_abandoned
     FROM idempotent_answers WHERE key_id = $1 AND idempotency_key = $2 FOR UPDATE`,
    [keyId, idempotencyKey],
  );
  if (row === undefined) return { outcome: 'under_way' };
  if (row.is_expired) return takeOver(manager, call);
  if (row.request_hash !== requestHash) return { outcome: 'other_request' };
  if (row.status !== null) return { outcome: 'answered', status: row.status, answer: row.answer ?? Buffer.alloc(0) };
  if (!row.is_abandoned) return { outcome: 'under_way' };
  const change = await manager.findOneBy(AuditEntryEntity, { actorKeyId: keyId, requestId: row.request_id });
  if (change === null) return takeOver(manager, call);
  return { outcome: 'answer_lost', resourceKind: change.resourceKind, resourceId: change.resourceId };
}

async function takeOver(manager: EntityManager, call: IdempotentCall): Promise<{ outcome: 'begun' }> {
  await manager.query(
    `UPDATE idempotent_answers SET request_hash = $3, request_id = $4, status = NULL, answer = NULL, created_at = now()
     WHERE key_id = $1 AND idempotency_key = $2`,
    [call.keyId, call.idempotencyKey, call.requestHash, call.requestId],
  );
  return { outcome: 'begun' };
}
