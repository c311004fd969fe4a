import { renderKustomization, type Manifest } from '../../../../tools/render-kustomization.mjs';
import { readImage } from './image.js';
import type { Reached } from './plain-addresses.js';

/** One container of a pod, as the manifests say it. */
export interface Container {
  /** Of its workload, with `-NAME` behind it for an init container. */
  name: string;
  command: readonly string[];
  /** Without what Kubernetes would fill in; see `environmentOf`. */
  variables: readonly Variable[];
  /** Variables for the services of the namespace are given, too. */
  serviceLinks: boolean;
  ports: Readonly<Record<string, number>>;
  /** By its kind: startup, liveness, readiness. */
  probes: Readonly<Partial<Record<'startup' | 'liveness' | 'readiness', Probe>>>;
  preStop: readonly string[];
  terminationGraceMs: number;
}

export interface Probe {
  httpGet?: { path: string; port: string };
  tcpSocket?: { port: string };
}

interface Variable {
  name: string;
  value?: string;
  valueFrom?: { secretKeyRef?: { name: string; key: string }; fieldRef?: { fieldPath: string } };
}

/** What the containers of a namespace need to know of each other. */
export interface Namespace {
  containers: ReadonlyMap<string, Container>;
  /** The addresses of its services, each with the port of the containers behind it. */
  reached: Reached;
  /** What `serviceLinks` adds. */
  serviceLinks: Readonly<Record<string, string>>;
}

const WORKLOADS = ['Deployment', 'StatefulSet', 'Job'];

/** Renders the kustomizations and reads their containers and services. */
export async function readNamespace(folders: readonly string[]): Promise<Namespace> {
  const manifests = (await Promise.all(folders.map((folder) => renderKustomization(folder)))).flat();
  const workloads = manifests.filter(({ kind }) => WORKLOADS.includes(kind));
  const containers = (await Promise.all(workloads.map(containersOf))).flat();
  const services = manifests.filter(({ kind }) => kind === 'Service');
  return {
    containers: new Map(containers.map((container) => [container.name, container])),
    reached: new Map(services.flatMap((service) => addressesOf(service, workloads))),
    serviceLinks: Object.fromEntries(services.flatMap(linksOf)),
  };
}

/** The environment of a container; `secret` tells what secrets hold, `field` what is known of the pod. */
export function environmentOf(
  { variables, serviceLinks }: Container,
  namespace: Namespace,
  sources: { secret: (name: string, key: string) => string; field: (path: string) => string },
): Record<string, string> {
  const environment: Record<string, string> = serviceLinks ? { ...namespace.serviceLinks } : {};
  for (const { name, value = '', valueFrom } of variables) {
    const { secretKeyRef, fieldRef } = valueFrom ?? {};
    if (secretKeyRef !== undefined) environment[name] = sources.secret(secretKeyRef.name, secretKeyRef.key);
    else if (fieldRef !== undefined) environment[name] = sources.field(fieldRef.fieldPath);
    else environment[name] = value.replace(/\$\((\w+)\)/g, (_, other: string) => environment[other] ?? `$(${other})`);
  }
  return environment;
}

async function containersOf({ metadata, spec }: Manifest): Promise<Container[]> {
  const pod = spec.template.spec;
  const inits = ((pod.initContainers ?? []) as RawContainer[]).map(
    (raw) => [`${metadata.name}-${raw.name}`, raw] as const,
  );
  const others = (pod.containers as RawContainer[]).map((raw) => [metadata.name, raw] as const);
  const read = [...inits, ...others].map(async ([name, raw]): Promise<Container> => {
    const image = await readImage(/^millrace\/(\w+):/.exec(raw.image)?.[1] ?? '');
    return {
      name,
      command: [...(raw.command ?? image.entrypoint), ...(raw.args ?? image.command)],
      variables: raw.env ?? [],
      serviceLinks: pod.enableServiceLinks !== false,
      ports: Object.fromEntries((raw.ports ?? []).map((port) => [port.name, port.containerPort])),
      probes: {
        ...(raw.startupProbe && { startup: raw.startupProbe }),
        ...(raw.livenessProbe && { liveness: raw.livenessProbe }),
        ...(raw.readinessProbe && { readiness: raw.readinessProbe }),
      },
      preStop: raw.lifecycle?.preStop?.exec.command ?? [],
      terminationGraceMs: (pod.terminationGracePeriodSeconds ?? 30) * 1_000,
    };
  });
  return Promise.all(read);
}

interface RawContainer {
  name: string;
  image: string;
  command?: string[];
  args?: string[];
  env?: Variable[];
  ports?: { name: string; containerPort: number }[];
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  lifecycle?: { preStop?: { exec: { command: string[] } } };
}

/** Follows the service's selector to a workload and its named port to a container. */
function addressesOf({ metadata, spec }: Manifest, workloads: readonly Manifest[]): [string, number][] {
  const wanted = JSON.stringify(spec.selector);
  const pod = workloads.find((workload) => JSON.stringify(workload.spec.template.metadata.labels) === wanted);
  const ports = (pod?.spec.template.spec.containers as RawContainer[] | undefined)?.flatMap((each) => each.ports ?? []);
  return (spec.ports as { port: number; targetPort: string }[]).flatMap(({ port, targetPort }) => {
    const target = ports?.find(({ name }) => name === targetPort);
    return target === undefined ? [] : [[`${metadata.name}:${String(port)}`, target.containerPort]];
  });
}

function linksOf({ metadata, spec }: Manifest): [string, string][] {
  const name = metadata.name.toUpperCase().replaceAll('-', '_');
  return [
    [`${name}_SERVICE_HOST`, '10.0.0.1'],
    [`${name}_SERVICE_PORT`, String(spec.ports[0].port)],
  ];
}
