import { hashSecret, judgeKey, mayUseModel, secretPrefix, storedSecret, type ApiKeyRecord } from './index.js';

const nowMs = 1_000_000;
const inferenceKey = `mr-inference-${'aB3_x-'.repeat(7)}z`;

function keyRecord(changes: Partial<ApiKeyRecord> = {}): ApiKeyRecord {
  return {
    keyId: 'key_1',
    tenantId: 'ten_1',
    kind: 'inference',
    disabled: false,
    tenantDisabled: false,
    ...changes,
  };
}

describe('judging a key', () => {
  it('accepts a known, enabled key and names who it acts as', () => {
    expect(judgeKey(keyRecord(), nowMs)).toEqual({
      outcome: 'accepted',
      principal: { tenantId: 'ten_1', keyId: 'key_1', kind: 'inference' },
    });
  });

  it.each([
    ['unknown', undefined],
    ['disabled', keyRecord({ disabled: true })],
    ['expired', keyRecord({ expiresAtMs: nowMs })],
    ['tenant_disabled', keyRecord({ tenantDisabled: true })],
  ] as const)('refuses a key that is %s', (reason, record) => {
    expect(judgeKey(record, nowMs)).toEqual({ outcome: 'refused', reason });
  });

  it('accepts a key up to its last millisecond', () => {
    expect(judgeKey(keyRecord({ expiresAtMs: nowMs + 1 }), nowMs).outcome).toBe('accepted');
  });
});

describe('what a principal takes over from its key', () => {
  const principalOf = (changes: Partial<ApiKeyRecord>) => {
    const verdict = judgeKey(keyRecord(changes), nowMs);
    return verdict.outcome === 'accepted' ? verdict.principal : verdict;
  };

  it('is its agent and the limits of both levels', () => {
    const limits = { tenant: { tokensPerMonth: 1_000 }, key: { maxConcurrent: 2 } };
    expect(principalOf({ kind: 'agent', agentId: 'agt_1', limits })).toEqual({
      ...{ tenantId: 'ten_1', keyId: 'key_1', kind: 'agent', agentId: 'agt_1' },
      limits,
    });
  });

  it('is what tenant and key both allow', () => {
    const [one, two, three] = ['one', 'two', 'three'];
    expect(principalOf({ allowedModels: [one, two], tenantAllowedModels: [two, three] })).toMatchObject({
      allowedModels: [two],
    });
    expect(principalOf({ tenantAllowedModels: [three] })).toMatchObject({ allowedModels: [three] });
    expect(principalOf({ allowedModels: [] })).toMatchObject({ allowedModels: [] });
  });
});

describe('models of a key', () => {
  const principal = { tenantId: 'ten_1', keyId: 'key_1', kind: 'inference' } as const;

  it('lets a key without a list use every model', () => {
    expect(mayUseModel(principal, 'millrace-tiny')).toBe(true);
  });

  it('limits a key to its list, and to nothing when the list is empty', () => {
    expect(mayUseModel({ ...principal, allowedModels: ['qwen3:8b'] }, 'qwen3:8b')).toBe(true);
    expect(mayUseModel({ ...principal, allowedModels: ['qwen3:8b'] }, 'millrace-tiny')).toBe(false);
    expect(mayUseModel({ ...principal, allowedModels: [] }, 'millrace-tiny')).toBe(false);
  });
});

describe('secrets', () => {
  it('hashes with the pepper, the same each time', () => {
    const hash = hashSecret('pepper', 'secret');
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(hashSecret('pepper', 'secret')).toBe(hash);
    expect(hashSecret('other', 'secret')).not.toBe(hash);
  });

  it('shows the kind and 5 characters of a millrace secret', () => {
    expect(secretPrefix(inferenceKey)).toBe('mr-inference-aB3_x');
    expect(secretPrefix(inferenceKey.replace('inference', 'tenant-admin'))).toBe('mr-tenant-admin-aB3_x');
  });

  it('are stored as what may be shown and their hash', () => {
    const prefix = secretPrefix(inferenceKey);
    expect(storedSecret('pepper', inferenceKey)).toEqual({ prefix, secretHash: hashSecret('pepper', inferenceKey) });
  });

  it('shows nothing of a text that is no millrace secret', () => {
    expect(secretPrefix('sk-somebodys-real-key-of-another-service')).toBe('');
    expect(secretPrefix('mr-inference-short')).toBe('');
  });
});
