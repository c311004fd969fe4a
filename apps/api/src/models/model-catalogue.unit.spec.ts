import { pino } from 'pino';
import { ModelCatalogue } from './model-catalogue.js';
import type { ServedModel } from '@millrace/adapters/postgres';

const principal = { tenantId: 'ten_1', keyId: 'key_1', kind: 'inference' } as const;
const logger = pino({ enabled: false });

function served(name: string): ServedModel {
  return { modelId: `mod_${name}`, name, createdAtMs: 0, deploymentId: `dep_${name}`, paused: false, loaded: false };
}

/** A source whose answer can be changed and held. */
function fakeSource(...names: string[]) {
  return {
    names,
    reads: 0,
    failure: undefined as Error | undefined,
    answering: Promise.resolve(),
    async listServedModels(): Promise<ServedModel[]> {
      this.reads += 1;
      const models = this.names.map(served);
      await this.answering;
      if (this.failure !== undefined) throw this.failure;
      return models;
    },
  };
}

describe('the catalogue of models', () => {
  it('knows what the source had at the start', async () => {
    const catalogue = new ModelCatalogue(fakeSource('a', 'b'), logger);
    await catalogue.start();
    catalogue.stop();
    expect(catalogue.resolve(principal, 'a')?.deploymentId).toBe('dep_a');
    expect(catalogue.resolve(principal, 'c')).toBeUndefined();
    expect(catalogue.list(principal).map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('does not start without a catalogue', async () => {
    const source = fakeSource();
    source.failure = new Error('no table');
    await expect(new ModelCatalogue(source, logger).start()).rejects.toThrow('no table');
  });

  it('hides models that a key may not use', async () => {
    const catalogue = new ModelCatalogue(fakeSource('a', 'b'), logger);
    await catalogue.reload();
    const limited = { ...principal, allowedModels: ['b'] };
    expect(catalogue.resolve(limited, 'a')).toBeUndefined();
    expect(catalogue.list(limited).map(({ name }) => name)).toEqual(['b']);
  });

  it('keeps the last good state when a reload fails', async () => {
    const source = fakeSource('a');
    const catalogue = new ModelCatalogue(source, logger);
    await catalogue.reload();
    source.failure = new Error('connection refused');
    await catalogue.reload();
    expect(catalogue.resolve(principal, 'a')).toBeDefined();
  });

  it('tells after each reload which models are served, and nothing when one fails', async () => {
    const source = fakeSource('a', 'b');
    const catalogue = new ModelCatalogue(source, logger);
    const told: string[][] = [];
    catalogue.onReload((models) => told.push(models.map(({ name }) => name)));
    await catalogue.reload();
    source.names = ['b'];
    await catalogue.reload();
    source.failure = new Error('connection refused');
    await catalogue.reload();
    expect(told).toEqual([['a', 'b'], ['b']]);
  });

  it('reads once more for a change that is announced during a reload', async () => {
    const source = fakeSource('a');
    let release: () => void = () => undefined;
    source.answering = new Promise((resolve) => (release = resolve));
    const catalogue = new ModelCatalogue(source, logger);
    const first = catalogue.reload();
    source.names = ['a', 'b'];
    const others = [catalogue.reload(), catalogue.reload()];
    release();
    await Promise.all([first, ...others]);
    expect(catalogue.resolve(principal, 'b')).toBeDefined();
    expect(source.reads).toBe(2);
  });
});
