import { randomBytes } from 'node:crypto';
import { chown, readdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { Client, type ClientConfig } from 'pg';
import { coerce, compare } from 'semver';
import $ from 'tinyspawn';
import { freePort } from '../ports';
import { Problem } from '../problem';
import { requireOnPath } from './redis';
import { Service } from '../service';
import { temporaryFolder } from '../temporaryFolder';

const READY = 'database system is ready to accept connections';
const READY_WITHIN_MS = 30_000;
const CONNECT_WITHIN_MS = 5_000;
/** Where Debian keeps the server's programs, a folder for each version. */
const DEBIAN = '/usr/lib/postgresql';
const HINT =
  'Set PGHOST, PGPORT, PGUSER and PGPASSWORD for a PostgreSQL that runs, or install one ' +
  '(Debian and Ubuntu: apt-get install postgresql).';

/** A PostgreSQL database of our own. */
export interface Database {
  /** The settings with which n8n uses it. */
  env: Record<string, string>;
  /** A connection of its own to it; the caller ends it. */
  connect(): Promise<Client>;
  /** Drops it, and stops the server if that is our own. */
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
 * Makes a new database. The server is the one that the `PG*` variables name, without them the one
 * at 127.0.0.1:5432, and if there is none, one of our own.
 * @throws {Problem} if there is no PostgreSQL
 */
export async function createDatabase(env: NodeJS.ProcessEnv = process.env): Promise<Database> {
  const server = (await findServer(env)) ?? (await startServer());
  const { host, port, user, password } = server;
  const database = `n8n_nodes_baseten_${randomBytes(5).toString('hex')}`;
  const connect = async (name: string) =>
    await connected({ host, port, user, password, database: name });
  const asAdmin = async (statement: string) => {
    const client = await connect(env.PGDATABASE ?? 'postgres');
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
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
      try {
        // With force: a process that was killed may still count as connected.
        await asAdmin(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
      } finally {
        await server.stop();
      }
    },
  };
}

/** Returns the server that runs already, with a user that it accepts. */
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

/**
 * Starts a server of our own on a free port. PostgreSQL refuses to run as root, so root runs it as
 * `postgres`.
 */
async function startServer(): Promise<Server> {
  const folders = (await debianVersions()).map((version) => join(DEBIAN, version, 'bin'));
  const initdb = requireOnPath('initdb', 'postgresql', folders);
  const postgres = requireOnPath('postgres', 'postgresql', folders);
  const as = userInfo().uid === 0 ? await idsOf('postgres') : undefined;
  const temporary = await temporaryFolder('postgres');
  const folder = temporary.path;
  let service: Service | undefined;
  const stop = async () => {
    // SIGINT is its fast shutdown: it doesn't wait for clients.
    await service?.stop('SIGINT');
    await temporary.remove();
  };
  try {
    if (as) await chown(folder, as.uid, as.gid);
    const options = ['-D', folder, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'];
    await $(initdb, options, { cwd: folder, ...as });
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

/** The versions of PostgreSQL that are installed as Debian does it, the newest first. */
async function debianVersions(): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(DEBIAN);
  } catch {
    return [];
  }
  const version = (name: string) => coerce(name) ?? '0.0.0';
  return names.sort((a, b) => compare(version(b), version(a)));
}

/** The numbers of a user and its group. @throws {Problem} if there is no such user */
async function idsOf(user: string): Promise<{ uid: number; gid: number }> {
  try {
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map(async (what) => Number((await $('id', [what, user])).stdout)),
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
