import OpenAI from 'openai';
import { startApi, type ApiUnderTest } from '../../test/api-under-test.js';
import { call, expectError, post } from '../../test/requests.js';
import type { ChatCall } from '../completions/complete-chat-port.js';

const messages = [{ role: 'user', content: 'Hi' }];
const guide = { role: 'system', text: 'You are a guide.' };

let api: ApiUnderTest;
let served: ChatCall | undefined;
beforeAll(async () => {
  api = await startApi();
  api.completeChat = async (one) => {
    served = one;
    await Promise.resolve();
    one.reply.sendJson(200, { model: one.deployment.name });
  };
});
afterAll(() => api.stop());

const ask = (body: object) => post(api, { messages, ...body }, { key: api.keys.agent });

describe('a call with the key of an agent', () => {
  it("needs no model and gets the agent's prompt, model and sampling", async () => {
    const response = await ask({});
    expect(response.status).toBe(200);
    expect(response.headers.get('x-millrace-warning')).toBeNull();
    expect(served?.principal).toMatchObject({ kind: 'agent', agentId: 'agt_1' });
    expect(served?.request).toMatchObject({ model: 'millrace-tiny', temperature: 0, stop: ['END'], topP: 1 });
    expect(served?.request.messages).toEqual([guide, { role: 'user', text: 'Hi' }]);
  });

  it("keeps the caller's own system message after the agent's", async () => {
    const own = [{ role: 'system', content: 'Rhyme.' }, { role: 'developer', content: 'Sing.' }, ...messages];
    await ask({ messages: own });
    const texts = served?.request.messages.map(({ role, text }) => `${role}: ${text}`);
    expect(texts).toEqual(['system: You are a guide.', 'system: Rhyme.', 'developer: Sing.', 'user: Hi']);
  });

  it('tells in a header what it asked for in vain, and lets the rest win', async () => {
    const response = await ask({ model: 'gpt-4o', temperature: 1.5, stop: null, top_p: 0, store: true });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-millrace-warning')).toBe(
      'without effect: store; fixed by the agent: model, temperature',
    );
    expect(served?.request).toMatchObject({ model: 'millrace-tiny', temperature: 0, topP: 0, stop: ['END'] });
    expect(await ask({ stop: '###' }).then(() => served?.request.stop)).toEqual(['###']);
  });

  it('refuses what is wrong with the rest of the body', async () => {
    expect(await expectError(await ask({ model: 7 }), 400)).toMatchObject({ param: 'model', code: 'invalid_type' });
    expect(await expectError(await ask({ messages: [] }), 400)).toMatchObject({ param: 'messages' });
  });

  it('is 404 when the agent has a model that its key may not use or that is gone', async () => {
    const change = (model: string) => {
      api.presets.set('agt_2', { agentId: 'agt_2', model, systemPrompt: '', sampling: {}, locks: [] });
      api.agents.forgetAgents('agt_2');
    };
    const key = api.keyOf({ kind: 'agent', agentId: 'agt_2', allowedModels: ['millrace-tiny', 'gone'] });
    for (const model of ['org/name:8b', 'gone']) {
      change(model);
      const error = await expectError(await post(api, { messages }, { key }), 404);
      expect(error).toMatchObject({ code: 'model_not_found' });
      expect(error.message).toContain(model);
    }
    change('millrace-tiny');
    expect((await post(api, { messages }, { key })).status).toBe(200);
  });

  it('is 401 once the agent is gone', async () => {
    const key = api.keyOf({ kind: 'agent', agentId: 'agt_3' });
    expect(await expectError(await post(api, { messages }, { key }), 401)).toMatchObject({ code: 'invalid_api_key' });
  });

  it("lists the agent's model and no other", async () => {
    const client = new OpenAI({ baseURL: `${api.baseUrl}/v1`, apiKey: api.keys.agent, maxRetries: 0 });
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['millrace-tiny']);
    await expect(client.models.retrieve('millrace-tiny')).resolves.toMatchObject({ object: 'model' });
    await expect(client.models.retrieve('org/name:8b')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });

  it('gets no further than /v1', async () => {
    await expectError(await call(api, '/admin/v1/queues', { key: api.keys.agent }), 403);
  });
});

it('a model is required of every other key', async () => {
  expect(await expectError(await post(api, { messages }), 400)).toMatchObject({ param: 'model' });
});
