import { randomBytes } from 'node:crypto';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from 'pg';
import type { Host } from '../install/types';
import { type N8n, n8nService, READY_WITHIN_MS, startN8n } from '../n8n/n8n';
import { n8nEnvironment } from '../n8n/env';
import { freePort } from '../ports';
import { type Proxy, startProxy } from '../proxy/proxy';
import { createDatabase, type Database } from './postgres';
import { type Redis, startRedis } from './redis';
import type { Service } from '../service';
import { temporaryFolder, type TemporaryFolder } from '../temporaryFolder';

/**
 * The kinds of processes besides main, the command that starts each, and what it prints when it is
 * ready.
 */
const KINDS = {
  webhook: { args: ['webhook'], ready: 'Webhook listener waiting for requests' },
  worker: { args: ['worker'], ready: 'n8n worker is now ready' },
};

/** How n8n is started in queue mode. */
export interface QueueOptions {
  host: Host;
  webhooks: number;
  workers: number;
  /** How many executions one worker works on side by side; 10 is n8n's default. */
  concurrency?: number;
  /** Puts HAProxy with the limit of the docs into the proxy. */
  withLimit?: boolean;
  /** More settings of n8n, for all its processes. */
  env?: Record<string, string>;
  /** Is called with what is being started. */
  onStep?: (text: string) => void;
  /** Gives up the start. */
  signal?: AbortSignal;
}

/** One webhook processor or worker. */
export interface Member {
  /** For example `worker 1`. A replacement gets a new number. */
  name: string;
  kind: keyof typeof KINDS;
  pid: number;
  logs(): string;
  /** Resolves when it has ended, however it did. */
  ended: Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** n8n in queue mode, as processes on loopback. */
export interface Queue {
  main: N8n;
  redis: Redis;
  /** In front of main and the webhook processors. */
  proxy: Proxy;
  /** A connection to n8n's database. */
  sql: Client;
  /** The webhook processors and workers that run now. */
  readonly members: Member[];
  /** Starts one more and waits until it is ready. */
  add(kind: Member['kind']): Promise<Member>;
  /**
   * Ends main with this signal, and starts it again.
   * @param onEnded is called when it has ended
   */
  restartMain(signal: NodeJS.Signals, onEnded?: () => void): Promise<void>;
  /** Ends one politely. */
  remove(member: Member): Promise<void>;
  /**
   * Ends everything and removes all that it left. Can be called at any time, and more than once.
   */
  close(): Promise<void>;
}

/**
 * Starts Redis, a database, main, webhook processors and workers, all with the packed nodes, and
 * the proxy of the docs in front of them. Leaves nothing behind if that fails.
 * @throws {Problem} if Redis, PostgreSQL or Caddy is missing
 */
export async function startQueue(options: QueueOptions): Promise<Queue> {
  const queue = new RunningQueue(options);
  const giveUp = () => void queue.close();
  options.signal?.addEventListener('abort', giveUp, { once: true });
  try {
    await queue.open();
    options.signal?.throwIfAborted();
    return queue;
  } catch (error) {
    await queue.close();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', giveUp);
  }
}

class RunningQueue implements Queue {
  main!: N8n;
  redis!: Redis;
  proxy!: Proxy;
  sql!: Client;
  readonly members: Member[] = [];

  private temporary: TemporaryFolder | undefined;
  private database: Database | undefined;
  private readonly services = new Set<Service>();
  private readonly encryptionKey = randomBytes(24).toString('hex');
  private readonly giveUp = new AbortController();
  private started = 0;
  /** Ports that the proxy knows, of webhook processors that don't run. */
  private readonly freeWebhookPorts: number[] = [];
  private opening: Promise<void> | undefined;
  private closing: Promise<void> | undefined;

  constructor(private readonly options: QueueOptions) {}

  open(): Promise<void> {
    this.opening ??= this.start();
    return this.opening;
  }

