import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import { Problem } from '../problem';
import type { OnProgress } from './types';

const TRY_EVERY_MS = 500;
/**
 * A process that was killed leaves its lock behind. One that is at work renews it four times in
 * this time.
 */
const ABANDONED_AFTER_MS = 60_000;

/** The right to install into a cache folder. */
export interface CacheLock {
  /**
   * Aborts if another process has taken the lock, which a long sleep of the machine can lead to.
   */
  lost: AbortSignal;
  release(): Promise<void>;
}

/**
 * Makes the cache folder and waits until no other process installs into it. This also works between
 * containers that share the folder.
 * @param onProgress is told if it has to wait
 * @throws {Problem} if the folder can't be made or written to
 */
export async function lockCache(
  cache: string,
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<CacheLock> {
  const lost = new AbortController();
  const options = {
    lockfilePath: join(cache, '.lock'),
    stale: ABANDONED_AFTER_MS,
    update: ABANDONED_AFTER_MS / 4,
    onCompromised: (error: Error) => lost.abort(error),
  };
  for (;;) {
    try {
      await mkdir(cache, { recursive: true });
      const release = await lock(cache, options);
      return {
        lost: lost.signal,
        async release() {
          if (!lost.signal.aborted) await release();
        },
      };
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'ELOCKED')
        throw new Problem(
          `n8n can't be kept in ${cache} (${message}): ` +
            'name another folder in N8N_NODES_BASETEN_CACHE.',
        );
    }
    onProgress({ text: 'waiting for another process that installs n8n' });
    await pause(TRY_EVERY_MS, undefined, { signal });
  }
}
