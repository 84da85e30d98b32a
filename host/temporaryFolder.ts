import { rm } from 'node:fs/promises';
import { dir, setGracefulCleanup } from 'tmp-promise';

// A folder that nobody has removed goes when the process ends.
setGracefulCleanup();

/** A folder in the system's folder for temporary files. */
export interface TemporaryFolder {
  path: string;
  /** Removes it with all that is in it. It may be gone already. */
  remove(): Promise<void>;
}

/** Makes an empty folder. @param name what it is for; a part of the folder's name */
export async function temporaryFolder(name: string): Promise<TemporaryFolder> {
  const { path } = await dir({ prefix: prefix(name), unsafeCleanup: true });
  return {
    path,
    // A process that was just killed may still write to it, so it can take more than one try.
    remove: async () => await rm(path, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** Makes an empty folder that stays, for a person to look into. Returns its path. */
export async function keptFolder(name: string): Promise<string> {
  return (await dir({ prefix: prefix(name), keep: true })).path;
}

const prefix = (name: string) => `n8n-nodes-baseten-${name}`;
