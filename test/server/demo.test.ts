import { readdir } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import $ from 'tinyspawn';
import { PROJECT } from '../../host/install/pack';
import { temporaryFolder, type TemporaryFolder } from '../../host/temporaryFolder';
import { installedHost } from '../support/installedHost';

/** How a script ended. */
interface Ended {
  code: number;
  out: string;
  err: string;
}

const MINUTE = 60_000;

/** Runs a script with this Node, in the project. */
async function run(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const { exitCode, stdout, stderr } = await $(process.execPath, args, {
    cwd: PROJECT,
    env: { ...process.env, ...env },
    timeout: 6 * MINUTE,
    reject: false,
  });
  return { code: exitCode ?? -1, out: stdout, err: stderr };
}

const demo = async (args: string[], env?: NodeJS.ProcessEnv) =>
  await run(['--import', 'tsx', 'host/demo/demo.ts', ...args], env);

describe('the demo says in one sentence', () => {
  let busy: Server;
  let cache: TemporaryFolder;

  beforeAll(async () => {
    cache = await temporaryFolder('cache');
    busy = createServer();
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    await new Promise((resolve) => busy.close(resolve));
    await cache.remove();
  });

  test(
    'that a port is busy',
    async () => {
      const { port } = busy.address() as AddressInfo;
      const { code, err } = await demo(['--once', '--port', String(port)]);
      expect(err).toBe(
        `Port ${port} is already in use: stop what uses it, or give another with --port.`,
      );
      expect(code).toBe(1);
    },
    MINUTE,
  );

  test(
    'that a port is not a number',
    async () => {
      const { code, err } = await demo(['--port', 'here']);
      expect(err).toBe('--port takes a port number from 1 to 65535, not "here".');
      expect(code).toBe(1);
    },
    MINUTE,
  );

  test(
    'which options it takes',
    async () => {
      const { code, err } = await demo(['--twice']);
      expect(err).toBe("Unknown option '--twice': the demo takes --once and --port <number>.");
      expect(code).toBe(1);
    },
    MINUTE,
  );

  test(
    'that there is no registry, and leaves nothing half-installed',
    async () => {
      const nobody = 'http://127.0.0.1:9/';
      const { code, err } = await demo(['--once'], {
        N8N_NODES_BASETEN_CACHE: cache.path,
        npm_config_registry: nobody,
      });
      expect(err.split('\n')).toHaveLength(1);
      expect(err).toContain("the npm registry can't be reached");
      expect(code).toBe(1);
      expect(await readdir(cache.path)).toEqual([]);
    },
    2 * MINUTE,
  );

  test('that Node is too old', async () => {
    const pretend = "Object.defineProperty(process, 'version', { value: 'v18.12.0' });";
    const { code, err } = await run(['-e', `${pretend} require('./host/install/checkNode.js')`]);
    expect(err).toMatch(/^This needs Node \d+\.\d+ or newer and runs on 18\.12\.0: .*\.$/);
    expect(code).toBe(1);
  });
});

test(
  'the demo runs every example and ends well',
  async () => {
    await installedHost();
    const { code, out, err } = await demo(['--once'], { BASETEN_API_KEY: '' });
    expect(err).toBe('');
    expect(out).toMatch(/(\d+) of \1 workflows gave what they should\./);
    expect(code).toBe(0);
  },
  20 * MINUTE,
);
