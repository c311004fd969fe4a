import { RunnerStore } from '@millrace/adapters/postgres';
import { hashSecret } from '@millrace/domain/tenancy';
import { startAdminApi, type AdminAnswer, type AdminUnderTest } from '../../../test/admin-under-test.js';

let admin: AdminUnderTest;
beforeAll(async () => {
  admin = await startAdminApi();
});
afterAll(() => admin.stop());

const errorOf = ({ body }: AdminAnswer) => body['error'] as Record<string, unknown>;
const create = async (body: object, key?: string) =>
  admin.call('POST /join-tokens', { body, headers: key === undefined ? {} : { 'idempotency-key': key } });

/** What becomes of a runner that joins by a secret. */
async function join(secret: unknown, name: string): Promise<object> {
  return new RunnerStore(admin.dataSource).joinRunner({
    joinTokenHash: hashSecret(admin.pepper, String(secret)),
    ...{ name, labels: {}, credentialHash: `hash of ${name}` },
  });
}

describe('/admin/v1/join-tokens', () => {
  it('makes a token whose secret is shown once and lets any number of runners join', async () => {
    const { status, body } = await create({ name: 'rack 7' });
    expect(status).toBe(201);
    const { secret, ...token } = body;
    expect(token).toEqual({
      id: expect.stringMatching(/^jtk_[0-9a-z]{26}$/) as string,
      ...{ name: 'rack 7', expiresAt: null, revoked: false, version: 1 },
      prefix: String(secret).slice(0, 'mr-join-'.length + 5),
      createdAt: expect.stringMatching(/Z$/) as string,
    });
    expect(secret).toMatch(/^mr-join-[\w-]{43}$/);
    for (const name of ['first', 'second']) {
      expect(await join(secret, name)).toEqual({ runnerId: expect.stringMatching(/^run_/) as string });
    }
    expect((await admin.call(`GET /join-tokens/${String(body['id'])}`)).body).toEqual(token);
    const listed = await admin.call('GET /join-tokens');
    expect(listed.body).toMatchObject({ data: [token], hasMore: false });
    expect(JSON.stringify(listed.body)).not.toContain(String(secret));
  });

  it('lets nobody join by a token that is revoked, expired or deleted', async () => {
    const revoked = (await create({ name: 'revoked' })).body;
    const path = `/join-tokens/${String(revoked['id'])}`;
    expect(await admin.call(`POST ${path}/revoke`)).toMatchObject({ status: 200, body: { revoked: true, version: 2 } });
    expect(await admin.call(`POST ${path}/revoke`)).toMatchObject({ status: 200, body: { version: 2 } });
    expect(await join(revoked['secret'], 'late')).toEqual({ refused: expect.stringContaining('revoked') as string });
    const expired = (await create({ name: 'expired', expiresAt: '2001-01-01T00:00:00Z' })).body;
    expect(await join(expired['secret'], 'late')).toEqual({ refused: expect.stringContaining('expired') as string });
    const deleted = (await create({ name: 'deleted' })).body;
    expect((await admin.call(`DELETE /join-tokens/${String(deleted['id'])}`)).status).toBe(204);
    expect(await join(deleted['secret'], 'late')).toEqual({ refused: expect.stringContaining('not known') as string });
  });

  it('answers the same secret again under one Idempotency-Key', async () => {
    const first = await create({ name: 'once' }, 'one token');
    expect((await create({ name: 'once' }, 'one token')).body).toEqual(first.body);
    expect((await create({ name: 'twice' }, 'one token')).status).toBe(409);
  });

  it('makes a version the condition of a revocation', async () => {
    const { body } = await create({ name: 'versioned' });
    const revoke = async (ifMatch: string) =>
      admin.call(`POST /join-tokens/${String(body['id'])}/revoke`, { headers: { 'if-match': ifMatch } });
    expect(errorOf(await revoke('2'))).toMatchObject({ code: 'version_mismatch' });
    expect((await revoke('1')).status).toBe(200);
  });

  it.each([
    [{}, 'name', 'missing_required_parameter'],
    [{ name: '' }, 'name', 'invalid_value'],
    [{ name: 'a', expiresAt: 'soon' }, 'expiresAt', 'invalid_value'],
    [{ name: 'a', uses: 1 }, 'uses', 'unknown_parameter'],
  ])('refuses the body %j and names %s', async (body, param, code) => {
    const answer = await create(body);
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ param, code });
  });

  it('knows no token that is not there', async () => {
    for (const request of ['GET /join-tokens/jtk_1', 'POST /join-tokens/jtk_1/revoke', 'DELETE /join-tokens/jtk_1']) {
      expect(errorOf(await admin.call(request))).toMatchObject({ code: 'resource_not_found' });
    }
  });

  it('writes who made and revoked a token into the audit log, without the secret', async () => {
    const { body } = await create({ name: 'audited' });
    const id = String(body['id']);
    await admin.call(`POST /join-tokens/${id}/revoke`);
    const log = (await admin.call(`GET /audit-log?resourceId=${id}`)).body;
    const common = { tenantId: null, resourceKind: 'join-token' };
    expect(log).toMatchObject({
      data: [
        { ...common, action: 'change', after: { revoked: true } },
        { ...common, action: 'create', after: { name: 'audited' } },
      ],
    });
    expect(JSON.stringify(log)).not.toContain(String(body['secret']));
  });
});
