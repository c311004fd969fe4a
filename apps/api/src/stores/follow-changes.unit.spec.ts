import { EventEmitter } from 'node:events';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { followChanges } from './follow-changes.js';

async function setUp() {
  const said: unknown[] = [];
  const subscriber = Object.assign(new EventEmitter(), {
    subscribe: (...channels: string[]) => Promise.resolve(channels.length),
  });
  const remembered = {
    authenticator: { forgetKeys: (change: unknown) => said.push(change), distrustKeys: () => said.push('no key') },
    agents: { forgetAgents: (id: unknown) => said.push(id), distrustAgents: () => said.push('no agent') },
    catalogue: {
      reload: () => {
        said.push('reload');
        return Promise.resolve();
      },
    },
  };
  await followChanges(subscriber as unknown as Redis, remembered, pino({ enabled: false }));
  return { subscriber, said };
}

describe('following changes', () => {
  it.each([
    ['{"keyIds":["key_1"]}', { keyIds: ['key_1'] }],
    ['{"tenantId":"ten_1"}', { tenantId: 'ten_1' }],
    ['', {}],
    ['{"keyIds":5}', {}],
    ['key_1', {}],
  ])('forgets the keys that the message %j names, or all of them', async (message, change) => {
    const { subscriber, said } = await setUp();
    said.splice(0);
    subscriber.emit('message', 'mr:invalidate:keys', message);
    expect(said).toEqual([change]);
  });

  it('trusts nothing that is remembered from before the connection was made, the first and each time again', async () => {
    const { subscriber, said } = await setUp();
    const nothing = expect.arrayContaining(['no key', 'no agent', 'reload']) as unknown;
    expect(said.splice(0)).toEqual(nothing);
    subscriber.emit('ready');
    await new Promise(setImmediate);
    expect(said).toEqual(nothing);
  });
});
