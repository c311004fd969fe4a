/**
 * How many of the evaluation cases does a model answer rightly, greedily, in the engine that millrace runs?
 *
 * Usage: node evaluate.mjs <model.gguf> <cases.json> [--show <n>]   (--show prints n wrong answers of each category)
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { getLlama, LlamaLogLevel } from 'node-llama-cpp';

const SEQUENCES = 8;
const CONTEXT_TOKENS = 1024;
const LONGEST_ANSWER_TOKENS = 220;

/** The call inside `<tool_call>`, or null when the answer is no valid call. */
function parseToolCall(answer) {
  const match = /^<tool_call>\n([\s\S]*)\n<\/tool_call>$/.exec(answer);
  return match ? parseJson(match[1]) : null;
}

/** The value of a JSON text, or null when it is not JSON. */
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function checkToolCall(answer, expected) {
  const call = parseToolCall(answer);
  const expectedCall = parseToolCall(expected);
  return {
    right: JSON.stringify(call) === JSON.stringify(expectedCall),
    'valid JSON': call !== null,
    'right tool': call?.name === expectedCall?.name,
  };
}

/** How an answer is compared, by the `check` of a case. Besides `right` a check may count other things. */
const CHECKS = {
  exact: (answer, expected) => ({ right: answer === expected }),
  contains: (answer, expected) => ({ right: answer.toLowerCase().includes(expected.toLowerCase()) }),
  tool: checkToolCall,
  'no tool': (answer, expected) => ({ right: !answer.includes('<tool_call>'), exact: answer === expected }),
  json: (answer, expected) => ({ right: answer === expected, 'valid JSON': parseJson(answer) !== null }),
  story: (answer, hero) => ({ right: answer.includes(hero) && /[.!"]$/.test(answer) }),
};

/** Loads the model as the tests of millrace do: on the CPU, with one thread, which is fastest for one so small. */
async function loadContext(modelPath) {
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    logLevel: LlamaLogLevel.error,
    maxThreads: 1,
  });
  const model = await llama.loadModel({ modelPath });
  return model.createContext({ contextSize: CONTEXT_TOKENS, sequences: SEQUENCES, batchSize: 512, threads: 1 });
}

/** Writes the greedy answer to a prompt in a sequence. */
async function answerTo(prompt, sequence) {
  const { model } = sequence;
  await sequence.clearHistory();
  const tokens = [];
  for await (const token of sequence.evaluate(model.tokenize(prompt, true), { temperature: 0 })) {
    tokens.push(token);
    if (tokens.length >= LONGEST_ANSWER_TOKENS) break;
  }
  return model.detokenize(tokens, true);
}

/** Answers all cases, several at a time; the answers are in the order of the cases. */
async function answerAll(cases, context) {
  const answers = [];
  const remaining = cases.entries();
  const drain = async (sequence) => {
    for (const [index, { prompt }] of remaining) answers[index] = await answerTo(prompt, sequence);
  };
  await Promise.all(Array.from({ length: SEQUENCES }, () => drain(context.getSequence())));
  return answers;
}

/** Counts per category: cases, right answers and what else its check counts; and the wrong answers. */
function score(cases, answers) {
  const scores = new Map();
  for (const [index, { category, prompt, expected, check }] of cases.entries()) {
    const answer = answers[index];
    const entry = scores.get(category) ?? { cases: 0, counts: {}, wrong: [] };
    scores.set(category, entry);
    const outcome = CHECKS[check](answer, expected);
    entry.cases += 1;
    for (const [what, isSo] of Object.entries(outcome)) entry.counts[what] = (entry.counts[what] ?? 0) + Number(isSo);
    if (!outcome.right) entry.wrong.push({ prompt: prompt.slice(-160), answer, expected });
  }
  return scores;
}

function printScores(scores, shown) {
  for (const [category, { cases, counts, wrong }] of scores) {
    const { right, ...others } = counts;
    const details = Object.entries(others).map(([what, count]) => `${what} ${count}`);
    const percent = `${Math.round((100 * right) / cases)} %`;
    const line = [category.padEnd(32), `${right}/${cases}`.padEnd(8), percent.padStart(5), ` ${details.join(', ')}`];
    console.log(line.join(' ').trimEnd());
    for (const example of wrong.slice(0, shown)) console.log('   ', JSON.stringify(example));
  }
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { show: { type: 'string', default: '0' } },
});
if (positionals.length !== 2) {
  console.error('Expected a model and its cases: node evaluate.mjs <model.gguf> <cases.json> [--show <n>]');
  process.exit(2);
}
const [modelPath, casesPath] = positionals;
const cases = JSON.parse(await readFile(casesPath, 'utf8'));
const context = await loadContext(modelPath);
printScores(score(cases, await answerAll(cases, context)), Number(values.show));
await context.model.llama.dispose();
