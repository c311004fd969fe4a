import { describeAnswers, describeCancelling, describeContext, describeSlots } from './engine-answer-cases.js';
import { NEVER } from './engine-answer.js';
import { describeContinuation } from './engine-continuation-cases.js';
import { describeEnds, describeLoads, describeMemory } from './engine-life-cases.js';
import { describeLogprobs } from './engine-logprob-cases.js';
import { describeReaders } from './engine-reader-cases.js';
import type { EngineUnderTest, GivenEngine } from './engine-under-test.js';

/** Declares the tests that every engine driver passes. `setup` runs once, before the first. */
export function describeEngineDriver(name: string, setup: () => Promise<EngineUnderTest>): void {
  describe(`engine driver ${name}`, () => {
    let engine: GivenEngine;
    const given = (): GivenEngine => engine;

    beforeAll(async () => {
      const underTest = await setup();
      const replica = await underTest.createDriver().load(underTest.settings, () => undefined, NEVER);
      engine = { ...underTest, replica };
    });
    afterAll(async () => engine.replica.stop());

    describeAnswers(given);
    describeContext(given);
    describeSlots(given);
    describeCancelling(given);
    describeReaders(given);
    describeLogprobs(given);
    describeContinuation(given);
    describeLoads(given);
    describeEnds(given);
    describeMemory(given);
  });
}
