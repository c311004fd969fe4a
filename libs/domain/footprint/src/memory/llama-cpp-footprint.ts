import type { ModelShape } from '../shape/model-shape.js';
import { layerCacheBytes, layerStateBytes } from './cache-bytes.js';
import { computeBytes, type ComputeSettings } from './compute-bytes.js';
import type { DeviceBytes } from './device-bytes.js';
import { splitLayers } from './layer-split.js';

const MEBIBYTE = 1024 ** 2;
const LOGIT_BYTES = 4;

/** A CUDA context takes 300 to 460 MiB on each device, whatever runs in it. */
const CONTEXT_BYTES = 400 * MEBIBYTE;
/** Copies and buffers between the devices of a layer split, for each device but the first. */
const EXTRA_DEVICE_BYTES = 1024 * MEBIBYTE;
/** A projector's own computation, as a share of its weights. */
const PROJECTOR_SHARE = 1.4;

export interface LlamaCppSettings extends Omit<ComputeSettings, 'holdsOutput'> {
  /** Weight of each device in a layer split; one entry for one device. */
  shares: readonly number[];
  /** `-ngl`; left out: all layers and the output. */
  offloadedLayers?: number;
  /** Files loaded beside the model. */
  projectorBytes?: number;
  adapterBytes?: number;
}

/** Bytes on the host, whole: a CPU holds the token embedding too, and a tied one only once. */
export function hostFootprint(shape: ModelShape, settings: LlamaCppSettings): DeviceBytes {
  const { weights } = shape;
  const all = sum(weights?.layerBytes ?? []) + (weights?.inputBytes ?? 0) + (weights?.outputBytes ?? 0);
  return {
    weightsBytes: all - (weights?.repeatedBytes ?? 0),
    kvBytes: sum(shape.layers.map((layer) => layerCacheBytes(layer, settings))),
    stateBytes: sum(shape.layers.map((layer) => layerStateBytes(layer, settings.slots))),
    computeBytes: computeBytes(shape, { ...settings, holdsOutput: true }) + logitBytes(shape, settings),
    extraBytes: extraBytes(settings),
    contextBytes: 0,
  };
}

/** Bytes on each device of a layer split; what stays on the host is not counted. */
export function deviceFootprints(shape: ModelShape, settings: LlamaCppSettings): DeviceBytes[] {
  const { shares, offloadedLayers } = settings;
  const places = splitLayers(shape.layers.length, shares, offloadedLayers);
  const outputPlace = places.at(-1);
  return shares.map((_, device) => {
    const layers = shape.layers.filter((__, layer) => places[layer] === device);
    const weightsOfLayers = sum((shape.weights?.layerBytes ?? []).filter((__, layer) => places[layer] === device));
    const output = outputPlace === device ? (shape.weights?.outputBytes ?? 0) : 0;
    const used = places.includes(device);
    return {
      weightsBytes: weightsOfLayers + output,
      kvBytes: sum(layers.map((layer) => layerCacheBytes(layer, settings))),
      stateBytes: sum(layers.map((layer) => layerStateBytes(layer, settings.slots))),
      computeBytes: used ? computeBytes(shape, { ...settings, holdsOutput: outputPlace === device }) : 0,
      extraBytes: device === 0 ? extraBytes(settings) : 0,
      contextBytes: CONTEXT_BYTES + (used && device > 0 ? EXTRA_DEVICE_BYTES : 0),
    };
  });
}

/** The buffer of logits that answers are sampled from: one row for each slot, on the host. */
function logitBytes({ width }: ModelShape, { slots }: LlamaCppSettings): number {
  return slots * width.vocabulary * LOGIT_BYTES;
}

function extraBytes({ projectorBytes = 0, adapterBytes = 0 }: LlamaCppSettings): number {
  return Math.ceil(projectorBytes * PROJECTOR_SHARE) + adapterBytes;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
