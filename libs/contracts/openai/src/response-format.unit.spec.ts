import { accept, body, nested, refuse } from '../test/chat-bodies.js';

const schema = { type: 'object', properties: { city: { type: 'string' } } };
const format = (described: unknown) => ({ type: 'json_schema', json_schema: described });

function read(value: unknown) {
  return accept(body({ response_format: value })).responseFormat;
}

describe('the format of an answer', () => {
  it('is any text by default', () => {
    expect(read(undefined)).toBeUndefined();
    expect(read({ type: 'text' })).toBeUndefined();
  });

  it('may be JSON, or JSON of a schema', () => {
    expect(read({ type: 'json_object' })).toEqual({ type: 'json_object' });
    const described = { name: 'place', description: 'A place.', schema, strict: true };
    expect(read(format(described))).toEqual({ type: 'json_schema', schema });
    expect(read(format({ name: 'place', schema }))).toEqual({ type: 'json_schema', schema });
  });

  it.each([
    ['response_format', 'invalid_type', 'json'],
    ['response_format.type', 'missing_required_parameter', {}],
    ['response_format.type', 'invalid_value', { type: 'grammar' }],
    ['response_format.json_schema', 'missing_required_parameter', { type: 'json_schema' }],
    ['response_format.json_schema', 'invalid_type', format('place')],
    ['response_format.json_schema.name', 'missing_required_parameter', format({ schema })],
    ['response_format.json_schema.name', 'invalid_value', format({ schema, name: 'a place' })],
    ['response_format.json_schema.description', 'invalid_type', format({ schema, name: 'place', description: 5 })],
    ['response_format.json_schema.strict', 'invalid_type', format({ schema, name: 'place', strict: 'yes' })],
    ['response_format.json_schema.schema', 'missing_required_parameter', format({ name: 'place' })],
    ['response_format.json_schema.schema', 'missing_required_parameter', format({ name: 'place', schema: null })],
    ['response_format.json_schema.schema', 'invalid_type', format({ name: 'place', schema: 'object' })],
    ['response_format.json_schema.schema', 'invalid_type', format({ name: 'place', schema: [] })],
    ['response_format.json_schema.schema', 'invalid_value', format({ name: 'place', schema: nested(100_000) })],
  ])('is refused at %s as %s', (param, code, value) => {
    expect(refuse(body({ response_format: value }))).toMatchObject({ param, code });
  });
});
