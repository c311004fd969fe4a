import { wrongType } from './parameter-error.js';
import {
  accept,
  invalidValue,
  isObject,
  readItems,
  readObject,
  readString,
  refuse,
  type JsonObject,
  type Read,
} from './read-value.js';

/** A call of a tool that the model has made. */
export interface ToolCall {
  id: string;
  name: string;
  /** JSON, as the model wrote it. */
  arguments: string;
}

/** Reads the calls of an assistant message, those of OpenAI's older functions too. */
export function readMessageCalls(message: JsonObject, path: string): Read<ToolCall[]> {
  const calls = message['tool_calls'] ?? [];
  if (!Array.isArray(calls)) return refuse(wrongType(`${path}.tool_calls`, 'an array', calls));
  if (calls.length > 0 || !isPresent(message['function_call'])) {
    return readItems(calls, `${path}.tool_calls`, readToolCall);
  }
  const legacy = readObject(message, `${path}.function_call`);
  if (!legacy.ok) return legacy;
  const called = readFunction(legacy.value, `${path}.function_call`);
  return called.ok ? accept([{ id: legacyCallId(called.value.name), ...called.value }]) : called;
}

/** The id of a call of an older function, which has none: its result names the function instead. */
export function legacyCallId(name: string): string {
  return `call_${name}`;
}

function readToolCall(item: unknown, path: string): Read<ToolCall> {
  if (!isObject(item)) return refuse(wrongType(path, 'an object', item));
  const id = readString(item, `${path}.id`);
  if (!id.ok) return id;
  if (item['type'] !== 'function') return invalidValue(`${path}.type`, "expected 'function'.");
  const called = readObject(item, `${path}.function`);
  if (!called.ok) return called;
  const read = readFunction(called.value, `${path}.function`);
  return read.ok ? accept({ id: id.value, ...read.value }) : read;
}

function readFunction(called: JsonObject, path: string): Read<{ name: string; arguments: string }> {
  const name = readString(called, `${path}.name`);
  if (!name.ok) return name;
  const json = readString(called, `${path}.arguments`);
  return json.ok ? accept({ name: name.value, arguments: json.value }) : json;
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}
