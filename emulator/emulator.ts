import type { Fault } from './http/faults';
import { newRequestId } from './workspace/ids';
import { type ModelApi, modelApi } from './models/catalog';
import type { Owner, OwnerDefinition } from './workspace/registry';
import type { RecordedRequest } from './http/requestLog';
import type { EmulatorState } from './state';
import type { DeliverOptions, Delivery } from './async/webhooks';

/** A running local Baseten. */
export interface Emulator {
  /** `http://127.0.0.1:PORT`, with TLS `https://…`. */
  readonly url: string;
  /** The key that may do everything. */
  readonly apiKey: string;
  /** A key that the management API answers with 403. */
  readonly inferenceOnlyKey: string;
  /** Template with `{kind}` and `{id}`, as the credential's custom endpoints want it. */
  readonly deploymentUrl: string;
  readonly modelApiUrl: string;
  readonly managementUrl: string;
  /** Every request received, oldest first; bounded in number and bytes. */
  readonly requests: RecordedRequest[];
  clearRequests(): void;
  /** Requests received and not answered yet, and the most of them at once. */
  readonly inFlight: number;
  readonly peakInFlight: number;
  /** TCP connections clients have opened. */
  readonly connections: number;
  /** Sets `connections` to 0 and `peakInFlight` to what is in flight. */
  resetCounters(): void;
  readonly faults: { add(fault: Fault): void; clear(): void };
  /** Secrets that sign deliveries now, newest first. */
  readonly webhookSecrets: string[];
  /** Replaces the signing secret and returns the new one; the old one signs along for 24 h of the clock. */
  rotateWebhookSecret(): string;
  /** Adds a simulated model or chain, or replaces one. Throws RangeError for an ID with a hyphen. */
  addModel(definition: OwnerDefinition): Owner;
  addChain(definition: Omit<OwnerDefinition, 'kind'>): Owner;
  addModelApi(api: Partial<ModelApi> & { name: string }): void;
  /** The model or chain with its deployments. Throws a 404 BasetenError for one that isn't there. */
  owner(kind: 'model' | 'chain', id: string): Owner;
  /** Every webhook POST sent, oldest first; bounded. */
  readonly deliveries: Delivery[];
  /** Sends a hand-made delivery, once. Bytes and strings go out as they are, anything else as JSON. */
  deliver(
    url: string,
    payload: unknown,
    options?: DeliverOptions & { requestId?: string },
  ): Promise<Delivery>;
  /**
   * Sends the last delivery of an async request again, byte for byte. Throws RangeError where there was none.
   */
  redeliver(requestId: string): Promise<Delivery>;
  /** Closes the server with all its connections, and ends every wait. */
  close(): Promise<void>;
}

/** The emulator's object for `state`; `close` shuts its server. */
export function emulatorOf(state: EmulatorState, close: () => Promise<void>): Emulator {
  const { settings, log, webhooks, secrets, registry, url } = state;
  let closing: Promise<void> | undefined;
  return {
    url,
    apiKey: settings.apiKeys.full,
    inferenceOnlyKey: settings.apiKeys.inferenceOnly,
    deploymentUrl: `${url}/{kind}-{id}`,
    modelApiUrl: `${url}/inference/v1`,
    managementUrl: `${url}/management`,
    requests: log.requests,
    clearRequests: () => log.clear(),
    get inFlight() {
      return log.inFlight;
    },
    get peakInFlight() {
      return log.peakInFlight;
    },
    get connections() {
      return log.connections;
    },
    resetCounters: () => log.resetCounters(),
    faults: state.faults,
    get webhookSecrets() {
      return secrets.active();
    },
    rotateWebhookSecret: () => secrets.rotate(),
    addModel: (definition) => registry.add(definition),
    addChain: (definition) => registry.add({ ...definition, kind: 'chain' }),
    addModelApi: (api) => void state.modelApis.push(modelApi(api)),
    owner: (kind, id) => registry.get(kind, id),
    deliveries: webhooks.deliveries,
    deliver: (target, payload, { requestId = requestIdIn(payload), ...options } = {}) =>
      webhooks.post(target, requestId, bytesOf(payload), options),
    redeliver: async (requestId) => {
      const last = webhooks.deliveries.findLast((delivery) => delivery.requestId === requestId);
      if (!last) throw new RangeError(`Nothing was delivered for request ${requestId}.`);
      return webhooks.post(last.url, requestId, last.body);
    },
    close: () => (closing ??= close()),
  };
}

function bytesOf(payload: unknown): Buffer {
  if (Buffer.isBuffer(payload)) return payload;
  return Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
}

const requestIdIn = (payload: unknown) =>
  ((payload as { request_id?: string } | null)?.request_id as string | undefined) ?? newRequestId();
