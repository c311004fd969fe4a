import { ask, expectSameFromEveryCut, read } from '@millrace/testing';
import type { Answer } from '@millrace/testing';
import { z } from 'zod';
import { loadTinyReplica } from '../../test/tiny-replica.js';
import type { EngineReplica, GenerateRequest, JsonSchema, OutputFormat } from '../engine-driver.js';

const PERSON: JsonSchema = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 20 },
    age: { type: 'integer', minimum: 18, maximum: 99 },
    born: { type: 'string', format: 'date' },
    tags: { type: 'array', items: { enum: ['red', 'blue', 'green'] }, minItems: 1, maxItems: 3 },
    home: { anyOf: [{ $ref: '#/$defs/place' }, { type: 'null' }] },
  },
  required: ['name', 'age', 'tags', 'home'],
  additionalProperties: false,
  $defs: {
    place: {
      type: 'object',
      properties: { city: { type: 'string', maxLength: 12 } },
      required: ['city'],
      additionalProperties: false,
    },
  },
};
const AS_PERSON: OutputFormat = { kind: 'json_schema', schema: PERSON };
const QUESTIONS = ['Describe a person in JSON.', 'What is the capital of France?', 'Tell me a story about a dragon.'];

let replica: EngineReplica;
beforeAll(async () => (replica = await loadTinyReplica()));
afterAll(async () => replica.stop());

function asking(format: OutputFormat, question: string, more: Partial<GenerateRequest> = {}): Promise<Answer> {
  return read(replica, ask(question, { format, maxCompletionTokens: 400, ...more }));
}

describe('formats of the llama-cpp driver', () => {
  it('answers with JSON that fits the schema, whatever was asked, and ends by itself', async () => {
    for (const question of QUESTIONS) {
      const { text, reason } = await asking(AS_PERSON, question);
      expect(z.fromJSONSchema(PERSON).safeParse(JSON.parse(text)).error).toBeUndefined();
      expect([reason, text.at(-1)]).toEqual(['stop', '}']);
    }
  });

  it('fits the schema also where nearly every token is as likely as any other', async () => {
    const schema = z.fromJSONSchema(PERSON);
    const answers: Answer[] = [];
    for (let seed = 0; seed < 12; seed += replica.slots) {
      const seeds = Array.from({ length: replica.slots }, (_, index) => seed + index);
      const wild = seeds.map((one) => ({ sampling: { temperature: 2, topP: 1, seed: one } }));
      answers.push(...(await Promise.all(wild.map((more) => asking(AS_PERSON, 'Hi there!', more)))));
    }
    for (const { text, reason } of answers) {
      expect(reason).toBe('stop');
      expect(schema.safeParse(JSON.parse(text)).error).toBeUndefined();
    }
    expect(new Set(answers.map(({ text }) => text)).size).toBe(answers.length);
  });

  it('answers with an object for json_object', async () => {
    for (const question of QUESTIONS) {
      const { text, reason } = await asking({ kind: 'json_object' }, question);
      expect(reason).toBe('stop');
      expect(JSON.parse(text)).toEqual(expect.any(Object));
    }
  });

  it('continues such an answer from any cut with the same bytes', async () => {
    await expectSameFromEveryCut(replica, ask('What is the capital of France?', { format: AS_PERSON }));
    const sampling = { temperature: 1.5, topP: 1, seed: 5 };
    await expectSameFromEveryCut(replica, ask('Hi there!', { format: AS_PERSON, sampling }));
  });

  it('continues inside the format also behind tokens that it would not have sampled itself', async () => {
    const other = await asking(AS_PERSON, 'Hi there!', { sampling: { temperature: 2, topP: 1, seed: 3 } });
    const deliveredTokenIds = other.tokenIds.slice(0, 12);
    const { text } = await asking(AS_PERSON, 'What is the capital of France?', { deliveredTokenIds });
    expect(z.fromJSONSchema(PERSON).safeParse(JSON.parse(text)).error).toBeUndefined();
    expect(text.slice(0, 12)).toBe(other.text.slice(0, 12));
  });

  it('says plainly that delivered tokens do not fit the format', async () => {
    const { tokenIds } = await read(replica, ask('What is the capital of France?'));
    const failure = asking(AS_PERSON, 'What is the capital of France?', { deliveredTokenIds: tokenIds.slice(0, 4) });
    await expect(failure).rejects.toMatchObject({ code: 'engine_error', message: expect.stringMatching(/format/) });
    expect((await asking(AS_PERSON, 'Hi there!')).reason).toBe('stop');
  });

  it('refuses a schema that no grammar can guarantee, before it costs a slot', async () => {
    const format: OutputFormat = { kind: 'json_schema', schema: { type: 'object', minProperties: 2 } };
    await expect(asking(format, 'Hi there!')).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'response_format.json_schema.schema',
      message: expect.stringContaining('"minProperties" at its top') as unknown,
    });
  });
});
