import OpenAI from 'openai';
import { eventually } from './eventually.js';
import type { DevFacts } from './npm-start.js';

/** Callers that stream answers one after the other, each from all of the models in turn. */
export class BusyCallers {
  /** What did not come as it should have, in the words of whoever noticed. */
  readonly failures: string[] = [];
  private readonly client: OpenAI;
  /** Models that have answered a call of this round. */
  private readonly heard = new Set<string>();
  private round = 0;
  private readonly texts = new Map<string, string>();
  private readonly callers: Promise<void>[];
  private stopped = false;

  constructor(
    dev: DevFacts,
    private readonly models: readonly string[],
    count: number,
  ) {
    this.client = new OpenAI({ baseURL: `${dev.baseUrl}/v1`, apiKey: dev.apiKey, maxRetries: 0 });
    this.callers = Array.from({ length: count }, async (_, index) => this.callOn(index));
  }

  /** Resolves once every model has answered a call that began after this one. */
  async hearAllModels(withinMs: number): Promise<void> {
    this.round += 1;
    this.heard.clear();
    await eventually('every model answers', withinMs, async () => {
      return Promise.resolve(this.heard.size === this.models.length || this.failures.length > 0 ? true : undefined);
    });
  }

  /** Lets running calls end. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.callers);
  }

  private async callOn(first: number): Promise<void> {
    for (let turn = first; !this.stopped; turn += 1) {
      const model = this.models[turn % this.models.length] ?? '';
      await this.call(model).catch((error: unknown) => this.failures.push(`${model}: ${String(error)}`));
    }
  }

  private async call(model: string): Promise<void> {
    const { round } = this;
    const messages = [{ role: 'user' as const, content: 'A story.' }];
    const stream = await this.client.chat.completions.create({ model, messages, temperature: 0, stream: true });
    let text = '';
    let finish: string | null = null;
    for await (const { choices } of stream) {
      text += choices[0]?.delta.content ?? '';
      finish = choices[0]?.finish_reason ?? finish;
    }
    const known = this.texts.get(model) ?? text;
    this.texts.set(model, known);
    if (finish !== 'stop' || text !== known) throw new Error(`${String(finish)} after "${text}" and not "${known}"`);
    if (round === this.round) this.heard.add(model);
  }
}
