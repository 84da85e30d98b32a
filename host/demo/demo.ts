import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { printTable } from './table';
import { EXAMPLES } from './examples';
import { ensureHost, findHost } from '../install/install';
import type { Host } from '../install/types';
import { OWNER } from '../n8n/api';
import { FAST_WEBHOOKS, startTestBed, type TestBed } from '../n8n/testBed';
import { PROJECT } from '../install/pack';
import { freePort, requireFree } from '../ports';
import { Problem } from '../problem';
import { progressView } from '../install/progress';
import { hasProxy } from '../proxy/proxy';
import { type ExampleResult, runExample } from './runExample';

/** n8n's own port. It is taken if it is free and nobody asked for another. */
const USUAL_PORT = 5678;

const say = (line = '') => process.stdout.write(`${line}\n`);

/**
 * Installs and starts n8n, runs every example and, without `--once`, stays up until `signal`
 * aborts. Returns the exit code.
 */
async function demo(signal: AbortSignal): Promise<number> {
  const { once, port: wantedPort } = readOptions();
  const apiKey = process.env.BASETEN_API_KEY || undefined;
  if (!existsSync(join(PROJECT, 'dist')))
    throw new Problem('The nodes are not built: run `npm run build` first.');
  const port = wantedPort ? await requireFree(wantedPort, '--port') : await usualPort();

  const whose = apiKey
    ? 'the service that BASETEN_API_KEY belongs to'
    : 'simulated, no account needed';
  say(`Baseten workflows in a real n8n. Baseten: ${whose}.`);
  const host = await install(signal);
  signal.throwIfAborted();

  say(`Starting n8n ${host.version} …`);
  const withProxy = hasProxy();
  if (!withProxy) say('Caddy is not installed: results that come while n8n starts would be lost.');
  const testBed = await startTestBed({
    host,
    port,
    withProxy,
    apiKey,
    env: FAST_WEBHOOKS,
    signal,
  });
  try {
    const seconds = Math.round(testBed.n8n.bootMs / 1000);
    say(`n8n is up after ${seconds} s. Running ${EXAMPLES.length} example workflows …`);
    const results: ExampleResult[] = [];
    const stopped = rejectsOn(signal);
    for (const example of EXAMPLES)
      results.push(await Promise.race([runExample(testBed, example), stopped]));
    printTable(results, say);
    const passed = results.every(({ outcome }) => outcome);
    if (!once) await stayUp(testBed, signal);
    return passed ? 0 : 1;
  } finally {
    await testBed.close();
  }
}

function readOptions(): { once: boolean; port: string | undefined } {
  try {
    const { values } = parseArgs({
      options: { once: { type: 'boolean' }, port: { type: 'string' } },
    });
    return { once: values.once ?? false, port: values.port };
  } catch (error) {
    throw new Problem(
      `${(error as Error).message.split('.')[0]}: the demo takes --once and --port <number>.`,
    );
  }
}

async function install(signal: AbortSignal): Promise<Host> {
  const { host, ready } = findHost();
  if (ready) return host;
  say(`Installing n8n ${host.version}, once, into ${host.folder}: about 2.2 GB, 3 to 6 minutes.`);
  const progress = progressView();
  try {
    const installed = await ensureHost(progress.show, signal);
    progress.stop();
    say(`n8n is installed (${installed.installSeconds} s).`);
    return installed;
  } finally {
    progress.stop();
  }
}

/** n8n's own port, or another one if that is not free. */
async function usualPort(): Promise<number> {
  try {
    return await requireFree(USUAL_PORT, '--port');
  } catch {
    return await freePort();
  }
}

/** A promise that rejects when `signal` aborts. */
function rejectsOn(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/**
 * Says where n8n is, and returns when the person stops it.
 * @throws {Error} if n8n ends by itself
 */
async function stayUp({ n8n, url, emulator }: TestBed, signal: AbortSignal): Promise<void> {
  say(`\nThe editor:  ${url}`);
  say(`Log in with: ${OWNER.email} / ${OWNER.password}`);
  if (emulator) say(`Simulated Baseten: ${emulator.url} (key ${emulator.apiKey})`);
  say('\nCtrl-C stops it and removes what the demo made.');
  const stopped = new Promise<'stopped'>((resolve) =>
    signal.addEventListener('abort', () => resolve('stopped')),
  );
  // The open pipes of n8n keep this process alive; handlers alone would not.
  const why = await Promise.race([stopped, n8n.ended.then(() => 'ended')]);
  if (why === 'ended')
    throw new Error(`n8n ended by itself. The end of its log:\n${n8n.logs().slice(-3000)}`);
}

const interrupt = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    if (!interrupt.signal.aborted) say('\nStopping …');
    interrupt.abort();
  });
}

async function main(): Promise<void> {
  try {
    process.exit(await demo(interrupt.signal));
  } catch (error) {
    if (interrupt.signal.aborted) process.exit(130);
    // A problem is a sentence for the person. Anything else is a fault of ours, and its stack helps
    // to find it.
    console.error(error instanceof Problem ? error.message : error);
    process.exit(1);
  }
}

void main();
