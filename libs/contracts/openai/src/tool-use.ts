import { notServed, wrongType } from './parameter-error.js';
import {
  accept,
  invalidValue,
  isObject,
  readItems,
  readJsonSchema,
  readName,
  readObject,
  readOptional,
  readString,
  refuse,
  type JsonObject,
  type Read,
} from './read-value.js';

export interface Tool {
  name: string;
  description?: string;
  /** JSON schema of the arguments; left out for a tool without any. */
  parameters?: JsonObject;
}

/** The tools of a request and how its answer may use them. */
export interface ToolUse {
  /** At least one. */
  tools: Tool[];
  /** Whether the answer has to be a call. */
  required: boolean;
  /** The one tool that the answer has to call. */
  only?: string;
  /** Whether one answer may hold several calls. */
  parallel: boolean;
  /** Whether the caller asked with OpenAI's older `functions` and is answered in their form. */
  asFunctions: boolean;
}

type Choice = { mode: 'none' | 'auto' | 'required' } | { mode: 'named'; name: string; param: string };

const MOST_TOOLS = 128;

/** Reads tools or functions and the choice among them; undefined where the answer may call nothing. */
export function readToolUse(body: JsonObject): Read<ToolUse | undefined> {
  const tools = readList(body, 'tools', readTool);
  if (!tools.ok) return tools;
  const functions = readList(body, 'functions', readFunction);
  if (!functions.ok) return functions;
  if (tools.value.length > 0 && functions.value.length > 0) {
    return invalidValue('functions', "'functions' are the older form of 'tools': send one of them only.");
  }
  const choice = readToolChoice(body['tool_choice'] ?? undefined);
  if (!choice.ok) return choice;
  const legacyChoice = readFunctionCall(body['function_call'] ?? undefined);
  if (!legacyChoice.ok) return legacyChoice;
  const ofTools = chooseAmong(tools.value, choice.value, 'tool_choice');
  if (!ofTools.ok) return ofTools;
  const ofFunctions = chooseAmong(functions.value, legacyChoice.value, 'function_call');
  if (!ofFunctions.ok) return ofFunctions;
  if (ofFunctions.value) return accept({ ...ofFunctions.value, parallel: false, asFunctions: true });
  const parallel = body['parallel_tool_calls'] !== false;
  return accept(ofTools.value && { ...ofTools.value, parallel, asFunctions: false });
}

function chooseAmong(
  tools: Tool[],
  choice: Choice | undefined,
  param: string,
): Read<Pick<ToolUse, 'tools' | 'required' | 'only'> | undefined> {
  const mode = choice?.mode ?? 'auto';
  if (tools.length === 0 && (mode === 'required' || mode === 'named')) {
    return invalidValue(param, 'there is nothing to choose from: send the tools with it.');
  }
  if (tools.length === 0 || mode === 'none') return accept(undefined);
  if (choice?.mode !== 'named') return accept({ tools, required: mode === 'required' });
  if (tools.some(({ name }) => name === choice.name)) return accept({ tools, required: true, only: choice.name });
  return invalidValue(choice.param, 'the request has no tool of this name.');
}

function readList(body: JsonObject, param: string, read: (item: JsonObject, path: string) => Read<Tool>): Read<Tool[]> {
  const list = body[param] ?? [];
  if (!Array.isArray(list)) return refuse(wrongType(param, 'an array', list));
  if (list.length > MOST_TOOLS) {
    const message = `Invalid '${param}': wrong length. Expected an array with maximum length ${String(MOST_TOOLS)}.`;
    return refuse({ message, param, code: 'array_above_max_length' });
  }
  const names = new Set<string>();
  return readItems(list, param, (item, path) => {
    const tool = isObject(item) ? read(item, path) : refuse(wrongType(path, 'an object', item));
    if (!tool.ok) return tool;
    if (names.has(tool.value.name)) return invalidValue(path, 'a tool before it has the same name.');
    names.add(tool.value.name);
    return tool;
  });
}

function readTool(item: JsonObject, path: string): Read<Tool> {
  const type = readString(item, `${path}.type`);
  if (!type.ok) return type;
  if (type.value === 'custom') return refuse(notServed(`${path}.type`, "Tools of the type 'custom' are"));
  if (type.value !== 'function') return invalidValue(`${path}.type`, "expected 'function'.");
  const described = readObject(item, `${path}.function`);
  return described.ok ? readFunction(described.value, `${path}.function`) : described;
}

function readFunction(item: JsonObject, path: string): Read<Tool> {
  const name = readName(item, `${path}.name`);
  if (!name.ok) return name;
  const description = readOptional(item, { path: `${path}.description`, type: 'string' });
  if (!description.ok) return description;
  const strict = readOptional(item, { path: `${path}.strict`, type: 'boolean' });
  if (!strict.ok) return strict;
  const hasParameters = (item['parameters'] ?? undefined) !== undefined;
  const parameters = hasParameters ? readJsonSchema(item, `${path}.parameters`) : accept(undefined);
  if (!parameters.ok) return parameters;
  return accept({
    name: name.value,
    ...(description.value !== undefined && { description: description.value }),
    ...(parameters.value !== undefined && { parameters: parameters.value }),
  });
}

function readToolChoice(value: unknown): Read<Choice | undefined> {
  if (value === undefined) return accept(undefined);
  if (value === 'none' || value === 'auto' || value === 'required') return accept({ mode: value });
  const expected = "expected 'none', 'auto', 'required' or an object that names a function.";
  if (typeof value === 'string') return invalidValue('tool_choice', expected);
  if (!isObject(value)) return refuse(wrongType('tool_choice', 'a string or an object', value));
  const type = readString(value, 'tool_choice.type');
  if (!type.ok) return type;
  if (type.value === 'allowed_tools' || type.value === 'custom') {
    return refuse(notServed('tool_choice.type', `Choices of the type '${type.value}' are`));
  }
  if (type.value !== 'function') return invalidValue('tool_choice.type', "expected 'function'.");
  const named = readObject(value, 'tool_choice.function');
  return named.ok ? readNamed(named.value, 'tool_choice.function.name') : named;
}

function readFunctionCall(value: unknown): Read<Choice | undefined> {
  if (value === undefined) return accept(undefined);
  if (value === 'none' || value === 'auto') return accept({ mode: value });
  if (isObject(value)) return readNamed(value, 'function_call.name');
  const expected = "expected 'none', 'auto' or an object that names a function.";
  if (typeof value === 'string') return invalidValue('function_call', expected);
  return refuse(wrongType('function_call', 'a string or an object', value));
}

function readNamed(owner: JsonObject, param: string): Read<Choice> {
  const name = readString(owner, param);
  return name.ok ? accept({ mode: 'named', name: name.value, param }) : name;
}
