import { relative } from 'node:path';

/** The name of a file or folder says the one idea inside: reports names that could hold anything. */

const NAMELESS = /^(common|shared|utils?|helpers?|misc|base)$/;
const VERSIONED = /[-_.]v\d+$/;

export const fileName = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: {
      nameless: '"{{part}}" in the path could hold anything: name the file or folder after the one idea inside.',
      versioned: '"{{part}}" carries a version: replace the old one instead of adding a second beside it.',
    },
  },
  create(context) {
    return {
      Program(node) {
        const segments = relative(context.cwd, context.filename).split('/');
        for (const segment of segments) {
          const stem = segment.replace(/\.(unit|integration|e2e)\.spec\.ts$|\.[a-z]+$/, '');
          if (VERSIONED.test(stem)) context.report({ node, messageId: 'versioned', data: { part: segment } });
          for (const part of stem.split(/[-.]/)) {
            if (NAMELESS.test(part)) context.report({ node, messageId: 'nameless', data: { part } });
          }
        }
      },
    };
  },
};
