import type { TlsIdentity } from './http/bothHttpVersions';
import { type Clock, realClock } from './clock';

/** Limits Baseten documents, all adjustable so that a test need not send 100 MB. */
export interface Limits {
  /** Largest request body, in bytes; beyond it 413. */
  bodyBytes: number;
  /** Largest async payload, in bytes; beyond it 413 naming both sizes. */
  asyncPayloadBytes: number;
  /** Status, cancel and queue status calls a second, for the whole organisation. */
  statusPerSecond: number;
  /** Async submissions a minute, for the whole organisation. */
  submitsPerMinute: number;
  /** Most texts in one embeddings, rerank or classify request. */
  batchSize: number;
  /** Longest predict or run_remote, in ms. */
  inferenceMs: number;
  /** Longest async attempt, in ms. */
  asyncInferenceMs: number;
  /** How long a finished async request can still be asked for, in ms. */
  statusRetentionMs: number;
}

const DEFAULT_LIMITS: Limits = {
  bodyBytes: 100_000_000,
  asyncPayloadBytes: 256 * 1024,
  statusPerSecond: 20,
  submitsPerMinute: 12_000,
  batchSize: 2048,
  inferenceMs: 1_200_000,
  asyncInferenceMs: 3_600_000,
  statusRetentionMs: 3_600_000,
};

export interface EmulatorOptions {
  /** TCP port on 127.0.0.1; 0 (the default) takes a free one. */
  port?: number;
  /** Serves https with this key and certificate; http without. */
  tls?: TlsIdentity;
  /** The two accepted keys; the second is refused by the management API. */
  apiKeys?: { full?: string; inferenceOnly?: string };
  /** The machine's clock by default. */
  clock?: Clock;
  /** Signing secrets, newest first. An empty list means that deliveries carry no signature. */
  webhookSecrets?: string[];
  limits?: Partial<Limits>;
  /** Async requests that one deployment works on side by side. */
  asyncConcurrency?: number;
  /** `false` answers every async submission with 503, as a workspace without the async service does. */
  asyncEnabled?: boolean;
  /** Time a deployment takes from zero to its first replica, in ms. */
  wakeMs?: number;
  /** Time without a request after which a deployment with no minimum replica goes to zero, in ms. */
  scaleDownDelayMs?: number;
  /** Time the transcriber takes, in ms. */
  transcribeMs?: number;
  /** Time between two tokens of a streamed answer, in ms. */
  tokenMs?: number;
  /** How many requests the log keeps. */
  maxRecordedRequests?: number;
}

export type Settings = Required<Omit<EmulatorOptions, 'limits' | 'apiKeys' | 'tls'>> & {
  tls: TlsIdentity | undefined;
  limits: Limits;
  apiKeys: { full: string; inferenceOnly: string };
};

/** Fills in what the caller left out. */
export function settingsFrom(options: EmulatorOptions): Settings {
  return {
    port: options.port ?? 0,
    tls: options.tls,
    apiKeys: {
      full: 'emulator-key',
      inferenceOnly: 'emulator-inference-only-key',
      ...options.apiKeys,
    },
    clock: options.clock ?? realClock,
    webhookSecrets: options.webhookSecrets ?? ['whsec_emulator'],
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    asyncConcurrency: options.asyncConcurrency ?? 4,
    asyncEnabled: options.asyncEnabled ?? true,
    wakeMs: options.wakeMs ?? 3_000,
    scaleDownDelayMs: options.scaleDownDelayMs ?? 900_000,
    transcribeMs: options.transcribeMs ?? 3_000,
    tokenMs: options.tokenMs ?? 0,
    maxRecordedRequests: options.maxRecordedRequests ?? 1_000,
  };
}
