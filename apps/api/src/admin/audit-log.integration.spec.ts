import { startAdminApi, type AdminAnswer, type AdminUnderTest, type Json } from '../../test/admin-under-test.js';

let admin: AdminUnderTest;
let tenantId: string;
let ownKey: { id: string; secret: string };
beforeAll(async () => {
  admin = await startAdminApi();
  tenantId = idOf(await admin.call('POST /tenants', { body: { name: 'acme' } }));
  ownKey = await admin.seedKey(tenantId, 'tenant-admin');
});
afterAll(() => admin.stop());

const idOf = ({ body }: AdminAnswer): string => String(body['id']);
const read = async (query: string, key?: string) => {
  const { status, body } = await admin.call(`GET /audit-log?${query}`, { key: key ?? admin.operatorKey });
  return { status, data: body['data'] as Json[], hasMore: body['hasMore'] };
};

describe('GET /admin/v1/audit-log', () => {
  it('lists who changed what, newest first, without secrets', async () => {
    const made = await admin.call(`POST /tenants/${tenantId}/api-keys`, { body: { name: 'k' }, key: ownKey.secret });
    await admin.call(`PATCH /tenants/${tenantId}/api-keys/${idOf(made)}`, { body: { disabled: true } });
    await admin.call(`POST /tenants/${tenantId}/api-keys/${idOf(made)}/rotate`, { body: { overlapSeconds: 0 } });
    const { data } = await read(`resourceId=${idOf(made)}`);
    const common = { tenantId, resourceKind: 'api-key', resourceId: idOf(made), address: '127.0.0.1' };
    expect(data).toMatchObject([
      { ...common, action: 'rotate', actorKind: 'operator', before: { version: 2 }, after: { version: 3 } },
      { ...common, action: 'change', before: { disabled: false }, after: { disabled: true } },
      { ...common, action: 'create', actorKind: 'tenant-admin', actorKeyId: ownKey.id, before: null },
    ]);
    expect(Object.keys(data[0] ?? {}).sort()).toEqual(
      [
        ...['id', 'at', 'tenantId', 'actorKeyId', 'actorKind', 'address', 'requestId'],
        ...['action', 'resourceKind', 'resourceId', 'before', 'after'],
      ].sort(),
    );
    expect(JSON.stringify(data)).not.toContain(String(made.body['secret']));
    expect(JSON.stringify(data)).not.toMatch(/hash/i);
  });

  it('is read in parts and by field', async () => {
    const all = await read('limit=100');
    const first = await read('limit=2');
    expect(first).toMatchObject({ data: all.data.slice(0, 2), hasMore: true });
    const next = await read(`limit=2&after=${String(first.data[1]?.['id'])}`);
    expect(next.data).toEqual(all.data.slice(2, 4));
    const count = async (query: string) => (await read(`limit=100&${query}`)).data.length;
    expect(await count(`tenantId=${tenantId}`)).toBe(all.data.filter((entry) => entry['tenantId'] === tenantId).length);
    expect(await count(`actorKeyId=${ownKey.id}`)).toBe(1);
    expect(await count(`resourceKind=tenant&action=create&resourceId=${tenantId}`)).toBe(1);
    const middle = String(all.data[1]?.['at']);
    const [before, since] = [await count(`to=${middle}`), await count(`from=${middle}`)];
    expect(before + since).toBe(all.data.length);
    expect(since).toBeGreaterThan(0);
    for (const wrong of ['from=yesterday', 'to=5', 'colour=red', 'limit=0'])
      expect((await read(wrong)).status).toBe(400);
  });

  it("shows a tenant's administrator its own tenant's entries, and not which operator acted from where", async () => {
    const other = idOf(await admin.call('POST /tenants', { body: { name: 'other' } }));
    const { data } = await read('limit=100', ownKey.secret);
    expect(data.map((entry) => entry['tenantId'])).toEqual(data.map(() => tenantId));
    const byOperators = data.filter((entry) => entry['actorKind'] === 'operator');
    expect(byOperators).not.toEqual([]);
    for (const entry of byOperators) expect(entry).toMatchObject({ actorKeyId: null, address: null, requestId: null });
    const operatorKeyId = String((await read('limit=1')).data[0]?.['actorKeyId']);
    expect((await read(`actorKeyId=${operatorKeyId}`, ownKey.secret)).data).toEqual([]);
    expect((await read(`tenantId=${other}`, ownKey.secret)).status).toBe(404);
    expect((await read(`tenantId=${tenantId}`, ownKey.secret)).data).toEqual((await read('', ownKey.secret)).data);
  });

  it('can be neither changed nor emptied', async () => {
    const statements = ["UPDATE audit_log SET action = 'x'", 'DELETE FROM audit_log', 'TRUNCATE audit_log'];
    for (const statement of statements) {
      await expect(admin.dataSource.query(statement)).rejects.toThrow('audit_log is append-only');
    }
  });
});
