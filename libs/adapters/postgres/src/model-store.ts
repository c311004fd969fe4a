import { newId } from '@millrace/platform/ids';
import type { DataSource } from 'typeorm';
import type { Actor } from './audit-log.js';
import { AuditedTable, type WriteBy, type WriteOutcome } from './audited-table.js';
import { definedOf } from './defined-of.js';
import { ModelEntity } from './entities/model.js';
import { newestFirst, type Page, type PageWish } from './newest-first.js';

/** What a catalogue entry says: a name that callers use, and the weights and engine behind it. */
export interface ModelSettings {
  name: string;
  artifact: string;
  engine: string;
  engineOptions: Record<string, unknown>;
}

/** A model as it is administered. */
export interface CatalogueModel extends ModelSettings {
  id: string;
  version: number;
  createdAt: Date;
}

/** By what a list of models can be narrowed. */
export interface ModelFilters {
  name?: string | undefined;
  engine?: string | undefined;
}

/** The models of this installation, as operators administer them. */
export class ModelStore {
  private readonly models: AuditedTable<ModelEntity, CatalogueModel>;

  constructor(private readonly dataSource: DataSource) {
    this.models = new AuditedTable<ModelEntity, CatalogueModel>(dataSource, {
      entity: ModelEntity,
      resourceKind: 'model',
      toResource,
      tenantOf: () => null,
      conflicts: {
        models_name_key: 'Another model has this name: choose a different one.',
        deployments_model_id_fkey:
          'The model has a deployment: delete that first (GET /admin/v1/deployments?model=… finds it).',
      },
      // What a runner has loaded is another wish from now on.
      afterChange: async (manager, { id }) => {
        await manager.query('UPDATE deployments SET generation = generation + 1 WHERE model_id = $1', [id]);
      },
    });
  }

  async create(settings: ModelSettings, actor: Actor): Promise<WriteOutcome<CatalogueModel>> {
    return this.models.create({ id: newId('mod'), ...settings }, actor);
  }

  async list(filters: ModelFilters, wish: PageWish): Promise<Page<CatalogueModel>> {
    const { entries, hasMore } = await newestFirst(this.rows(), definedOf(filters), wish);
    return { entries: entries.map(toResource), hasMore };
  }

  async get(modelId: string): Promise<CatalogueModel | undefined> {
    const row = await this.rows().findOneBy({ id: modelId });
    return row === null ? undefined : toResource(row);
  }

  /** The model of that name or id. */
  async find(nameOrId: string): Promise<CatalogueModel | undefined> {
    const row = (await this.rows().findOneBy({ name: nameOrId })) ?? (await this.rows().findOneBy({ id: nameOrId }));
    return row === null ? undefined : toResource(row);
  }

  /** Changes the model to what `alter` makes of it; what that throws leaves everything as it is. */
  async change(
    modelId: string,
    by: WriteBy,
    alter: (model: CatalogueModel) => ModelSettings,
  ): Promise<WriteOutcome<CatalogueModel>> {
    return this.models.change({ id: modelId }, by, (row) => {
      const { name, artifact, engine, engineOptions } = alter(toResource(row));
      Object.assign(row, { name, artifact, engine, engineOptions });
      return undefined;
    });
  }

  /** Removes the model unless it has a deployment. */
  async delete(modelId: string, by: WriteBy): Promise<WriteOutcome<CatalogueModel>> {
    return this.models.remove({ id: modelId }, by);
  }

  private rows() {
    return this.dataSource.getRepository(ModelEntity);
  }
}

function toResource(row: ModelEntity): CatalogueModel {
  const { id, name, artifact, engine, engineOptions, version, createdAt } = row;
  return { id, name, artifact, engine, engineOptions, version, createdAt };
}
