/** A key as it is stored, found by its hash. */
export interface ApiKeyRecord {
  keyId: string;
  tenantId: string;
  kind: 'operator' | 'tenant-admin' | 'inference' | 'agent';
  disabled: boolean;
  /** The first instant at which the key no longer works. */
  expiresAtMs?: number;
  tenantDisabled: boolean;
  /** Names of models the key is limited to; left out, every model may be used. */
  allowedModels?: readonly string[];
}

/** Who a request acts as. */
export interface Principal {
  readonly tenantId: string;
  readonly keyId: string;
  readonly kind: ApiKeyRecord['kind'];
  /** As in ApiKeyRecord. */
  readonly allowedModels?: readonly string[];
}

export type KeyVerdict =
  | { outcome: 'accepted'; principal: Principal }
  | { outcome: 'refused'; reason: 'unknown' | 'disabled' | 'expired' | 'tenant_disabled' };

/** Decides whether the key found for a secret may act now; `undefined` stands for no key found. */
export function judgeKey(record: ApiKeyRecord | undefined, nowMs: number): KeyVerdict {
  if (record === undefined) return { outcome: 'refused', reason: 'unknown' };
  if (record.disabled) return { outcome: 'refused', reason: 'disabled' };
  if (record.expiresAtMs !== undefined && record.expiresAtMs <= nowMs) return { outcome: 'refused', reason: 'expired' };
  if (record.tenantDisabled) return { outcome: 'refused', reason: 'tenant_disabled' };
  const { tenantId, keyId, kind, allowedModels } = record;
  return {
    outcome: 'accepted',
    principal: { tenantId, keyId, kind, ...(allowedModels === undefined ? {} : { allowedModels }) },
  };
}

/** Whether a principal may see and use the model of that name. */
export function mayUseModel(principal: Principal, modelName: string): boolean {
  return principal.allowedModels?.includes(modelName) ?? true;
}
