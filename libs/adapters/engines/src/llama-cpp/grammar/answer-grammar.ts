import { EngineError } from '../../engine-driver.js';
import type { GenerateRequest, JsonSchema, OutputFormat, ToolUse } from '../../engine-driver.js';
import type { ToolForm } from '../probe-tool-form.js';
import { CALL_BEGIN, CALL_END } from '../tool-marks.js';
import { GrammarRules, literal, oneOf } from './grammar-rules.js';
import { SchemaGrammar } from './schema-grammar.js';
import { askedBy } from './uncompilable-schema.js';

/** Calls in one answer at most, so that an answer of calls comes to an end. */
const MOST_CALLS = 32;
/** The form of Hermes and Qwen, which prompts explain to models without one. */
const USUAL_FORM: ToolForm = { space: '\n' };
const FORMAT = 'response_format.json_schema.schema';

/** Every text that an answer may be, in GBNF. */
export interface AnswerGrammar {
  gbnf: string;
  /** The parameter that asks for it, as OpenAI writes its place. */
  param: string;
}

/**
 * The grammar of every answer that a request allows. Undefined: any text.
 * Throws EngineError `invalid_request` for what no grammar can guarantee.
 */
export function answerGrammar(
  { format, toolUse }: Pick<GenerateRequest, 'format' | 'toolUse'>,
  toolForm: ToolForm = USUAL_FORM,
): AnswerGrammar | undefined {
  const rules = new GrammarRules();
  if (toolUse?.choice === 'required') {
    return { gbnf: rules.toGbnf(callsGrammar(toolUse, toolForm, rules)), param: 'tools' };
  }
  const schema = schemaOf(format);
  if (schema === undefined) return undefined;
  const value = askedBy(FORMAT, () => new SchemaGrammar(schema, rules).compile());
  const root = toolUse === undefined ? value : oneOf([callsGrammar(toolUse, toolForm, rules), value]);
  return { gbnf: rules.toGbnf(root), param: FORMAT };
}

function schemaOf(format: OutputFormat | undefined): JsonSchema | undefined {
  switch (format?.kind) {
    case 'json_object':
      return { type: 'object' };
    case 'json_schema':
      return format.schema;
    case 'text':
    case undefined:
      return undefined;
  }
}

function callsGrammar({ tools, only, parallel }: ToolUse, { space }: ToolForm, rules: GrammarRules): string {
  const calls = tools.flatMap((tool, index) => {
    if (only !== undefined && tool.name !== only) return [];
    const param = `tools[${String(index)}].function.parameters`;
    return askedBy(param, () => {
      const head = literal(`{"name": ${JSON.stringify(tool.name)}, "arguments": `);
      return rules.add(`${head} ${argumentsGrammar(tool, rules)} "}"`);
    });
  });
  if (calls.length === 0) {
    const missing = only === undefined ? 'any tool' : `the tool "${only}"`;
    const message = `A call of ${missing} is required, but it is not among the tools.`;
    throw new EngineError('invalid_request', message, { param: 'tool_choice' });
  }
  const anyCall = askedBy('tools', () => oneOf(calls));
  const call = rules.add(`${literal(`${CALL_BEGIN}${space}`)} ${anyCall} ${literal(`${space}${CALL_END}`)}`);
  return parallel ? `${call} ( "\\n"? ${call} ){0,${String(MOST_CALLS - 1)}}` : call;
}

function argumentsGrammar({ name, parameters }: ToolUse['tools'][number], rules: GrammarRules): string {
  const schema = parameters ?? { properties: {}, additionalProperties: false };
  return new SchemaGrammar({ type: 'object', ...schema }, rules, `tools.${name}.parameters`).compile();
}
