import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function run(...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'emulator/main.ts', ...args], {
    cwd: ROOT,
  });
  children.push(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (output.stdout += chunk));
  child.stderr.on('data', (chunk) => (output.stderr += chunk));
  const exited = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
  const printed = (text: string) =>
    new Promise<void>((resolve) => {
      const look = () => output.stdout.includes(text) && resolve();
      child.stdout.on('data', look);
      child.on('exit', () => resolve());
    });
  return { child, output, exited, printed };
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  'prints where it is and stops at %s',
  async (signal) => {
    const { child, output, exited, printed } = run('--port', '0');
    await printed('Ctrl+C');
    expect(output.stdout).toMatch(/http:\/\/127\.0\.0\.1:\d+\/\{kind\}-\{id\}/);
    expect(output.stdout).toContain('emulator-key');
    child.kill(signal);
    expect(await exited).toBe(0);
  },
  30_000,
);

test('says in one sentence that its port is busy', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { output, exited } = run('--port', String(port));
  expect(await exited).toBe(1);
  expect(output.stderr).toBe(
    `Port ${port} is in use by another program. Choose another one with --port.\n`,
  );
  await new Promise((resolve) => server.close(resolve));
}, 30_000);

test('refuses a key without its certificate', async () => {
  const { output, exited } = run('--port', '0', '--tls-key', 'key.pem');
  expect(await exited).toBe(1);
  expect(output.stderr).toContain('TLS needs a key and a certificate.');
}, 30_000);

test('refuses a port that is not a number', async () => {
  const { output, exited } = run('--port', 'many');
  expect(await exited).toBe(1);
  expect(output.stderr).toContain('The port has to be a number');
}, 30_000);
