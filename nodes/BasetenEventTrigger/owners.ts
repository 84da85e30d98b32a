import { nameOf, pathOf } from '../shared/connection/endpoints';
import { BasetenError } from '../shared/errors/basetenError';
import type { Manage, Schemas } from '../shared/management/api';
import type { NamedOwner, World } from './event';
import type { Watched } from './settings';

/** After so many failures the rest of a poll is given up: then it is not one model's fault. */
const MOST_FAILURES = 3;

/** Statuses that mean that the key is at fault, so that no other read can succeed. */
const ABOUT_THE_KEY = [401, 403];

/** A model or chain of Baseten's lists. */
type Listed = Schemas['ModelV1'] | Schemas['ChainV1'];

/** What was read of models or chains. */
export interface ReadOwners<Entry> {
  /** All that there are. */
  owners: NamedOwner[];
  /** The entries of each that was read, by its ID. */
  entries: Map<string, Entry[]>;
  /** Why the others were not read. */
  failure?: unknown;
}

/**
 * Reads the list of deployments or environments of every model or chain that is watched: one call
 * each, side by side.
 * @param most how many are read, of those the newest; all by default
 * @throws {BasetenError} if the models or chains can't be listed, the only one can't be read, or
 * the key may not read them
 */
export async function readOwners<Entry>(
  { manage, places }: World,
  watched: Watched,
  what: 'deployments' | 'environments',
  most = Infinity,
): Promise<ReadOwners<Entry>> {
  const listed = await listOwners(manage, watched);
  const owners = listed.length > most ? newest(listed).slice(0, most) : listed;
  const entries = new Map<string, Entry[]>();
  const gone = new Set<string>();
  const failures: unknown[] = [];
  let fatal: unknown;
  await sideBySide(owners, places, async (owner) => {
    if (!owner.hasDeployments) return void entries.set(owner.id, []);
    if (fatal !== undefined || failures.length >= MOST_FAILURES) return;
    try {
      const answer = await manage<Record<string, Entry[] | undefined>>({
        path: [...pathOf(owner), what],
        subject: `the ${what} of ${nameOf(owner)}`,
      });
      entries.set(owner.id, answer[what] ?? []);
    } catch (error) {
      const status = error instanceof BasetenError ? error.status : undefined;
      if (watched.id !== '' || ABOUT_THE_KEY.includes(status ?? 0)) fatal ??= error;
      // It was deleted a moment after it was listed.
      else if (status === 404) gone.add(owner.id);
      else failures.push(error);
    }
  });
  if (fatal !== undefined) throw fatal;
  const [failure] = failures;
  return { owners: owners.filter(({ id }) => !gone.has(id)), entries, failure };
}

async function listOwners(manage: Manage, { kind, id }: Watched): Promise<NamedOwner[]> {
  if (id !== '') {
    const owner = { kind, id };
    return [named(kind, await manage<Listed>({ path: pathOf(owner), subject: nameOf(owner) }))];
  }
  const answer = await manage<Record<string, Listed[] | undefined>>({
    path: [`${kind}s`],
    subject: `the list of ${kind}s`,
  });
  return (answer[`${kind}s`] ?? []).map((listed) => named(kind, listed));
}

function named(kind: NamedOwner['kind'], listed: Listed): NamedOwner {
  const { id, name, created_at: created, deployments_count: count } = listed;
  return { kind, id, name, createdAt: Date.parse(created) || 0, hasDeployments: count !== 0 };
}

function newest(owners: NamedOwner[]): NamedOwner[] {
  return [...owners].sort((one, other) => other.createdAt - one.createdAt);
}

/** Does the same work for all entries, so many at once, in their order. */
async function sideBySide<Entry>(
  entries: Entry[],
  places: number,
  work: (entry: Entry) => Promise<void>,
): Promise<void> {
  const left = entries.values();
  const worker = async () => {
    for (const entry of left) await work(entry);
  };
  await Promise.all(Array.from({ length: places }, worker));
}
