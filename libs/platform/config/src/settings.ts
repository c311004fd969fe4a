import { z } from 'zod';

const port = z.coerce.number({ error: 'it is not a number' }).int().min(0).max(65_535);
/** At most what a timer can wait, about 24 days. */
const milliseconds = z.coerce.number({ error: 'it is not a number' }).int().positive().max(2_147_483_647);

/**
 * Every environment variable that a millrace process reads: one line each, with its type and meaning.
 * An app picks the names it needs; a MILLRACE_* name that is not here stops every process.
 */
export const settings = {
  PORT: port.default(8080).describe('Port of the public HTTP API.'),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .describe('PostgreSQL, as postgres://user:password@host:port/database.'),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).describe('Redis or Valkey, as redis://user:password@host:port.'),
  MILLRACE_HOME: z
    .string()
    .min(1)
    .describe(
      'Folder of data, logs, dev.json and what engines leave for their runner. Default: .millrace in the checkout.',
    ),
  MILLRACE_MODEL: z
    .string()
    .min(1)
    .describe('Weights to serve: a GGUF file, hf:owner/repo/file.gguf, or simulated:NAME. Default: millrace-tiny.'),
  MILLRACE_ENGINE_OPTIONS: z
    .string()
    .transform(parseEngineOptions)
    .describe('Options of the engine that serves MILLRACE_MODEL, as a JSON object. Default: its own.'),
  MILLRACE_HOST: z.string().min(1).default('127.0.0.1').describe('Address the public HTTP API listens on.'),
  MILLRACE_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('Least severe level that is logged.'),
  MILLRACE_KEY_PEPPER: z
    .string()
    .min(32)
    .describe('Secret that API keys, join tokens and runner credentials are hashed with.'),
  MILLRACE_TOKEN_STREAM_LISTEN: z
    .string()
    .regex(/^.+:\d+$/)
    .default('127.0.0.1:0')
    .describe('host:port the API serves gRPC TokenStream on; port 0 picks one.'),
  MILLRACE_TOKEN_STREAM_ADDRESS: z
    .string()
    .regex(/^.+:\d+$/)
    .optional()
    .describe('host:port at which runners reach this API process. Default: the listening one.'),
  MILLRACE_FLEET_LISTEN: z
    .string()
    .regex(/^.+:\d+$/)
    .default('127.0.0.1:0')
    .describe('host:port the scheduler serves gRPC Fleet on; port 0 picks one.'),
  MILLRACE_RUNNER_REDIS_URL: z
    .url({ protocol: /^rediss?$/ })
    .describe("Redis with the runners' restricted user, handed to runners that join."),
  MILLRACE_SCHEDULER_URL: z
    .string()
    .regex(/^.+:\d+$/)
    .describe('host:port of a scheduler, for runners.'),
  MILLRACE_JOIN_TOKEN: z.string().min(1).describe('Join token that a runner exchanges for its own credential.'),
  MILLRACE_RUNNER_NAME: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,63}$/)
    .optional()
    .describe('Name of the runner, unique in the fleet. Default: the host name.'),
  MILLRACE_LABELS: z.string().default('').transform(parseLabels).describe('Labels of the runner, as k=v,k=v.'),
  MILLRACE_DEVICES_FILE: z
    .string()
    .min(1)
    .describe("JSON file that describes a machine's devices, which the runner simulates. Default: this machine's own."),
  MILLRACE_CACHE: z.string().min(1).describe('Folder for downloaded weights. Default: artifacts in MILLRACE_HOME.'),
  MILLRACE_HUB_URL: z.url().default('https://huggingface.co').describe('Hub that hf: artifacts come from.'),
  MILLRACE_HUB_TOKEN: z.string().optional().describe('Access token for the hub.'),
  MILLRACE_HEALTH_LISTEN: z
    .string()
    .regex(/^(off|.+:\d+)$/, { error: 'it is neither host:port nor off' })
    .default('127.0.0.1:0')
    .describe(
      'host:port of /livez, /readyz and /metrics of schedulers and runners; port 0 picks one, "off" serves none. ' +
        'The API serves them on its public port.',
    ),
  MILLRACE_STOP_GRACE_MS: milliseconds
    .default(25_000)
    .describe(
      'How long running answers may go on after SIGTERM; the process ends 2 s later at the latest. 3000 under npm start.',
    ),
  MILLRACE_MAX_OPEN_JOBS: z.coerce
    .number()
    .int()
    .positive()
    .default(10_000)
    .describe('Jobs one API process holds at once; further calls get 503.'),
  MILLRACE_START_DEADLINE_MS: milliseconds
    .default(600_000)
    .describe('How long a job may wait for a replica before it expires.'),
  MILLRACE_FIRST_TOKEN_DEADLINE_MS: milliseconds
    .default(900_000)
    .describe('How long a job may take until the first token of its answer is there.'),
  MILLRACE_INTER_TOKEN_DEADLINE_MS: milliseconds
    .default(120_000)
    .describe('How long an answer may pause between two tokens, while its caller reads.'),
  MILLRACE_TOTAL_DEADLINE_MS: milliseconds
    .default(3_600_000)
    .describe('How long a job may take in all before it is ended.'),
  MILLRACE_MIN_RESIDENCY_MS: milliseconds
    .default(30_000)
    .describe('How long a replica serves before it may be evicted, or stopped for idleness.'),
  MILLRACE_COLD_WAIT_MS: milliseconds
    .default(60_000)
    .describe('How long a job may wait for a model without a replica before its load goes ahead of all other demand.'),
  MILLRACE_DRAIN_MS: milliseconds
    .default(60_000)
    .describe('How long a replica that has to go may finish its answers; what remains then goes on elsewhere.'),
  MILLRACE_URL: z
    .url({ protocol: /^https?$/ })
    .describe('Address of the millrace that client commands talk to. Default: the one of MILLRACE_HOME.'),
  MILLRACE_KEY: z.string().min(1).describe('API key that client commands act with. Default: the one of that millrace.'),
  MILLRACE_PROFILE: z
    .string()
    .min(1)
    .describe('Profile that says address and key of client commands. Default: that of `./millrace profiles use`.'),
  XDG_CONFIG_HOME: z.string().min(1).describe('Folder below which the profiles are kept. Default: .config at home.'),
} as const;

export type SettingName = keyof typeof settings;
export type Settings<Name extends SettingName> = { [N in Name]: z.infer<(typeof settings)[N]> };

function parseEngineOptions(text: string, context: z.RefinementCtx): Record<string, unknown> {
  const parsed = z.record(z.string(), z.unknown()).safeParse(readJson(text));
  if (parsed.success) return parsed.data;
  context.addIssue({ code: 'custom', message: 'it is not a JSON object' });
  return z.NEVER;
}

/** Undefined when the text is no JSON. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parseLabels(text: string, context: z.RefinementCtx): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const pair of text.split(',').filter((part) => part !== '')) {
    const [key, value, ...rest] = pair.split('=');
    if (key === undefined || key === '' || value === undefined || rest.length > 0) {
      context.addIssue({ code: 'custom', message: `"${pair}" is not of the form k=v` });
      return z.NEVER;
    }
    labels[key] = value;
  }
  return labels;
}
