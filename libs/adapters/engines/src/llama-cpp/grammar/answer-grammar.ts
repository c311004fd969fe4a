import { EngineError } from '../../engine-driver.js';
import type { GenerateRequest, JsonSchema, OutputFormat, ToolUse } from '../../engine-driver.js';
import type { ToolForm } from '../probe-tool-form.js';
import { CALL_BEGIN, CALL_END } from '../tool-marks.js';
import { GrammarRules, literal, oneOf } from './grammar-rules.js';
import { SchemaGrammar } from './schema-grammar.js';

/** Calls in one answer at most, so that an answer of calls comes to an end. */
const MOST_CALLS = 32;
/** The form of Hermes and Qwen, which prompts explain to models without one. */
const USUAL_FORM: ToolForm = { space: '\n' };

/**
 * The grammar, in GBNF, of every answer that a request allows. Undefined: any text.
 * Throws EngineError `invalid_request` for what no grammar can guarantee.
 */
export function answerGrammar(
  { format, toolUse }: Pick<GenerateRequest, 'format' | 'toolUse'>,
  toolForm: ToolForm = USUAL_FORM,
): string | undefined {
  const rules = new GrammarRules();
  if (toolUse?.choice === 'required') return rules.toGbnf(callsGrammar(toolUse, toolForm, rules));
  const schema = schemaOf(format);
  if (schema === undefined) return undefined;
  const value = new SchemaGrammar(schema, rules).compile();
  return rules.toGbnf(toolUse === undefined ? value : oneOf([callsGrammar(toolUse, toolForm, rules), value]));
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
  const allowed = only === undefined ? tools : tools.filter(({ name }) => name === only);
  if (allowed.length === 0) {
    const missing = only === undefined ? 'any tool' : `the tool "${only}"`;
    throw new EngineError('invalid_request', `A call of ${missing} is required, but it is not among the tools.`);
  }
  const calls = allowed.map((tool) => {
    const head = literal(`{"name": ${JSON.stringify(tool.name)}, "arguments": `);
    return rules.add(`${head} ${argumentsGrammar(tool, rules)} "}"`);
  });
  const call = rules.add(`${literal(`${CALL_BEGIN}${space}`)} ${oneOf(calls)} ${literal(`${space}${CALL_END}`)}`);
  return parallel ? `${call} ( "\\n"? ${call} ){0,${String(MOST_CALLS - 1)}}` : call;
}

function argumentsGrammar({ name, parameters }: ToolUse['tools'][number], rules: GrammarRules): string {
  const schema = parameters ?? { properties: {}, additionalProperties: false };
  return new SchemaGrammar({ type: 'object', ...schema }, rules, `tools.${name}.parameters`).compile();
}
