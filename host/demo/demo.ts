import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { printTable } from './table';
import { EXAMPLES } from './examples';
import { ensureHost, findHost, type Host } from '../install/install';
import { OWNER } from '../n8n/api';
import { PROJECT } from '../install/pack';
import { freePort, requireFree } from '../ports';
import { Problem } from '../problem';
import { progressView } from '../install/progress';
import { openStage, play, type Played, type Stage } from './stage';

/** n8n's own port, taken when it is free and nobody asked for another. */
const USUAL_PORT = 5678;

const say = (line = '') => process.stdout.write(`${line}\n`);

/** Returns the exit code. */
async function demo(signal: AbortSignal): Promise<number> {
  const { once, port: wantedPort } = readOptions();
  const apiKey = process.env.BASETEN_API_KEY || undefined;
  if (!existsSync(join(PROJECT, 'dist')))
    throw new Problem('The nodes are not built: run `npm run build` first.');
  const port = wantedPort
    ? await requireFree(wantedPort, '--port')
    : await requireFree(USUAL_PORT, '--port').catch(freePort);

  const whose = apiKey
    ? 'the service that BASETEN_API_KEY belongs to'
    : 'simulated, no account needed';
  say(`Baseten workflows in a real n8n. Baseten: ${whose}.`);
  const host = await install(signal);
  signal.throwIfAborted();

  say(`Starting n8n ${host.version} …`);
  const stage = await openStage({ host, port, apiKey, signal });
  try {
    const seconds = Math.round(stage.n8n.bootMs / 1000);
    say(`n8n is up after ${seconds} s. Running ${EXAMPLES.length} example workflows …`);
    const played: Played[] = [];
    const stopped = rejectsOn(signal);
    for (const example of EXAMPLES)
      played.push(await Promise.race([play(stage, example), stopped]));
    printTable(played, say);
    const passed = played.every(({ outcome }) => outcome);
    if (!once) await stayUp(stage, signal);
    return passed ? 0 : 1;
  } finally {
    await stage.close();
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

function rejectsOn(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

async function stayUp({ n8n, emulator }: Stage, signal: AbortSignal): Promise<void> {
  say(`\nThe editor:  ${n8n.url}`);
  say(`Log in with: ${OWNER.email} / ${OWNER.password}`);
  if (emulator) say(`Simulated Baseten: ${emulator.url} (key ${emulator.apiKey})`);
  say('\nCtrl-C stops it and removes what the demo made.');
  const asked = new Promise<'asked'>((resolve) =>
    signal.addEventListener('abort', () => resolve('asked')),
  );
  // Handlers alone don't keep a process alive; n8n's open pipes do.
  const why = await Promise.race([asked, n8n.ended.then(() => 'ended')]);
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

demo(interrupt.signal)
  .catch((error: Error) => {
    if (interrupt.signal.aborted) return 130;
    // A problem is a sentence for the person; anything else is a fault of ours, and its stack helps to find it.
    console.error(error instanceof Problem ? error.message : error);
    return 1;
  })
  .then((code) => process.exit(code));
