/** Three parameters, then one named object; a constructor may take four collaborators. */

const MOST = 3;
const MOST_IN_CONSTRUCTOR = 4;

export const parameterCount = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: {
      function: 'Takes {{count}} parameters: pass at most 3, then one object with named fields.',
      constructor: 'Takes {{count}} collaborators: more than 4 are two classes.',
    },
  },
  create(context) {
    const check = (node) => {
      const isConstructor = node.parent.type === 'MethodDefinition' && node.parent.kind === 'constructor';
      const count = node.params.length;
      if (count <= (isConstructor ? MOST_IN_CONSTRUCTOR : MOST)) return;
      context.report({ node, messageId: isConstructor ? 'constructor' : 'function', data: { count: String(count) } });
    };
    return {
      FunctionDeclaration: check,
      FunctionExpression: check,
      ArrowFunctionExpression: check,
      TSMethodSignature: check,
    };
  },
};
