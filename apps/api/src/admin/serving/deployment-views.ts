import type {
  CatalogueModel,
  Deployment,
  DeploymentObservation,
  DeploymentObserver,
  ModelStore,
} from '@millrace/adapters/postgres';
import { deploymentStatus } from '@millrace/domain/models';
import { ApiError } from '../../http/api-error.js';
import type { DeploymentOnWire } from './deployments-schema.js';

/** Deployments as operators see them: with the name of their model, and with what has become of them. */
export class DeploymentViews {
  constructor(
    private readonly models: Pick<ModelStore, 'find'>,
    private readonly observer: Pick<DeploymentObserver, 'observe'>,
  ) {}

  /** Those that are gone meanwhile are left out. */
  async show(deployments: readonly Deployment[]): Promise<DeploymentOnWire[]> {
    const observed = await this.observer.observe(deployments.map(({ id }) => id));
    return deployments.flatMap((deployment) => {
      const observation = observed.get(deployment.id);
      return observation === undefined ? [] : [toWire(deployment, observation)];
    });
  }

  async findModelId(nameOrId: string): Promise<string | undefined> {
    return (await this.models.find(nameOrId))?.id;
  }

  /** The model that a body names. Throws ApiError when there is none. */
  async requireModel(nameOrId: string): Promise<CatalogueModel> {
    const model = await this.models.find(nameOrId);
    if (model !== undefined) return model;
    const message = `Invalid 'model': the catalogue has none of this name or id. Add it first: POST /admin/v1/models.`;
    throw new ApiError({ kind: 'invalid_request', error: { message, param: 'model', code: 'invalid_value' } });
  }
}

function toWire({ createdAt, ...deployment }: Deployment, observed: DeploymentObservation): DeploymentOnWire {
  const { modelName: model, ...observation } = observed;
  const status = deploymentStatus({ ...observation, wish: deployment });
  return { ...deployment, model, createdAt: createdAt.toISOString(), status };
}
