import { Validator } from '@seriousme/openapi-schema-validator';
import { startApi, type ApiUnderTest } from '../../test/api-under-test.js';
import { call, expectError } from '../../test/requests.js';

/** For people and for this document itself. */
const NOT_DESCRIBED = ['GET /docs', 'GET /docs/:file', 'GET /docs/start.js', 'GET /openapi.json'];

interface Operation {
  operationId: string;
  summary: string;
  description: string;
  security: unknown[];
}

let api: ApiUnderTest;
let document: { info: { version: string }; paths: Record<string, Record<string, Operation>> };
beforeAll(async () => {
  api = await startApi();
  document = (await (await call(api, '/openapi.json', { key: null })).json()) as typeof document;
});
afterAll(() => api.stop());

function operations(): Operation[] {
  return Object.values(document.paths).flatMap((methods) => Object.values(methods));
}

describe('GET /openapi.json', () => {
  it('needs no key, may be cached and names the version of millrace', async () => {
    const response = await call(api, '/openapi.json', { key: null });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    expect(document.info.version).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('is valid OpenAPI 3.1, all of whose references lead somewhere', async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(document))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
    for (const path of references) expect(document).toHaveProperty(path.split('/'));
  });

  it('describes every route there is', () => {
    const served = api.routes.filter((route) => !/^(HEAD|OPTIONS) /.test(route) && !NOT_DESCRIBED.includes(route));
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const asDescribed = served.map((route) => route.replace(/:(\w+)/g, '{$1}').replace('*', '{id}'));
    expect(described.sort()).toEqual(asDescribed.sort());
  });

  it('gives each operation a name of its own, a summary and what keys it takes', () => {
    const names = operations().map(({ operationId }) => operationId);
    expect(new Set(names).size).toBe(names.length);
    for (const { operationId, summary, description, security } of operations()) {
      expect(operationId).toMatch(/^[a-z]+[A-Za-z]+$/);
      expect(summary).toMatch(/^[A-Z].*[^.]$/);
      expect(description).toMatch(security.length === 0 ? /Needs no key\./ : /Takes keys of the kinds `/);
    }
  });
});

describe('GET /docs', () => {
  it('is a page that takes all it loads from here', async () => {
    const response = await call(api, '/docs', { key: null });
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const page = await response.text();
    const loaded = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url = '']) => url);
    expect(loaded).toContain('/docs/swagger-ui-bundle.js');
    for (const url of loaded) {
      expect(url).toMatch(/^\//);
      const asset = await call(api, url, { key: null });
      expect(asset.status).toBe(200);
      expect((await asset.arrayBuffer()).byteLength).toBeGreaterThan(0);
    }
  });

  it('forbids the browser to load anything from elsewhere', async () => {
    const { headers } = await call(api, '/docs', { key: null });
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/https?:|\*|unsafe-eval/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  it.each(['package.json', 'index.js', '..%2fpackage.json', '%2e%2e%2f%2e%2e%2fpackage.json', 'none'])(
    'has no %s',
    async (file) => {
      await expectError(await call(api, `/docs/${file}`, { key: null }), 404);
    },
  );
});
