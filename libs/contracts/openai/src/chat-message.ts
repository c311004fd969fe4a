import { readContent } from './content-parts.js';
import { legacyCallId, readMessageCalls, type ToolCall } from './message-calls.js';
import { notServed, wrongType } from './parameter-error.js';
import {
  accept,
  emptyArray,
  invalidValue,
  isObject,
  readItems,
  readOptional,
  readString,
  refuse,
  type JsonObject,
  type Read,
} from './read-value.js';

export type ChatRole = 'system' | 'developer' | 'user' | 'assistant' | 'tool';

export interface ChatMessage {
  role: ChatRole;
  /** The text parts joined by line breaks; empty where an assistant message has calls only. */
  text: string;
  name?: string;
  /** Of a tool's message: the call that it answers. */
  toolCallId?: string;
  toolCalls?: ToolCall[];
}

const roles: readonly string[] = ['developer', 'system', 'user', 'assistant', 'tool', 'function'];

/** Reads the `messages` of a request; at least one is expected. */
export function readMessages(value: unknown): Read<ChatMessage[]> {
  if (!Array.isArray(value)) return refuse(wrongType('messages', 'an array of objects', value ?? undefined));
  if (value.length === 0) return emptyArray('messages');
  const knownCalls = new Set<string>();
  return readItems(value, 'messages', (item, path) => {
    const message = readMessage(item, path);
    if (!message.ok) return message;
    const { toolCallId, toolCalls = [] } = message.value;
    for (const { id } of toolCalls) knownCalls.add(id);
    if (toolCallId === undefined || knownCalls.has(toolCallId)) return message;
    return unknownCall(isObject(item) && item['role'] === 'function' ? `${path}.name` : `${path}.tool_call_id`);
  });
}

function readMessage(item: unknown, path: string): Read<ChatMessage> {
  if (!isObject(item)) return refuse(wrongType(path, 'an object', item));
  const role = readString(item, `${path}.role`);
  if (!role.ok) return role;
  if (!roles.includes(role.value)) return invalidValue(`${path}.role`, `expected one of ${roles.join(', ')}.`);
  const name = readOptional(item, { path: `${path}.name`, type: 'string' });
  if (!name.ok) return name;
  const message = readByRole(item, path, role.value);
  if (!message.ok || name.value === undefined) return message;
  return accept({ ...message.value, name: name.value });
}

function readByRole(item: JsonObject, path: string, role: string): Read<ChatMessage> {
  switch (role) {
    case 'assistant':
      return readAssistant(item, path);
    case 'tool':
      return readResult(item, path, readString(item, `${path}.tool_call_id`));
    case 'function': {
      const name = readString(item, `${path}.name`);
      return readResult(item, path, name.ok ? accept(legacyCallId(name.value)) : name);
    }
    default: {
      const text = readContent(item['content'] ?? undefined, `${path}.content`, role);
      return text.ok ? accept({ role: role as ChatRole, text: text.value }) : text;
    }
  }
}

/** An assistant message may have its words in `refusal`, and none at all beside calls. */
function readAssistant(item: JsonObject, path: string): Read<ChatMessage> {
  if (isPresent(item['audio'])) return refuse(notServed(`${path}.audio`, 'It is'));
  const calls = readMessageCalls(item, path);
  if (!calls.ok) return calls;
  const refusal = readOptional(item, { path: `${path}.refusal`, type: 'string' });
  if (!refusal.ok) return refusal;
  const mayBeAbsent = calls.value.length > 0 || refusal.value !== undefined;
  const content = item['content'] ?? (mayBeAbsent ? (refusal.value ?? '') : undefined);
  const text = readContent(content, `${path}.content`, 'assistant');
  if (!text.ok) return text;
  const message: ChatMessage = { role: 'assistant', text: text.value };
  return accept(calls.value.length === 0 ? message : { ...message, toolCalls: calls.value });
}

/** What a tool, or one of OpenAI's older functions, has answered. */
function readResult(item: JsonObject, path: string, toolCallId: Read<string>): Read<ChatMessage> {
  if (!toolCallId.ok) return toolCallId;
  const content = item['role'] === 'function' ? (item['content'] ?? '') : (item['content'] ?? undefined);
  const text = readContent(content, `${path}.content`, 'tool');
  return text.ok ? accept({ role: 'tool', text: text.value, toolCallId: toolCallId.value }) : text;
}

function unknownCall(param: string): Read<never> {
  return invalidValue(param, 'it answers no call of an assistant message before it.');
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}
