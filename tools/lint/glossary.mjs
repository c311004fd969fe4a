/** One word per idea (docs/glossary.md): reports declared names that use a second word for something that has one. */

const INSTEAD = new Map(
  Object.entries({
    organization: 'tenant',
    organisation: 'tenant',
    workspace: 'tenant',
    superuser: 'operator',
    assistant: 'agent',
    bot: 'agent',
    blob: 'artifact',
    worker: 'runner (a GPU node) or replica (a loaded model)',
    seat: 'slot',
    budget: 'limit (a rate) or quota (a month)',
    billing: 'metering',
    dropped: 'rejected, expired, cancelled or failed',
    errored: 'failed',
    helper: 'a name for the one thing it does',
    util: 'a name for the one thing it does',
    utils: 'a name for the one thing it does',
    misc: 'a name for the one thing it does',
  }),
);

export const glossary = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: { word: '`{{name}}` uses the word "{{word}}"; say {{instead}} (docs/glossary.md).' },
  },
  create(context) {
    const check = (node) => {
      if (node?.type !== 'Identifier') return;
      for (const word of node.name.split(/(?=[A-Z])|[_\d]+/)) {
        const instead = INSTEAD.get(word.toLowerCase());
        if (instead === undefined) continue;
        context.report({ node, messageId: 'word', data: { name: node.name, word: word.toLowerCase(), instead } });
      }
    };
    const checkId = (node) => check(node.id);
    const checkKey = (node) => check(node.key);
    const checkParameters = (node) =>
      node.params.forEach((one) => check(one.type === 'AssignmentPattern' ? one.left : one));
    return {
      VariableDeclarator: checkId,
      ClassDeclaration: checkId,
      TSInterfaceDeclaration: checkId,
      TSTypeAliasDeclaration: checkId,
      TSEnumDeclaration: checkId,
      TSPropertySignature: checkKey,
      TSMethodSignature: checkKey,
      PropertyDefinition: checkKey,
      MethodDefinition: checkKey,
      FunctionDeclaration(node) {
        check(node.id);
        checkParameters(node);
      },
      FunctionExpression: checkParameters,
      ArrowFunctionExpression: checkParameters,
    };
  },
};
