import { usageOfRequest, type Outcome, type UsageOfChoice } from './usage-of-request.js';

const choice: UsageOfChoice = {
  outcome: 'completed',
  promptTokens: 5,
  cachedTokens: 2,
  completionTokens: 7,
  reasoningTokens: 3,
  attempts: 1,
  queueMs: 10,
  firstTokenMs: 20,
  totalMs: 30,
};

describe('the usage of a request', () => {
  it('is that of its only choice', () => {
    expect(usageOfRequest([choice])).toEqual(choice);
  });

  it('sums the answers of its choices and counts the prompt they share once', () => {
    const unread = { ...choice, promptTokens: 0, cachedTokens: 0 };
    const { promptTokens, cachedTokens, completionTokens, reasoningTokens } = usageOfRequest([unread, choice, choice]);
    expect({ promptTokens, cachedTokens, completionTokens, reasoningTokens }).toEqual({
      promptTokens: 5,
      cachedTokens: 2,
      completionTokens: 21,
      reasoningTokens: 9,
    });
  });

  it('begins with its earliest choice and ends with its last, in as many attempts as the unluckiest took', () => {
    const other = { ...choice, attempts: 3, queueMs: 4, firstTokenMs: 90, totalMs: 99 };
    expect(usageOfRequest([choice, other])).toMatchObject({ attempts: 3, queueMs: 4, firstTokenMs: 20, totalMs: 99 });
  });

  it('has no first token when no choice has one', () => {
    const { firstTokenMs: _none, ...silent } = choice;
    expect(usageOfRequest([silent])).not.toHaveProperty('firstTokenMs');
    expect(usageOfRequest([silent, choice])).toMatchObject({ firstTokenMs: 20 });
  });

  it.each<[Outcome, Outcome[]]>([
    ['completed', ['completed', 'completed']],
    ['failed', ['completed', 'failed', 'cancelled']],
    ['expired', ['expired', 'expired']],
    ['cancelled', ['expired', 'completed']],
    ['cancelled', ['completed', 'cancelled']],
  ])('has the outcome %s for choices that ended as %j', (outcome, outcomes) => {
    expect(usageOfRequest(outcomes.map((one) => ({ ...choice, outcome: one }))).outcome).toBe(outcome);
  });
});
