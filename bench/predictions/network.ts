import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { selfSigned } from '../../host/emulator/certificate';
import { type EmulatorProcess, startEmulatorProcess } from '../../host/emulator/emulatorProcess';
import { type OwnProcess, startProcess } from '../../host/ownProcess';

/** An emulator with TLS and one without, each near and behind a delay, all in processes of their own. */
export interface Network {
  certFile: string;
  withTls: EmulatorProcess;
  withoutTls: EmulatorProcess;
  /** Where clients find them with so much delay each way. */
  urls(eachWayMs: number): { url: string; clearUrl: string };
  close(): Promise<void>;
}

/** @param eachWayMs the delays that there are to be, in milliseconds; 0 is there anyway */
export async function openNetwork(eachWayMs: number[]): Promise<Network> {
  const folder = await mkdtemp(join(tmpdir(), 'n8n-nodes-baseten-bench-'));
  const started: Array<{ stop(): Promise<void> }> = [];
  const keep = <T extends { stop(): Promise<void> }>(one: T): T => {
    started.push(one);
    return one;
  };
  const close = async () => {
    for (const one of started.reverse()) await one.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const { key, cert } = await selfSigned();
    await Promise.all([writeFile(keyFile, key, { mode: 0o600 }), writeFile(certFile, cert)]);
    const withTls = keep(await startEmulatorProcess({ keyFile, certFile }));
    const withoutTls = keep(await startEmulatorProcess());
    const urls = new Map([[0, { url: withTls.url, clearUrl: withoutTls.url }]]);
    for (const delay of new Set(eachWayMs.filter((ms) => ms > 0))) {
      const behind = async ({ port }: EmulatorProcess) =>
        keep(await startDelay(port, delay)).firstLine;
      urls.set(delay, {
        url: `https://127.0.0.1:${await behind(withTls)}`,
        clearUrl: `http://127.0.0.1:${await behind(withoutTls)}`,
      });
    }
    const urlsOf = (delay: number) =>
      urls.get(delay) ?? { url: withTls.url, clearUrl: withoutTls.url };
    return { certFile, withTls, withoutTls, urls: urlsOf, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Closes what a run left open and gives both sides time to notice: the next one begins without connections. */
export async function closeConnections(
  emulator: EmulatorProcess,
  eachWayMs: number,
): Promise<void> {
  await emulator.closeIdle();
  await pause(50 + 4 * eachWayMs);
}

async function startDelay(port: number, eachWayMs: number): Promise<OwnProcess> {
  return await startProcess(join(__dirname, 'delayProxy.ts'), [
    '--to',
    String(port),
    '--each-way',
    String(eachWayMs),
  ]);
}