  private async start(): Promise<void> {
    const { webhooks, workers, withLimit, onStep = () => undefined } = this.options;
    onStep('Redis and PostgreSQL');
    this.temporary = await temporaryFolder('queue');
    this.redis = await startRedis(join(this.folder, 'redis'));
    this.database = await createDatabase();
    this.sql = await this.database.connect();
    // At the end the database is dropped while this connection is open.
    this.sql.on('error', () => undefined);
    const port = await freePort();
    for (let processor = 0; processor < webhooks; processor++)
      this.freeWebhookPorts.push(await freePort());
    this.proxy = await startProxy({
      main: port,
      webhooks: [...this.freeWebhookPorts],
      withLimit,
    });
    onStep('n8n main');
    this.main = await this.startMain(port);
    onStep(`${webhooks} webhook processors, ${workers} workers`);
    await Promise.all([
      ...Array.from({ length: webhooks }, () => this.add('webhook')),
      ...Array.from({ length: workers }, () => this.add('worker')),
    ]);
    await this.proxy.passes();
  }

  async restartMain(signal: NodeJS.Signals, onEnded = () => {}): Promise<void> {
    await this.main.kill(signal);
    onEnded();
    this.main = await this.startMain(this.main.port, false);
  }

  /** @param project as in `startN8n` */
  private async startMain(port: number, project?: false): Promise<N8n> {
    return await startN8n({
      host: this.options.host,
      userFolder: join(this.folder, 'main'),
      port,
      env: this.env(),
      project,
      signal: this.giveUp.signal,
    });
  }

  async add(kind: Member['kind']): Promise<Member> {
    const { host, concurrency } = this.options;
    const name = `${kind} ${++this.started}`;
    const userFolder = join(this.folder, name.replace(' ', '-'));
    const nodes = join('.n8n', 'nodes');
    await cp(join(this.folder, 'main', nodes), join(userFolder, nodes), { recursive: true });
    const port = kind === 'webhook' ? this.freeWebhookPorts.shift() : await freePort();
    if (port === undefined) throw new Error('The proxy knows of no more webhook processors.');
    const brokerPort = await freePort();
    const env = { ...n8nEnvironment({ host, userFolder, port, brokerPort }), ...this.env() };
    const { args, ready } = KINDS[kind];
    const more =
      kind === 'worker' && concurrency !== undefined ? [`--concurrency=${concurrency}`] : [];
    this.giveUp.signal.throwIfAborted();
    const service = n8nService(host, [...args, ...more], userFolder, env);
    this.services.add(service);
    // Another one can take its place. The proxy finds out by itself that it is gone.
    if (kind === 'webhook') void service.ended.then(() => this.freeWebhookPorts.push(port));
    await service.ready(ready, READY_WITHIN_MS, this.giveUp.signal);
    const member: Member = {
      name,
      kind,
      pid: service.pid,
      logs: () => service.log,
      ended: service.ended,
      kill: (signal) => service.kill(signal),
    };
    this.members.push(member);
    void service.ended.then(() => this.members.splice(this.members.indexOf(member), 1));
    return member;
  }

  async remove(member: Member): Promise<void> {
    await member.kill('SIGTERM');
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    const quietly = async (what: Promise<unknown> | undefined) => {
      try {
        await what;
      } catch {
        // It never started, or has already ended.
      }
    };
    this.giveUp.abort();
    await quietly(this.opening);
    // A worker that ends politely first ends what it runs, which nobody waits for any more.
    await Promise.all([...this.services].map((service) => service.kill('SIGKILL')));
    await quietly(this.main?.kill('SIGKILL'));
    await quietly(this.proxy?.close());
    await quietly(this.sql?.end());
    await quietly(this.database?.drop());
    await quietly(this.redis?.stop());
    await this.temporary?.remove();
  }

  private get folder(): string {
    return this.temporary?.path ?? '';
  }

  /** The settings that all of n8n's processes share. */
  private env(): Record<string, string> {
    return {
      EXECUTIONS_MODE: 'queue',
      // Without a common key a worker could not read the credentials that main has saved.
      N8N_ENCRYPTION_KEY: this.encryptionKey,
      ...this.database?.env,
      QUEUE_BULL_REDIS_HOST: '127.0.0.1',
      QUEUE_BULL_REDIS_PORT: String(this.redis.port),
      // The proxy sends webhooks and the resume URLs of waiting executions to the webhook
      // processors, and only there.
      N8N_WEBHOOK_URL: this.proxy.url,
      WEBHOOK_URL: this.proxy.url,
      N8N_PROXY_HOPS: '2',
      N8N_DISABLE_PRODUCTION_MAIN_PROCESS: 'true',
      OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
      // By default a process has 2 connections, and its executions wait for them.
      DB_POSTGRESDB_POOL_SIZE: '8',
      ...this.options.env,
    };
  }
}
