import type { AcceptedKeys } from './http/auth';
import type { TlsIdentity } from './http/bothHttpVersions';
import type { RequestLimit } from './http/requestLimits';
import type { RecordedRequest } from './http/requestLog';
import { type Clock, realClock } from './clock';

/** Limits that Baseten documents. A test can lower them, so that it need not send 100 MB. */
export interface Limits {
  /** Largest request body, in bytes; a larger one gets 413. */
  bodyBytes: number;
  /** Largest async payload, in bytes; a larger one gets 413. */
  asyncPayloadBytes: number;
  /** Status, cancel and queue status calls per second, for the whole organisation. */
  statusPerSecond: number;
  /** Async submissions per minute, for the whole organisation. */
  submitsPerMinute: number;
  /** Activations, deactivations, retries and promotions per minute. */
  changesPerMinute: number;
  /** Most texts in one embeddings, rerank or classify request. */
  batchSize: number;
  /** Longest call of a model, in ms; a longer one gets 504. */
  inferenceMs: number;
  /** Longest async attempt, in ms. */
  asyncInferenceMs: number;
  /** How long the status of a finished async request is kept, in ms. */
  statusRetentionMs: number;
}

const DEFAULT_LIMITS: Limits = {
  bodyBytes: 100_000_000,
  asyncPayloadBytes: 256 * 1024,
  statusPerSecond: 20,
  submitsPerMinute: 12_000,
  changesPerMinute: 20,
  batchSize: 2048,
  inferenceMs: 1_200_000,
  asyncInferenceMs: 3_600_000,
  statusRetentionMs: 3_600_000,
};

/** How an emulator is set up. Every option has a default. */
export interface EmulatorOptions {
  /** TCP port on 127.0.0.1; 0 (the default) takes a free one. */
  port?: number;
  /** Serves https with this key and certificate; http if absent. */
  tls?: TlsIdentity;
  /** The accepted keys. */
  apiKeys?: Partial<AcceptedKeys>;
  /** The machine's clock by default. */
  clock?: Clock;
  /**
   * Signing secrets, newest first: one by default. With an empty list, deliveries carry no
   * signature.
   */
  webhookSecrets?: string[];
  /** A certificate of those who receive results that no authority has signed. */
  receiverCa?: string;
  /** Baseten's limits by default. */
  limits?: Partial<Limits>;
  /** Requests a minute that each key may make: no limit by default. */
  requestLimits?: RequestLimit[];
  /** Async requests that one deployment works on side by side: 4 by default. */
  asyncConcurrency?: number;
  /**
   * `false` refuses every async submission with 503, like a workspace without the async service.
   */
  asyncEnabled?: boolean;
  /** Time from zero to the first replica, in ms: 3,000 by default. */
  wakeMs?: number;
  /** Time that each step of an activation or a promotion takes, in ms: 500 by default. */
  changeMs?: number;
  /**
   * Time without a request before a deployment scales to zero if it may, in ms: 15 minutes by
   * default.
   */
  scaleDownDelayMs?: number;
  /** Time the transcriber takes, in ms: 3,000 by default. */
  transcribeMs?: number;
  /** Time before each chunk of a streamed chat, in ms: 0 by default. */
  tokenMs?: number;
  /** How many requests the log keeps: 1,000 by default. */
  maxRecordedRequests?: number;
  /** Is told of each request of the management API when it is answered, for a check of it. */
  watchManagement?: (exchange: ManagementExchange) => void;
}

/** A request of the management API, and what was answered. */
interface ManagementExchange {
  request: RecordedRequest;
  status: number;
  /** The body of the answer; undefined if a fault on demand made it. */
  response: string | undefined;
}

/** Those that may be left out, or that are filled in part by part. */
type Special = 'limits' | 'apiKeys' | 'tls' | 'receiverCa' | 'watchManagement';

/** The options, with nothing left out. */
export type Settings = Required<Omit<EmulatorOptions, Special>> & {
  tls: TlsIdentity | undefined;
  receiverCa: string | undefined;
  watchManagement: EmulatorOptions['watchManagement'];
  limits: Limits;
  apiKeys: AcceptedKeys;
};

/** Fills in the defaults. */
export function settingsFrom(options: EmulatorOptions): Settings {
  return {
    receiverCa: options.receiverCa,
    watchManagement: options.watchManagement,
    port: options.port ?? 0,
    tls: options.tls,
    apiKeys: {
      full: 'emulator-key',
      inferenceOnly: 'emulator-inference-only-key',
      gateway: 'emulator-gateway-key',
      ...options.apiKeys,
    },
    clock: options.clock ?? realClock,
    webhookSecrets: options.webhookSecrets ?? ['whsec_emulator'],
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    requestLimits: options.requestLimits ?? [],
    asyncConcurrency: options.asyncConcurrency ?? 4,
    asyncEnabled: options.asyncEnabled ?? true,
    wakeMs: options.wakeMs ?? 3_000,
    changeMs: options.changeMs ?? 500,
    scaleDownDelayMs: options.scaleDownDelayMs ?? 900_000,
    transcribeMs: options.transcribeMs ?? 3_000,
    tokenMs: options.tokenMs ?? 0,
    maxRecordedRequests: options.maxRecordedRequests ?? 1_000,
  };
}
