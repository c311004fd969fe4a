import { mayUseModel, type Principal } from '@millrace/domain/tenancy';
import type { Logger } from '@millrace/platform/observability';
import type { ServedModel } from '@millrace/adapters/postgres';

/** How stale the catalogue may be when a message about a change got lost. */
const RELOAD_EVERY_MS = 5_000;

/** Where the catalogue comes from. Implemented by CatalogueStore. */
export interface CatalogueSource {
  listServedModels(): Promise<ServedModel[]>;
}

/** The models of this installation, in memory. Its own reloads are the only thing that changes it. */
export class ModelCatalogue {
  private models: ReadonlyMap<string, ServedModel> = new Map();
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  private onLoaded: (models: readonly ServedModel[]) => void = () => undefined;

  constructor(
    private readonly source: CatalogueSource,
    private readonly logger: Logger,
  ) {}

  /** Loads once and then keeps current until `stop`. Throws when the first load fails. */
  async start(): Promise<void> {
    await this.load();
    this.timer = setInterval(() => void this.reload(), RELOAD_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /**
   * Reads the catalogue anew; on failure the last good one stays. Resolves when what it read is in use.
   * Called during a reload, it reads once more after it, so that no change is missed.
   */
  async reload(): Promise<void> {
    this.again = true;
    this.running ??= this.reloadUntilCurrent().finally(() => (this.running = undefined));
    await this.running;
  }

  /** Tells after each reload which models are served. */
  onReload(listener: (models: readonly ServedModel[]) => void): void {
    this.onLoaded = listener;
  }

  /** The model of that name, if the principal may use it. */
  resolve(principal: Principal, name: string): ServedModel | undefined {
    return mayUseModel(principal, name) ? this.models.get(name) : undefined;
  }

  /** The models the principal may use, by name. */
  list(principal: Principal): ServedModel[] {
    return [...this.models.values()].filter((model) => mayUseModel(principal, model.name));
  }

  /** All models, for those who may see everything. */
  all(): ServedModel[] {
    return [...this.models.values()];
  }

  private async reloadUntilCurrent(): Promise<void> {
    while (this.again) {
      this.again = false;
      try {
        await this.load();
      } catch (error) {
        this.logger.warn({ err: error }, 'the catalogue could not be reloaded; the last one stays in use');
      }
    }
  }

  private async load(): Promise<void> {
    const models = await this.source.listServedModels();
    this.models = new Map(models.map((model) => [model.name, model]));
    this.onLoaded(models);
  }
}
