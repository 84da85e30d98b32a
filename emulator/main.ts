import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { TlsIdentity } from './http/bothHttpVersions';
import type { Emulator } from './emulator';
import { CHAIN_IDS, MODEL_IDS } from './workspace/ids';
import { startEmulator } from './server';

const DEFAULT_PORT = 4010;
const USAGE = 'Usage: npm run emulator -- [--port 4010] [--tls-key key.pem --tls-cert cert.pem]';

async function main(): Promise<void> {
  const settings = settingsFromArguments();
  if (typeof settings === 'string') return fail(`${settings} ${USAGE}`);
  const { port } = settings;
  try {
    // A few milliseconds per token, so that a person sees the text come.
    const emulator = await startEmulator({ ...settings, tokenMs: 15 });
    const stop = () => void emulator.close();
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    announce(emulator);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const busy = `Port ${port} is in use by another program. Choose another one with --port.`;
    fail(code === 'EADDRINUSE' ? busy : `The emulator could not start: ${message}`);
  }
}

/** The options on the command line, or a sentence that says what is wrong with them. */
function settingsFromArguments(): { port: number; tls?: TlsIdentity } | string {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({ options: { port: text, 'tls-key': text, 'tls-cert': text } });
    const port = Number(values.port ?? DEFAULT_PORT);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      return 'The port has to be a number from 0 to 65535.';
    }
    const { 'tls-key': key, 'tls-cert': cert } = values;
    if (key === undefined && cert === undefined) return { port };
    if (key === undefined || cert === undefined) return 'TLS needs a key and a certificate.';
    return { port, tls: { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') } };
  } catch (error) {
    return `${(error as Error).message}.`;
  }
}

function announce(emulator: Emulator): void {
  const list = (kind: string, ids: Record<string, string>) =>
    Object.entries(ids).map(([name, id]) => `  ${kind} ${id}  ${name}`);
  const lines = [
    'Baseten emulator. Its models are simulated.',
    `  Deployment URL      ${emulator.deploymentUrl}`,
    `  Model API URL       ${emulator.modelApiUrl}`,
    `  Management URL      ${emulator.managementUrl}`,
    `  API key             ${emulator.apiKey}`,
    `  Inference-only key  ${emulator.inferenceOnlyKey}`,
    `  Gateway key         ${emulator.gatewayKey} (as Api-Key)`,
    `  Webhook secret      ${emulator.webhookSecrets.join(', ')}`,
    ...list('model', MODEL_IDS),
    ...list('chain', CHAIN_IDS),
    'Ctrl+C stops it.',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}

void main();
