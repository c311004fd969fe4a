import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DockerfileParser, JSONInstruction, type From, type Instruction } from 'dockerfile-ast';
import { CHECKOUT } from '../run-millrace.js';

/** What the Dockerfile says of one target. */
export interface Image {
  entrypoint: readonly string[];
  /** What follows the entrypoint when nothing else is said. */
  command: readonly string[];
  environment: Readonly<Record<string, string>>;
  exposedPorts: readonly number[];
}

interface Stage {
  base: string;
  instructions: Instruction[];
}

const DOCKERFILE = join(CHECKOUT, 'deploy/docker/Dockerfile');
const EMPTY: Image = { entrypoint: [], command: [], environment: {}, exposedPorts: [] };

/** Reads a target with what it inherits from the stages that it stands on. */
export async function readImage(target: string): Promise<Image> {
  const stages = await readStages();
  const imageOf = (name: string): Image => {
    const stage = stages.get(name);
    return stage === undefined ? EMPTY : stage.instructions.reduce(apply, imageOf(stage.base));
  };
  return imageOf(target);
}

/** Commands that the stage `build` runs, each as its text. */
export async function buildCommands(): Promise<string[]> {
  const { instructions } = (await readStages()).get('build') ?? { instructions: [] };
  return instructions.filter((each) => each.getKeyword() === 'RUN').map((run) => wordsOf(run).join(' '));
}

async function readStages(): Promise<Map<string, Stage>> {
  const dockerfile = DockerfileParser.parse(await readFile(DOCKERFILE, 'utf8'));
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  for (const instruction of dockerfile.getInstructions()) {
    if (instruction.getKeyword() === 'FROM') {
      const from = instruction as From;
      stage = { base: from.getImage() ?? '', instructions: [] };
      stages.set(from.getBuildStage() ?? '', stage);
    } else stage?.instructions.push(instruction);
  }
  return stages;
}

function apply(image: Image, instruction: Instruction): Image {
  switch (instruction.getKeyword()) {
    case 'ENTRYPOINT':
      return { ...image, entrypoint: jsonWordsOf(instruction) };
    case 'CMD':
      return { ...image, command: jsonWordsOf(instruction) };
    case 'EXPOSE':
      return { ...image, exposedPorts: wordsOf(instruction).map(Number) };
    case 'ENV':
      return {
        ...image,
        environment: {
          ...image.environment,
          ...Object.fromEntries(wordsOf(instruction).map((word) => word.split('='))),
        },
      };
    default:
      return image;
  }
}

function wordsOf(instruction: Instruction): string[] {
  return instruction.getArguments().map((argument) => argument.getValue());
}

function jsonWordsOf(instruction: Instruction): string[] {
  return instruction instanceof JSONInstruction ? instruction.getJSONStrings().map((word) => word.getJSONValue()) : [];
}
