import { DocumentedAnswers } from './documented-answers.js';

const thing = {
  type: 'object',
  properties: { id: { type: 'string' }, note: { type: 'string' } },
  required: ['id'],
};
const json = { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } };
const nothing = {};
const error = { type: 'object', properties: { error: { type: 'object' } }, required: ['error'] };

const documented = new DocumentedAnswers({
  paths: {
    '/things/{thingId}': { get: { responses: { '200': json } }, delete: { responses: { '204': nothing } } },
    '/things/best': { get: { responses: { '200': nothing } } },
  },
  components: { schemas: { Thing: thing, Error: error } },
});

const answer = (status: number, body: string, type: string | null = 'application/json; charset=utf-8') => ({
  ...{ status, body, type },
});
const check = (request: string, given: ReturnType<typeof answer>) => () => {
  const [method = '', path = ''] = request.split(' ');
  documented.check({ method, path }, given);
};

describe('an answer', () => {
  it.each([
    ['GET /things/1', answer(200, '{"id":"1"}')],
    ['GET /things/1', answer(404, '{"error":{}}')],
    ['DELETE /things/1', answer(204, '', null)],
    ['GET /things/best', answer(200, '', null)],
    ['GET /elsewhere', answer(404, '{"error":{}}')],
  ])('to %s is as documented: %j', (request, given) => {
    expect(check(request, given)).not.toThrow();
  });

  it.each([
    { what: 'lacks a field', given: answer(200, '{}'), complaint: "required property 'id'" },
    { what: 'has another type', given: answer(200, '{"id":1}'), complaint: 'must be string' },
    { what: 'has another field', given: answer(200, '{"id":"1","more":1}'), complaint: 'additional properties' },
    { what: 'is no JSON', given: answer(200, 'id', 'text/plain'), complaint: 'has text/plain' },
    { what: 'has another status', given: answer(201, '{"id":"1"}'), complaint: 'documented are the statuses 200' },
    { what: 'has another envelope', given: answer(500, '{"message":"x"}'), complaint: "required property 'error'" },
  ])('that $what is refused', ({ given, complaint }) => {
    expect(check('GET /things/1', given)).toThrow(complaint);
  });

  it('that has a body where none is documented is refused', () => {
    expect(check('DELETE /things/1', answer(204, '{}'))).toThrow('documented: no body');
  });

  it('of no documented operation is refused', () => {
    expect(check('GET /elsewhere', answer(200, '{}'))).toThrow('no such operation');
  });
});
