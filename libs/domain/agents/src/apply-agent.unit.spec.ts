import { parseChatRequest, samplingBounds, withDefaults, type AskedChat } from '@millrace/contracts/openai';
import fc from 'fast-check';
import { agentLocks, applyAgent, type Agent } from './index.js';

const caller = { role: 'user', text: 'Hi' } as const;

function asked(changes: Partial<AskedChat> = {}): AskedChat {
  return {
    ...{ model: 'm', messages: [caller], stream: false, includeUsage: false, choices: 1, logitBias: {} },
    ...changes,
  };
}

function agent(changes: Partial<Agent> = {}): Agent {
  return { agentId: 'agt_1', model: 'm', systemPrompt: 'Be brief.', sampling: {}, locks: [], ...changes };
}

describe('an agent', () => {
  it('speaks first; what the caller says as system and developer follows unchanged', () => {
    const messages = [{ role: 'developer', text: 'Sing.' }, { role: 'system', text: 'Rhyme.' }, caller] as const;
    const { asked: request, overruled } = applyAgent(asked({ messages: [...messages] }), agent());
    expect(request.messages).toEqual([{ role: 'system', text: 'Be brief.' }, ...messages]);
    expect(overruled).toEqual([]);
  });

  it('says nothing when it has no system prompt', () => {
    expect(applyAgent(asked(), agent({ systemPrompt: '' })).asked.messages).toEqual([caller]);
  });

  it('fixes the model and tells when another was asked for', () => {
    const applied = applyAgent(asked({ model: 'gpt-4o' }), agent());
    expect(applied).toMatchObject({ asked: { model: 'm' }, overruled: ['model'] });
    expect(applyAgent(asked(), agent({ locks: ['model'] })).overruled).toEqual([]);
  });

  it('fills in what the request leaves open; 0 is a value', () => {
    const defaults = { temperature: 0.7, topP: 0, seed: 5, stop: ['END'] };
    const applied = applyAgent(asked({ temperature: 0 }), agent({ sampling: defaults }));
    expect(applied.asked).toMatchObject({ temperature: 0, topP: 0, seed: 5, stop: ['END'] });
    expect(withDefaults(applied.asked)).toMatchObject({ presencePenalty: 0, frequencyPenalty: 0 });
  });

  it('takes null of a body as absent', () => {
    const parsed = parseChatRequest(
      { messages: [{ role: 'user', content: 'Hi' }], temperature: null },
      { defaultModel: 'm' },
    );
    if (!parsed.ok) throw new Error(parsed.error.message);
    expect(applyAgent(parsed.asked, agent({ sampling: { temperature: 0 } })).asked.temperature).toBe(0);
  });

  it('decides what it locks, set or left open, and tells when the request wanted something else', () => {
    const locking = agent({ sampling: { temperature: 0, stop: ['END'] }, locks: ['temperature', 'stop', 'seed'] });
    const applied = applyAgent(asked({ temperature: 2, stop: ['END'], seed: 7, topP: 0.5 }), locking);
    expect(applied.asked).toMatchObject({ temperature: 0, stop: ['END'], topP: 0.5 });
    expect(applied.asked).not.toHaveProperty('seed');
    expect(applied.overruled).toEqual(['temperature', 'seed']);
  });
});

const sampling = fc.record(
  {
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
    topP: fc.double({ min: 0, max: 1, noNaN: true }),
    maxCompletionTokens: fc.integer({ min: 1 }),
    stop: fc.array(fc.string({ minLength: 1 }), { maxLength: 4 }),
    seed: fc.integer(),
    presencePenalty: fc.double({ min: -2, max: 2, noNaN: true }),
    frequencyPenalty: fc.double({ min: -2, max: 2, noNaN: true }),
  },
  { requiredKeys: [] },
);
const anyAgent = fc.record({
  agentId: fc.constant('agt_1'),
  model: fc.constantFrom('m', 'n'),
  systemPrompt: fc.constantFrom('', 'Be brief.'),
  sampling,
  locks: fc.subarray([...agentLocks]),
});
const anyRequest = fc.record({ model: fc.constantFrom('m', 'n'), sampling, stream: fc.boolean() });
const names = Object.keys(samplingBounds) as (keyof typeof samplingBounds)[];

describe('every agent, of every request', () => {
  const forAll = (check: (request: AskedChat, with_: Agent) => void) =>
    fc.assert(
      fc.property(anyRequest, anyAgent, ({ sampling: values, ...rest }, one) =>
        check(asked({ ...rest, ...values }), one),
      ),
    );

  it('takes locked values from the agent and all others from the request where it has them', () => {
    forAll((request, one) => {
      const { asked: applied } = applyAgent(request, one);
      for (const name of names) {
        const wanted = one.locks.includes(name) ? one.sampling[name] : (request[name] ?? one.sampling[name]);
        expect(applied[name]).toEqual(wanted);
      }
      expect(applied.model).toBe(one.model);
    });
  });

  it('tells of exactly what the request had set and did not get', () => {
    forAll((request, one) => {
      const { asked: applied, overruled } = applyAgent(request, one);
      const lost = agentLocks.filter(
        (name) => request[name] !== undefined && JSON.stringify(request[name]) !== JSON.stringify(applied[name]),
      );
      expect(overruled).toEqual(lost);
    });
  });

  it('leaves everything else alone, and the request itself', () => {
    forAll((request, one) => {
      const before = structuredClone(request);
      const { asked: applied } = applyAgent(request, one);
      expect(request).toEqual(before);
      expect(applied.messages.slice(-1)).toEqual(request.messages);
      expect(applied).toMatchObject({ stream: request.stream, choices: 1, logitBias: {}, includeUsage: false });
    });
  });

  it('changes nothing more when it is applied again, but for its prompt', () => {
    forAll((request, one) => {
      const silent = { ...one, systemPrompt: '' };
      const once = applyAgent(request, silent).asked;
      expect(applyAgent(once, silent)).toEqual({ asked: once, overruled: [] });
    });
  });
});
