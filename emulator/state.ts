import { setMaxListeners } from 'node:events';
import { AsyncRequests } from './async/queue';
import { WebhookSender } from './async/webhooks';
import { WebhookSecrets } from './async/webhookSecrets';
import type { Clock } from './clock';
import { FaultList } from './http/faults';
import { RateLimit, WindowCount } from './http/rateLimit';
import { RequestLimits } from './http/requestLimits';
import { RequestLog } from './http/requestLog';
import { type ModelApi, SIMULATED_MODEL_APIS } from './models/catalog';
import { AuditLog } from './management/auditLog';
import { Billing } from './management/billing';
import { Environments } from './management/environments';
import { Lifecycle } from './management/lifecycle';
import { LogStore } from './management/logs';
import type { Limits, Settings } from './options';
import { Lifetimes, type Runtime } from './runtime';
import { Registry } from './workspace/registry';

/** Everything an emulator remembers. Routes get all of it; what it holds gets only a `Runtime`. */
export class EmulatorState implements Runtime {
  readonly clock: Clock;
  readonly limits: Limits;
  readonly stopped: AbortSignal;
  readonly lifetimes = new Lifetimes();
  readonly log: RequestLog;
  readonly faults = new FaultList();
  readonly registry: Registry;
  readonly secrets: WebhookSecrets;
  readonly webhooks: WebhookSender;
  readonly asyncRequests: AsyncRequests;
  readonly statusLimit: RateLimit;
  readonly submitLimit: RateLimit;
  readonly changeLimit: RateLimit;
  readonly requestLimits: RequestLimits;
  readonly lifecycle: Lifecycle;
  readonly environments: Environments;
  readonly logs: LogStore;
  readonly billing: Billing;
  readonly auditLog: AuditLog;
  readonly modelApis: ModelApi[] = [...SIMULATED_MODEL_APIS];
  /** `http://127.0.0.1:PORT` or `https://…`, known once the server listens. */
  url = '';
  private readonly stop = new AbortController();

  constructor(readonly settings: Settings) {
    const { clock, limits } = settings;
    this.clock = clock;
    this.limits = limits;
    this.stopped = this.stop.signal;
    // Every wait under way listens to this signal: many listeners are not a leak.
    setMaxListeners(0, this.stopped);
    this.log = new RequestLog(settings.maxRecordedRequests);
    this.registry = new Registry(settings, this.stopped);
    this.secrets = new WebhookSecrets(clock, settings.webhookSecrets);
    this.webhooks = new WebhookSender(this, this.secrets, settings.receiverCa);
    this.asyncRequests = new AsyncRequests(this, this.webhooks);
    const statuses = new WindowCount(clock, limits.statusPerSecond, 1_000);
    this.statusLimit = new RateLimit(clock, statuses, 'status requests');
    const submissions = new WindowCount(clock, limits.submitsPerMinute, 60_000);
    this.submitLimit = new RateLimit(clock, submissions, 'async submissions');
    const changes = new WindowCount(clock, limits.changesPerMinute, 60_000);
    this.changeLimit = new RateLimit(clock, changes, 'changes of deployments', 'body');
    this.lifecycle = new Lifecycle(clock, this.stopped, settings.changeMs);
    this.environments = new Environments(clock, this.stopped, settings.changeMs);
    this.logs = new LogStore(clock);
    this.billing = new Billing(clock);
    this.auditLog = new AuditLog(clock);
    this.requestLimits = new RequestLimits(clock, settings.requestLimits);
  }

  /** Ends every wait and every delivery. */
  async close(): Promise<void> {
    this.stop.abort();
    this.lifetimes.abortAll();
    await this.webhooks.close();
  }
}
