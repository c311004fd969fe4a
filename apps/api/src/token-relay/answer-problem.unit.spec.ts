import type { Failure } from '@millrace/domain/claim';
import { problemOf } from './answer-problem.js';

const model = 'tiny';
const refusal: Failure = { reason: 'invalid_request', message: 'It cannot be.' };

describe('what a caller hears of a request that the engine finds impossible', () => {
  it.each(['logit_bias', 'response_format.json_schema.schema', 'tools[0].function.parameters'])(
    'names %s where the engine does',
    (param) => {
      const error = { message: 'It cannot be.', param, code: 'invalid_value' };
      expect(problemOf({ kind: 'failed', ...refusal, param }, { model })).toEqual({ kind: 'invalid_request', error });
    },
  );

  it('names the messages where the engine names nothing', () => {
    expect(problemOf({ kind: 'failed', ...refusal }, { model })).toMatchObject({ error: { param: 'messages' } });
  });

  it.each([
    ['tools[12].function.parameters', 'functions[12].parameters'],
    ['tools', 'functions'],
    ['tool_choice', 'function_call'],
    ['logit_bias', 'logit_bias'],
  ])('calls %s %s for callers who sent functions', (param, named) => {
    const problem = problemOf({ kind: 'failed', ...refusal, param }, { model, toolUse: { asFunctions: true } });
    expect(problem).toMatchObject({ error: { param: named } });
  });
});

describe('what a caller hears whose model is served no more', () => {
  it('is that the model cannot be served, and why', () => {
    const outcome = { kind: 'failed', reason: 'unservable', message: 'its deployment was deleted.' } as const;
    const problem = { kind: 'model_not_servable', model, reason: 'its deployment was deleted.' };
    expect(problemOf(outcome, { model })).toEqual(problem);
  });
});
