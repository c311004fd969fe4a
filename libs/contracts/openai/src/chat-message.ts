import { notServed, wrongType, type ParameterError } from './parameter-error.js';

export type ChatRole = 'system' | 'developer' | 'user' | 'assistant';

export interface ChatMessage {
  role: ChatRole;
  /** The text parts joined by line breaks. */
  text: string;
}

type Read<T> = { ok: true; value: T } | { ok: false; error: ParameterError };
type JsonObject = Readonly<Record<string, unknown>>;

const servedRoles: readonly string[] = ['system', 'developer', 'user', 'assistant'] satisfies ChatRole[];
const laterRoles: readonly string[] = ['tool', 'function'];
const laterParts: readonly string[] = ['image_url', 'input_audio', 'file'];
const laterFields = ['tool_calls', 'function_call', 'audio'];

/** Reads the `messages` of a request; at least one is expected. */
export function readMessages(value: unknown): Read<ChatMessage[]> {
  if (!Array.isArray(value)) return refuse(wrongType('messages', 'an array of objects', value ?? undefined));
  if (value.length === 0) {
    const message = "Invalid 'messages': empty array. Expected an array with minimum length 1.";
    return refuse({ message, param: 'messages', code: 'empty_array' });
  }
  const messages: ChatMessage[] = [];
  for (const [index, item] of value.entries()) {
    const message = readMessage(item, `messages[${String(index)}]`);
    if (!message.ok) return message;
    messages.push(message.value);
  }
  return { ok: true, value: messages };
}

function readMessage(value: unknown, path: string): Read<ChatMessage> {
  if (!isObject(value)) return refuse(wrongType(path, 'an object', value));
  const role = value['role'] ?? undefined;
  if (typeof role !== 'string') return refuse(wrongType(`${path}.role`, 'a string', role));
  if (laterRoles.includes(role)) return refuse(notServed(`${path}.role`, `Messages of the role '${role}' are`));
  if (!isServedRole(role)) {
    const message = `Invalid value for '${path}.role': expected one of ${servedRoles.join(', ')}.`;
    return refuse({ message, param: `${path}.role`, code: 'invalid_value' });
  }
  const later = laterFields.find((name) => isPresent(value[name]));
  if (later !== undefined) return refuse(notServed(`${path}.${later}`, 'It is'));
  if (value['name'] !== undefined && value['name'] !== null && typeof value['name'] !== 'string') {
    return refuse(wrongType(`${path}.name`, 'a string', value['name']));
  }
  const text = readContent(role, value, path);
  return text.ok ? { ok: true, value: { role, text: text.value } } : text;
}

/** An assistant message that refused has its words in `refusal` and no content. */
function readContent(role: ChatRole, message: JsonObject, path: string): Read<string> {
  const content = message['content'] ?? undefined;
  const refusal = message['refusal'] ?? undefined;
  if (typeof content === 'string') return { ok: true, value: content };
  if (Array.isArray(content)) return readParts(role, content, `${path}.content`);
  if (content === undefined && role === 'assistant' && typeof refusal === 'string') return { ok: true, value: refusal };
  return refuse(wrongType(`${path}.content`, 'a string or an array of content parts', content));
}

function readParts(role: ChatRole, parts: readonly unknown[], path: string): Read<string> {
  if (parts.length === 0) {
    const message = `Invalid '${path}': empty array. Expected an array with minimum length 1.`;
    return refuse({ message, param: path, code: 'empty_array' });
  }
  const texts: string[] = [];
  for (const [index, part] of parts.entries()) {
    const text = readPart(role, part, `${path}[${String(index)}]`);
    if (!text.ok) return text;
    texts.push(text.value);
  }
  return { ok: true, value: texts.join('\n') };
}

function readPart(role: ChatRole, part: unknown, path: string): Read<string> {
  if (!isObject(part)) return refuse(wrongType(path, 'an object', part));
  const type = part['type'] ?? undefined;
  if (typeof type !== 'string') return refuse(wrongType(`${path}.type`, 'a string', type));
  if (laterParts.includes(type)) return refuse(notServed(`${path}.type`, `Content parts of the type '${type}' are`));
  if (type !== 'text' && !(type === 'refusal' && role === 'assistant')) {
    const message = `Invalid value for '${path}.type': expected 'text'.`;
    return refuse({ message, param: `${path}.type`, code: 'invalid_value' });
  }
  const text = part[type] ?? undefined;
  return typeof text === 'string' ? { ok: true, value: text } : refuse(wrongType(`${path}.${type}`, 'a string', text));
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}

function isServedRole(role: string): role is ChatRole {
  return servedRoles.includes(role);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(error: ParameterError): { ok: false; error: ParameterError } {
  return { ok: false, error };
}
