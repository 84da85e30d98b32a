import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../chaos/random';
import type { QueueWithEmulator } from '../queue/queueWithEmulator';

const VICTIMS = ['worker', 'webhook', 'main', 'redis'] as const;
type Victim = (typeof VICTIMS)[number];

/** What is killed, and how many milliseconds after the batch was called. */
export interface Kill {
  victim: Victim;
  atMs: number;
}

/**
 * The kills of one batch: each kind of process once and two of them a second time, all at random
 * moments.
 * @param withinMs the time in which they happen
 */
export function killsOf(seed: number, withinMs: number): Kill[] {
  const random = new Random(seed);
  const victims = [...VICTIMS, random.one(VICTIMS), random.one(VICTIMS)];
  return victims
    .map((victim) => ({ victim, atMs: Math.round(random.between(0, withinMs)) }))
    .sort((a, b) => a.atMs - b.atMs);
}

/**
 * Kills what is named when its time has come, and starts it again, as a container runtime does.
 * Returns when all of it runs again.
 */
export async function killAll(setup: QueueWithEmulator, kills: Kill[]): Promise<void> {
  const start = Date.now();
  const killInTurn = async (victim: Victim) => {
    for (const { atMs } of kills.filter((each) => each.victim === victim)) {
      await pause(Math.max(start + atMs - Date.now(), 0));
      await kill(setup, victim);
    }
  };
  await setup.replacing(async () => {
    await Promise.all(VICTIMS.map(killInTurn));
  });
}

async function kill({ queue }: QueueWithEmulator, victim: Victim): Promise<void> {
  if (victim === 'main') return await queue.restartMain('SIGKILL');
  if (victim === 'redis') {
    await queue.redis.kill('SIGKILL');
    return await queue.redis.start();
  }
  await queue.members.find(({ kind }) => kind === victim)?.kill('SIGKILL');
}
