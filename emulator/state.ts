import { setMaxListeners } from 'node:events';
import { AsyncRequests } from './async/queue';
import type { Clock } from './clock';
import { FaultList } from './http/faults';
import { Lifetimes } from './workspace/lifetimes';
import { type ModelApi, SIMULATED_MODEL_APIS } from './models/catalog';
import type { Settings } from './options';
import { RateLimit } from './http/rateLimit';
import { Registry } from './workspace/registry';
import { RequestLog } from './http/requestLog';
import { WebhookSecrets } from './async/webhookSecrets';
import { WebhookSender } from './async/webhooks';

/** Everything an emulator remembers. */
export class EmulatorState {
  readonly clock: Clock;
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
  readonly modelApis: ModelApi[] = [...SIMULATED_MODEL_APIS];
  /** `http://127.0.0.1:PORT` or `https://…`, known once the server listens. */
  url = '';
  private readonly stop = new AbortController();

  constructor(readonly settings: Settings) {
    const { clock, limits } = settings;
    this.clock = clock;
    this.stopped = this.stop.signal;
    // Every wait under way listens to it; many at once are no leak.
    setMaxListeners(0, this.stopped);
    this.log = new RequestLog(settings.maxRecordedRequests);
    this.registry = new Registry(settings, this.stopped);
    this.secrets = new WebhookSecrets(clock, settings.webhookSecrets);
    this.webhooks = new WebhookSender(clock, this.secrets, this.lifetimes, this.stopped);
    this.asyncRequests = new AsyncRequests(this);
    this.statusLimit = new RateLimit(clock, limits.statusPerSecond, 1_000, 'status requests');
    this.submitLimit = new RateLimit(clock, limits.submitsPerMinute, 60_000, 'async submissions');
  }

  /** Ends every wait and delivery. */
  async close(): Promise<void> {
    this.stop.abort();
    this.lifetimes.abortAll();
    await this.webhooks.close();
  }
}
