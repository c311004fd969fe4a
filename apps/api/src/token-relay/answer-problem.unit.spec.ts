import type { Failure } from '@millrace/domain/claim';
import { problemOf } from './answer-problem.js';

const refusal: Failure = { reason: 'invalid_request', message: 'It cannot be.' };

describe('what a caller hears of a request that the engine finds impossible', () => {
  it.each(['logit_bias', 'response_format.json_schema.schema', 'tools[0].function.parameters'])(
    'names %s where the engine does',
    (param) => {
      const error = { message: 'It cannot be.', param, code: 'invalid_value' };
      expect(problemOf({ kind: 'failed', ...refusal, param }, {})).toEqual({ kind: 'invalid_request', error });
    },
  );

  it('names the messages where the engine names nothing', () => {
    expect(problemOf({ kind: 'failed', ...refusal }, {})).toMatchObject({ error: { param: 'messages' } });
  });

  it.each([
    ['tools[12].function.parameters', 'functions[12].parameters'],
    ['tools', 'functions'],
    ['tool_choice', 'function_call'],
    ['logit_bias', 'logit_bias'],
  ])('calls %s %s for callers who sent functions', (param, named) => {
    const problem = problemOf({ kind: 'failed', ...refusal, param }, { toolUse: { asFunctions: true } });
    expect(problem).toMatchObject({ error: { param: named } });
  });
});
