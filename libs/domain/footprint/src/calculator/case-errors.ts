import { signedError } from '../footprint.js';
import { totalOf, type DeviceBytes } from '../memory/device-bytes.js';
import { answerCase } from './answer-case.js';
import { CaseValues, readCase, type CaseRecord } from './footprint-case.js';

const MEBIBYTE = 1024 ** 2;
const GIBIBYTE = 1024 ** 3;

/** A question with what is known of its answer, in the form of the cases file. */
export interface KnownCase {
  id: string;
  family: string;
  engine: string;
  model: CaseRecord;
  config: CaseRecord;
  expect: CaseRecord;
}

/** One number of an answer against what is known of it. */
export interface CaseError {
  what: string;
  predictedBytes: number;
  knownBytes: number;
  /** +0.1: a tenth too much. */
  signedError: number;
}

/** Compares an answer with all that a case knows of it. Throws FootprintCaseError where the case cannot be answered. */
export function caseErrors(known: KnownCase): CaseError[] {
  const byContext = Object.entries(nestedKv(known.expect));
  const ofContexts = byContext.map(([context, bytes]) =>
    errorOf(`kv at ${context}`, sumOf(answered(known, { ctx: Number(context) }), 'kvBytes'), Number(bytes)),
  );
  return [...ofContexts, ...(byContext.length > 0 ? [] : ofAnswer(known))];
}

function ofAnswer(known: KnownCase): CaseError[] {
  const { kv_bytes: kv, ...others } = known.expect;
  const expect = new CaseValues(typeof kv === 'number' ? known.expect : others, 'expect');
  const devices = answered(known, {});
  const [first] = devices;
  if (first === undefined) return [];
  const gibibytes = expect.number('weights_GB_per_rank_as_logged');
  const sums: [string, number | undefined, number][] = [
    ['kv', expect.number('kv_bytes', 'draft_kv_bytes'), sumOf(devices, 'kvBytes')],
    ['kv at least', expect.number('kv_bytes_min'), sumOf(devices, 'kvBytes')],
    ['kv at most', expect.number('kv_bytes_max'), sumOf(devices, 'kvBytes')],
    ['kv of a rank', expect.number('kv_available_bytes_per_rank'), first.kvBytes],
    ['weights of a rank', expect.number('weights_bytes_per_rank'), first.weightsBytes],
    ['weights of a rank', gibibytes === undefined ? undefined : gibibytes * GIBIBYTE, first.weightsBytes],
    ['activation of a rank', expect.number('activation_peak_bytes'), first.computeBytes],
    ['total', expect.number('vram_bytes_total', 'peer_claim_bytes'), buffersOf(devices)],
  ];
  const ofSums = sums
    .filter(([what]) => what !== 'total' || saysWhole(known.expect))
    .flatMap(([what, bytes, predicted]) => (bytes === undefined ? [] : [errorOf(what, predicted, bytes)]));
  return [...ofSums, ...ofBuffers(known.expect, first)];
}

/** Whether the known total is of all buffers, and not of those alone that a log happened to name. */
function saysWhole({ buffers_mib: buffers }: CaseRecord): boolean {
  const [named = {}] = typeof buffers === 'object' && buffers !== null ? (Object.values(buffers) as object[]) : [];
  return buffers === undefined || Object.keys(named).length === 3;
}

/** The buffers that llama.cpp's log names, of the first device. */
function ofBuffers(expect: CaseRecord, first: DeviceBytes): CaseError[] {
  const [buffers] = Object.values(new CaseValues(expect, 'expect').object('buffers_mib') ?? {});
  if (typeof buffers !== 'object' || buffers === null) return [];
  const { model, kv, compute } = buffers as Record<string, number | undefined>;
  const parts = [
    ['model buffer', model, first.weightsBytes],
    ['kv buffer', kv, first.kvBytes],
    ['compute buffer', compute, first.computeBytes],
  ] as const;
  return parts.flatMap(([what, mebibytes, predicted]) =>
    mebibytes === undefined ? [] : [errorOf(what, predicted, mebibytes * MEBIBYTE)],
  );
}

function answered(known: KnownCase, more: CaseRecord): DeviceBytes[] {
  return answerCase(readCase({ ...known, config: { ...known.config, ...more } })).perDevice;
}

function errorOf(what: string, predictedBytes: number, knownBytes: number): CaseError {
  return { what, predictedBytes, knownBytes, signedError: signedError(predictedBytes, knownBytes) };
}

/** `kv_bytes` by context length, where it is an object. */
function nestedKv({ kv_bytes: kv }: CaseRecord): CaseRecord {
  return typeof kv === 'object' && kv !== null ? (kv as CaseRecord) : {};
}

function sumOf(devices: readonly DeviceBytes[], part: keyof DeviceBytes): number {
  return devices.reduce((sum, device) => sum + device[part], 0);
}

/** What the engine itself accounts for: without the process on the device. */
function buffersOf(devices: readonly DeviceBytes[]): number {
  return devices.reduce((sum, device) => sum + totalOf(device) - device.contextBytes, 0);
}
