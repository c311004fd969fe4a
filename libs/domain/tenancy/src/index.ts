/** Who is asking, and may this key act at all? */
export {
  judgeKey,
  mayUseModel,
  type ApiKeyKind,
  type ApiKeyRecord,
  type KeyVerdict,
  type Limits,
  type LimitsOfPrincipal,
  type Principal,
} from './judge-key.js';
export { hashSecret, secretPrefix, storedSecret, type StoredSecret } from './secret.js';
