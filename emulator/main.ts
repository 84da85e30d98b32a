import { parseArgs } from 'node:util';
import type { Emulator } from './emulator';
import { CHAIN_IDS, MODEL_IDS } from './ids';
import { startEmulator } from './server';

const DEFAULT_PORT = 4010;
const USAGE = 'Usage: npm run emulator -- [--port 4010]';

async function main(): Promise<void> {
  const port = portFromArguments();
  if (port === undefined) return fail(`The port has to be a number from 0 to 65535. ${USAGE}`);
  try {
    // A few milliseconds a token, so that a person sees streaming.
    const emulator = await startEmulator({ port, tokenMs: 15 });
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

function portFromArguments(): number | undefined {
  try {
    const { values } = parseArgs({ options: { port: { type: 'string' } } });
    const port = Number(values.port ?? DEFAULT_PORT);
    return Number.isInteger(port) && port >= 0 && port <= 65_535 ? port : undefined;
  } catch {
    return undefined;
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
