// Decisions: docs/decisions.md, "The emulator knows Baseten's documents alone".

import type { DeliverOptions, Delivery } from './async/webhooks';
import type { Fault } from './http/faults';
import type { RecordedRequest } from './http/requestLog';
import type { RequestLimit } from './http/requestLimits';
import type { AuditLog } from './management/auditLog';
import type { Billing } from './management/billing';
import type { Environments } from './management/environments';
import type { Lifecycle } from './management/lifecycle';
import type { LogStore } from './management/logs';
import { type ModelApi, modelApi } from './models/catalog';
import type { EmulatorState } from './state';
import { newRequestId } from './workspace/ids';
import type { Owner, OwnerDefinition } from './workspace/registry';

/** A running local Baseten. */
export interface Emulator {
  /** `http://127.0.0.1:PORT`, with TLS `https://…`. */
  readonly url: string;
  /** The key that may do everything. */
  readonly apiKey: string;
  /** A key that the management API refuses with 403. */
  readonly inferenceOnlyKey: string;
  /** A Frontier Gateway's key, which is known as `Api-Key` only. */
  readonly gatewayKey: string;
  /** Template with `{kind}` and `{id}`, as the credential's Custom Endpoints take it. */
  readonly deploymentUrl: string;
  readonly modelApiUrl: string;
  readonly managementUrl: string;
  /** Every request received, oldest first; bounded in number and bytes. */
  readonly requests: RecordedRequest[];
  /** Empties `requests`. */
  clearRequests(): void;
  /** Requests whose response has not ended. */
  readonly inFlight: number;
  /** The most requests in flight at once. */
  readonly peakInFlight: number;
  /** TCP connections that clients have opened. */
  readonly connections: number;
  /** Sets `connections` to 0 and `peakInFlight` to what is in flight. */
  resetCounters(): void;
  /** What goes wrong on demand. `add` throws a TypeError if the kind is unknown. */
  readonly faults: { add(fault: Fault): void; clear(): void };
  /** Takes the place of all limits of requests; with none, nothing is limited. */
  limitRequests(limits: RequestLimit[]): void;
  /** Moves deployments from status to status: `failNext` lets the next start of one fail. */
  readonly lifecycle: Lifecycle;
  /** The environments, and the promotions to them. */
  readonly environments: Environments;
  /** What deployments and chainlets have logged. A test adds lines. */
  readonly logs: LogStore;
  /** What usage costs. A test sets `costsOf`. */
  readonly billing: Billing;
  /** What was done in the workspace. */
  readonly auditLog: AuditLog;
  /** The secrets that sign deliveries now, newest first. */
  readonly webhookSecrets: string[];
  /**
   * Makes a new signing secret and returns it. The old one signs, too, for 24 hours of the clock.
   */
  rotateWebhookSecret(): string;
  /**
   * Adds a simulated model or chain, or replaces one.
   * @throws {RangeError} If the ID has other characters than letters and digits.
   */
  addModel(definition: OwnerDefinition): Owner;
  /** Adds a chain as `addModel` does. */
  addChain(definition: Omit<OwnerDefinition, 'kind'>): Owner;
  /** Adds a Model API with the usual values for what isn't given. */
  addModelApi(api: Partial<ModelApi> & { name: string }): void;
  /**
   * The model or chain with its deployments.
   * @throws {Refusal} 404 if there is none of that ID.
   */
  owner(kind: 'model' | 'chain', id: string): Owner;
  /** Every webhook POST sent, oldest first; bounded. */
  readonly deliveries: Delivery[];
  /**
   * Sends a delivery made by hand, once. Bytes and strings are sent as they are, anything else as
   * JSON.
   */
  deliver(
    url: string,
    payload: unknown,
    options?: DeliverOptions & { requestId?: string },
  ): Promise<Delivery>;
  /**
   * Sends the last delivery of an async request again, byte for byte.
   * @throws {RangeError} If there was none.
   */
  redeliver(requestId: string): Promise<Delivery>;
  /** Closes the server with all its connections, and ends every wait. Can be called again. */
  close(): Promise<void>;
}

/** The `Emulator` over a state. `close` is called once, to close the server. */
export function emulatorOf(state: EmulatorState, close: () => Promise<void>): Emulator {
  const { settings, log, webhooks, secrets, registry, url } = state;
  let closing: Promise<void> | undefined;
  return {
    url,
    apiKey: settings.apiKeys.full,
    inferenceOnlyKey: settings.apiKeys.inferenceOnly,
    gatewayKey: settings.apiKeys.gateway,
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
    lifecycle: state.lifecycle,
    environments: state.environments,
    logs: state.logs,
    billing: state.billing,
    auditLog: state.auditLog,
    limitRequests: (limits) => state.requestLimits.set(limits),
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
