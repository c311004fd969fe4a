import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { startApi } from '../../test/api-under-test.js';
import { call } from '../../test/requests.js';

const GENERATED = join(import.meta.dirname, 'generated-types.ts');
const CLIENT = join(import.meta.dirname, 'client.ts');

const client = `
import createClient from 'openapi-fetch';
import type { components, operations, paths } from './generated-types.js';

const api = createClient<paths>({ baseUrl: 'http://127.0.0.1:8080', headers: { authorization: 'Bearer mr-operator-1' } });

export async function useTheApi(): Promise<void> {
  const queues = await api.GET('/admin/v1/queues', { params: { query: { limit: 5 } } });
  const waiting: number | undefined = queues.data?.data[0]?.byTenant['ten_1']?.waiting;
  const message: string | undefined = queues.error?.error.message;
  const created = await api.POST('/admin/v1/tenants', {
    params: { header: { 'Idempotency-Key': '1' } },
    body: { name: 'acme', limits: { requestsPerMinute: 60 } },
  });
  const tenant: components['schemas']['Tenant'] | undefined = created.data;
  const path = { tenantId: tenant?.id ?? '' };
  const header = { 'If-Match': String(tenant?.version) };
  await api.PATCH('/admin/v1/tenants/{tenantId}', { params: { path, header }, body: { weight: null } });
  const deleted = await api.DELETE('/admin/v1/tenants/{tenantId}', { params: { path } });
  const nothing: undefined = deleted.data;
  console.log(waiting, message, nothing, {} satisfies operations['listTenants']['parameters']);

  // @ts-expect-error a name is needed
  await api.POST('/admin/v1/tenants', { body: {} });
  // @ts-expect-error and nothing that is not known
  console.log({ name: 'acme', nmae: 'acme' } satisfies components['schemas']['TenantDraft']);
  // @ts-expect-error the tenant is missing
  await api.DELETE('/admin/v1/tenants/{tenantId}', { params: {} });
  // @ts-expect-error limit is a number
  await api.GET('/admin/v1/tenants', { params: { query: { limit: 'five' } } });
}
`;

/** As `npx openapi-typescript` does it. */
function generateTypes(document: string): string {
  const folder = dirname(createRequire(import.meta.url).resolve('openapi-typescript/package.json'));
  return execFileSync(process.execPath, [join(folder, 'bin/cli.js')], { input: document, encoding: 'utf8' });
}

/** What the compiler says of files that are not on the disk. */
function compile(files: ReadonlyMap<string, string>): string[] {
  const options: ts.CompilerOptions = {
    ...{ strict: true, noEmit: true, skipLibCheck: true, exactOptionalPropertyTypes: true },
    ...{ target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    ...{ moduleResolution: ts.ModuleResolutionKind.Bundler, lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'], types: [] },
  };
  const host = ts.createCompilerHost(options);
  const read = host.readFile.bind(host);
  const exists = host.fileExists.bind(host);
  const parse = host.getSourceFile.bind(host);
  host.readFile = (path) => files.get(path) ?? read(path);
  host.fileExists = (path) => files.has(path) || exists(path);
  host.getSourceFile = (path, version, ...rest) => {
    const text = files.get(path);
    return text === undefined ? parse(path, version, ...rest) : ts.createSourceFile(path, text, version);
  };
  const problems = ts.getPreEmitDiagnostics(ts.createProgram([...files.keys()], options, host));
  return problems.map(({ file, start, messageText }) => {
    const line = file?.text.slice(0, start).split('\n').length ?? 0;
    return `${file?.fileName ?? ''}:${String(line)} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}

describe('a client that is generated from /openapi.json', () => {
  it('compiles, and knows what each call takes and answers', async () => {
    const api = await startApi();
    const document = await (await call(api, '/openapi.json', { key: null })).text();
    await api.stop();
    const files = { [GENERATED]: generateTypes(document), [CLIENT]: client };
    expect(compile(new Map(Object.entries(files)))).toEqual([]);
  });
});
