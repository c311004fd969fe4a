import { EngineError, type EngineDriver, type FootprintBreakdown } from '@millrace/adapters/engines';
import { EstimateBasis } from '@millrace/contracts/runner-protocol';
import { createLogger } from '@millrace/platform/observability';
import { estimateFootprint } from './estimate-footprint.js';
import type { ReplicaTools } from './hosted-replica.js';

const bytes = { weightsBytes: 4, kvBytes: 3, computeBytes: 2, overheadBytes: 1, contextLength: 512, slots: 2 };

function answer(estimate: () => Promise<FootprintBreakdown>, engineOptions: Record<string, unknown> = {}) {
  const driver: Pick<EngineDriver, 'estimate'> = { estimate };
  const tools = {
    drivers: new Map([['simulated', driver]]),
    artifacts: { cacheFolder: '', hubUrl: '' },
    logger: createLogger('test', 'fatal'),
  } as unknown as ReplicaTools;
  const model = { modelName: 'm', artifact: 'simulated:m', engine: 'simulated', contextLength: 0, slots: 0 };
  const spec = { ...model, engineOptions: JSON.stringify(engineOptions) };
  return estimateFootprint({ spec, deviceType: 'cpu', deviceCount: 0, offloaded: false }, tools);
}

const unreadable = () => Promise.reject(new EngineError('load_failed', 'The file is not a GGUF file.'));

describe("a runner's estimate", () => {
  it.each([
    ['engine_dry_run', EstimateBasis.ESTIMATE_BASIS_ENGINE_DRY_RUN],
    ['formula', EstimateBasis.ESTIMATE_BASIS_FORMULA],
  ] as const)('tells that it comes from %s, and which version of the engine was asked', async (basis, message) => {
    const estimate = await answer(() => Promise.resolve({ ...bytes, basis, engineVersion: 'b1' }));
    expect(estimate).toEqual({ ...bytes, basis: message, engineVersion: 'b1', error: '' });
  });

  it("is the operator's claim where the engine cannot tell", async () => {
    const estimate = await answer(unreadable, { footprintBytes: 900 });
    expect(estimate).toMatchObject({ basis: EstimateBasis.ESTIMATE_BASIS_CLAIMED, weightsBytes: 900, error: '' });
  });

  it('is what the engine says where it can tell, whatever the operator claims', async () => {
    const plan = { ...bytes, basis: 'engine_dry_run', engineVersion: 'b1' } as const;
    expect(await answer(() => Promise.resolve(plan), { footprintBytes: 900 })).toMatchObject({ weightsBytes: 4 });
  });

  it('says why there is none', async () => {
    expect(await answer(unreadable)).toMatchObject({ error: 'The file is not a GGUF file.', weightsBytes: 0 });
  });
});
