/** Kinds of keys that act over HTTP; runners have credentials of their own. */
export type ApiKeyKind = 'operator' | 'tenant-admin' | 'inference' | 'agent';

/** What a tenant or a key may use; what is left out is not limited. */
export interface Limits {
  readonly requestsPerMinute?: number;
  /** Of the prompt and of the answer together. */
  readonly tokensPerMinute?: number;
  /** Requests under way at one time. */
  readonly maxConcurrent?: number;
  /** In a calendar month, UTC. */
  readonly tokensPerMonth?: number;
}

/** Both apply. */
export interface LimitsOfPrincipal {
  readonly tenant: Limits;
  readonly key: Limits;
}

/** A key as it is stored, found by its hash. */
export interface ApiKeyRecord {
  keyId: string;
  tenantId: string;
  kind: ApiKeyKind;
  /** The one agent that the key acts as; only of the kind `agent`. */
  agentId?: string;
  disabled: boolean;
  /** The first instant at which the key no longer works. */
  expiresAtMs?: number;
  tenantDisabled: boolean;
  /** Names of models the key is limited to; left out, every model of the tenant may be used. */
  allowedModels?: readonly string[];
  /** Names of models the tenant is limited to; left out, every model may be used. */
  tenantAllowedModels?: readonly string[];
  limits?: LimitsOfPrincipal;
}

/** Who a request acts as. */
export interface Principal {
  readonly tenantId: string;
  readonly keyId: string;
  readonly kind: ApiKeyKind;
  readonly agentId?: string;
  /** Names of models that key and tenant both allow; left out, every model may be used. */
  readonly allowedModels?: readonly string[];
  /** Left out: nothing is limited. */
  readonly limits?: LimitsOfPrincipal;
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
  return { outcome: 'accepted', principal: principalOf(record) };
}

/** Whether a principal may see and use the model of that name. */
export function mayUseModel(principal: Principal, modelName: string): boolean {
  return principal.allowedModels?.includes(modelName) ?? true;
}

function principalOf(record: ApiKeyRecord): Principal {
  const { tenantId, keyId, kind, agentId, limits } = record;
  const allowedModels = allowedByBoth(record.allowedModels, record.tenantAllowedModels);
  return {
    ...{ tenantId, keyId, kind },
    ...(agentId !== undefined && { agentId }),
    ...(allowedModels !== undefined && { allowedModels }),
    ...(limits !== undefined && { limits }),
  };
}

function allowedByBoth(
  key: readonly string[] | undefined,
  tenant: readonly string[] | undefined,
): readonly string[] | undefined {
  if (key === undefined || tenant === undefined) return key ?? tenant;
  return key.filter((name) => tenant.includes(name));
}
