import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, type ClientConfig } from 'pg';
import { freePort } from '../ports';
import { Problem } from '../problem';
import { requireOnPath } from './redis';
import { Service } from '../service';

const run = promisify(execFile);

const READY = 'database system is ready to accept connections';
const READY_WITHIN_MS = 30_000;
const CONNECT_WITHIN_MS = 5_000;
/** Where Debian keeps the server's programs, a folder for each version. */
const DEBIAN = '/usr/lib/postgresql';
const HINT =
  'Set PGHOST, PGPORT, PGUSER and PGPASSWORD for a PostgreSQL that runs, or install one (Debian and Ubuntu: apt-get install postgresql).';

/** A PostgreSQL database of our own. */
export interface Database {
  /** The settings with which n8n uses it. */
  env: Record<string, string>;
  /** A connection of its own to it; the caller ends it. */
  connect(): Promise<Client>;
  /** Drops it, and stops the server where that is ours too. */
  drop(): Promise<void>;
}

interface Server {
  host: string;
  port: number;
  user: string;
  password?: string;
  stop(): Promise<void>;
}

/**
 * Makes a fresh database on the server that the `PG*` variables name, on the one at 127.0.0.1:5432 without them, or,
 * where there is none, on a server of our own.
 * @throws a `Problem` where there is no PostgreSQL
 */
export async function createDatabase(env: NodeJS.ProcessEnv = process.env): Promise<Database> {
  const server = (await findServer(env)) ?? (await startServer());
  const { host, port, user, password } = server;
  const database = `n8n_nodes_baseten_${randomBytes(5).toString('hex')}`;
  const connect = async (name: string) =>
    await connected({ host, port, user, password, database: name });
  const asAdmin = async (statement: string) => {
    const client = await connect(env.PGDATABASE ?? 'postgres');
    await client.query(statement).finally(() => client.end());
  };
  try {
    await asAdmin(`CREATE DATABASE ${database}`);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    env: {
      DB_TYPE: 'postgresdb',
      DB_POSTGRESDB_HOST: host,
      DB_POSTGRESDB_PORT: String(port),
      DB_POSTGRESDB_USER: user,
      DB_POSTGRESDB_PASSWORD: password ?? '',
      DB_POSTGRESDB_DATABASE: database,
    },
    connect: () => connect(database),
    async drop() {
      // Whoever was killed may still count as connected.
      await asAdmin(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`).finally(server.stop);
    },
  };
}

/** The server that is there, with a user that it lets in. */
async function findServer(env: NodeJS.ProcessEnv): Promise<Server | undefined> {
  const host = env.PGHOST ?? '127.0.0.1';
  const port = Number(env.PGPORT ?? 5432);
  const password = env.PGPASSWORD;
  const users = env.PGUSER ? [env.PGUSER] : [...new Set(['postgres', userInfo().username])];
  let failure: Error | undefined;
  for (const user of users) {
    try {
      const client = await connected({
        host,
        port,
        user,
        password,
        database: env.PGDATABASE ?? 'postgres',
      });
      await client.end();
      return { host, port, user, password, stop: async () => undefined };
    } catch (error) {
      failure = error as Error;
    }
  }
  const named = env.PGHOST ?? env.PGPORT ?? env.PGUSER;
  if (named !== undefined)
    throw new Problem(`PostgreSQL at ${host}:${port} can't be used (${failure?.message}). ${HINT}`);
  return undefined;
}

/** A cluster of our own on a free port. PostgreSQL refuses to run as root: then it runs as the user `postgres`. */
async function startServer(): Promise<Server> {
  const versions = await readdir(DEBIAN).catch(() => []);
  const folders = versions
    .sort()
    .reverse()
    .map((version) => join(DEBIAN, version, 'bin'));
  const initdb = requireOnPath('initdb', 'postgresql', folders);
  const postgres = requireOnPath('postgres', 'postgresql', folders);
  const as = userInfo().uid === 0 ? await idsOf('postgres') : undefined;
  const folder = await mkdtemp(join(tmpdir(), 'n8n-nodes-baseten-postgres-'));
  let service: Service | undefined;
  const stop = async () => {
    // SIGINT is its fast shutdown: it doesn't wait for clients.
    await service?.stop('SIGINT');
    await rm(folder, { recursive: true, force: true });
  };
  try {
    if (as) await chown(folder, as.uid, as.gid);
    const options = ['-D', folder, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'];
    await run(initdb, options, { cwd: folder, ...as });
    const port = await freePort();
    const args = ['-D', folder, '-p', String(port), '-h', '127.0.0.1', '-k', folder];
    service = new Service({ name: 'PostgreSQL', command: postgres, args, cwd: folder, ...as });
    await service.ready(READY, READY_WITHIN_MS);
    return { host: '127.0.0.1', port, user: 'postgres', stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function idsOf(user: string): Promise<{ uid: number; gid: number }> {
  try {
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map(async (what) => Number((await run('id', [what, user])).stdout)),
    );
    return { uid: uid as number, gid: gid as number };
  } catch {
    throw new Problem(
      `PostgreSQL doesn't run as root, and there is no user "${user}" to run it as. ${HINT}`,
    );
  }
}

async function connected(config: ClientConfig): Promise<Client> {
  const client = new Client({ ...config, connectionTimeoutMillis: CONNECT_WITHIN_MS });
  await client.connect();
  return client;
}
