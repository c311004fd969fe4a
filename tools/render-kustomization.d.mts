/** A resource of Kubernetes; its form follows from `apiVersion` and `kind`. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string };
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- whoever reads a field knows the kind.
  spec: any;
}

/** The resources of a kustomization; see render-kustomization.mjs. */
export function renderKustomization(folder: string): Promise<Manifest[]>;
