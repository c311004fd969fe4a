import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

interface Operation {
  responses: Record<string, { headers?: object; content?: Record<string, object>; $ref?: string }>;
}

interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: object;
}

/** Checks that answers are as /openapi.json says they are: status, media type and each field, and no field besides. */
export class DocumentedAnswers {
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });
  private readonly routes: { pattern: RegExp; path: string; methods: Record<string, Operation> }[];
  private readonly checks = new Map<string, ValidateFunction>();

  constructor(document: OpenApi) {
    addFormats.default(this.ajv);
    this.ajv.addSchema(refuseOtherFields(document), 'openapi.json');
    // A path with fewer parameters is the more exact one.
    this.routes = Object.entries(document.paths)
      .sort(([one], [other]) => one.split('{').length - other.split('{').length)
      .map(([path, methods]) => ({ path, methods, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`) }));
  }

  /** Throws Error with what differs from the document. An answer without success must have the body of `Error`. */
  check(asked: { method: string; path: string }, answer: { status: number; type: string | null; body: string }): void {
    const where = `${asked.method} ${asked.path} → ${String(answer.status)}`;
    if (answer.status >= 400) return this.checkBody('/components/schemas/Error', answer.body, where);
    const method = asked.method.toLowerCase();
    const route = this.routes.find(({ pattern, methods }) => pattern.test(asked.path) && method in methods);
    const responses = route?.methods[method]?.responses;
    if (route === undefined || responses === undefined) throw new Error(`${where}: no such operation is documented`);
    const response = responses[String(answer.status)];
    if (response === undefined) {
      throw new Error(`${where}: documented are the statuses ${Object.keys(responses).join(', ')}`);
    }
    const forms = Object.keys(response.content ?? {});
    const type = answer.type?.split(';', 1)[0] ?? '';
    if (forms.length === 0 ? answer.body !== '' : !forms.includes(type)) {
      throw new Error(
        `${where}: has ${type === '' ? 'no media type' : type}, documented: ${forms.join(', ') || 'no body'}`,
      );
    }
    if (type !== 'application/json') return;
    this.checkBody(
      pointer('paths', route.path, method, 'responses', String(answer.status), 'content', type, 'schema'),
      answer.body,
      where,
    );
  }

  private checkBody(schema: string, body: string, where: string): void {
    const check = this.checks.get(schema) ?? this.ajv.compile({ $ref: `openapi.json#${schema}` });
    this.checks.set(schema, check);
    if (check(JSON.parse(body))) return;
    throw new Error(`${where}: differs from /openapi.json: ${this.ajv.errorsText(check.errors)}\n${body}`);
  }
}

const documents = new Map<string, Promise<DocumentedAnswers>>();

/** Throws Error when the answer is not as the API's own /openapi.json says; its body can still be read. */
export async function expectDocumented(baseUrl: string, method: string, response: Response): Promise<void> {
  const reading = documents.get(baseUrl) ?? readDocument(baseUrl);
  documents.set(baseUrl, reading);
  const body = await response.clone().text();
  const { status, headers, url } = response;
  const { pathname: path } = new URL(url);
  (await reading).check({ method, path }, { status, type: headers.get('content-type'), body });
}

async function readDocument(baseUrl: string): Promise<DocumentedAnswers> {
  const response = await fetch(`${baseUrl}/openapi.json`);
  return new DocumentedAnswers((await response.json()) as OpenApi);
}

/** JSON Pointer as a URI fragment. */
function pointer(...segments: readonly string[]): string {
  return segments.map((one) => `/${encodeURIComponent(one.replace(/~/g, '~0').replace(/\//g, '~1'))}`).join('');
}

/** Clients must bear new fields, so the document does not forbid them; an answer of today has only those it names. */
function refuseOtherFields<Node>(node: Node): Node {
  if (Array.isArray(node)) return node.map(refuseOtherFields) as Node;
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([name, value]) => [name, refuseOtherFields(value)]));
  const closed =
    typeof copy['properties'] === 'object' && copy['type'] === 'object' && !('additionalProperties' in copy);
  return (closed ? { ...copy, additionalProperties: false } : copy) as Node;
}
