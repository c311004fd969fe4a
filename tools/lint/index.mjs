/** Which rules of this repository does no published plugin hold? tools/prove-rules.mjs shows that each can fail. */
import { fileName } from './file-name.mjs';
import { glossary } from './glossary.mjs';
import { packageOwner } from './package-owner.mjs';
import { parameterCount } from './parameter-count.mjs';
import { pureDomain } from './pure-domain.mjs';

export const millrace = {
  meta: { name: 'millrace' },
  rules: {
    'file-name': fileName,
    glossary,
    'package-owner': packageOwner,
    'parameter-count': parameterCount,
    'pure-domain': pureDomain,
  },
};
