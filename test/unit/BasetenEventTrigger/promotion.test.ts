import { BasetenError } from '../../../nodes/shared/errors/basetenError';
import type { Manage } from '../../../nodes/shared/management/api';
import { promotion } from '../../../nodes/BasetenEventTrigger/promotion';

const settings = { event: 'promotion', watched: { kind: 'model', id: 'abcd1234' } } as const;
const NOW = Date.parse('2026-11-26T09:00:00Z');

/** What an environment shows: who serves, who is being promoted, and how far that is. */
type Shown = [current: string | null, candidate?: string | null, status?: string];

/** Looks once for each state that the environment shows, and says what each look reported. */
async function ends(shown: Shown[], statusOf: Record<string, string> = {}) {
  const reported: string[][] = [];
  let known: Awaited<ReturnType<typeof promotion.look>>['known'] | undefined;
  for (const [current, candidate = null, status] of shown) {
    const deployment = (id: string | null) =>
      id === null ? null : { id, name: `name of ${id}`, status: statusOf[id] ?? 'ACTIVE' };
    const manage = (async ({ path }: { path: string[] }) => {
      if (path.includes('deployments')) {
        const id = path.at(-1) ?? '';
        const refused = Number(statusOf[id]);
        if (refused) throw new BasetenError('No', { kind: 'http', status: refused, hint: '' });
        return deployment(id);
      }
      if (!path.includes('environments')) return { id: 'abcd1234', name: 'A model' };
      const environment = {
        name: 'staging',
        current_deployment: deployment(current),
        candidate_deployment: deployment(candidate),
        in_progress_promotion: status ? { status, percent_traffic_to_new_version: 40 } : null,
      };
      return { environments: [environment] };
    }) as unknown as Manage;
    const found = await promotion.look({ manage, now: NOW, places: 1 }, settings, known);
    known = found.known;
    reported.push(
      found.items.map((item) => {
        expect(item.deployment).toMatchObject({ environment: 'staging' });
        return `${(item.deployment as { id: string }).id} ${item.status as string}`;
      }),
    );
  }
  return reported;
}

test.each<[string, Shown[], string[][], Record<string, string>?]>([
  ['nothing happens', [['a'], ['a']], [[], []]],
  ['one was over between two looks', [['a'], ['b'], ['b']], [[], ['b SUCCEEDED'], []]],
  ['the first one', [[null], ['a']], [[], ['a SUCCEEDED']]],
  [
    'one that ramps',
    [['a'], ['a', 'b', 'RELEASING'], ['a', 'b', 'RAMPING_UP'], ['b'], ['b']],
    [[], [], [], ['b SUCCEEDED'], []],
  ],
  [
    'one that is shown after it serves',
    [['a'], ['a', 'b', 'RAMPING_UP'], ['b', 'b', 'RAMPING_DOWN'], ['b', 'b', 'SUCCEEDED'], ['b']],
    [[], [], ['b SUCCEEDED'], [], []],
  ],
  [
    'one that failed, as Baseten shows it',
    [['a'], ['a', 'b', 'RAMPING_UP'], ['a', 'b', 'FAILED'], ['a', 'b', 'FAILED'], ['a']],
    [[], [], ['b FAILED'], [], []],
  ],
  [
    'one that was canceled, as Baseten shows it, and was not seen before',
    [['a'], ['a', 'b', 'CANCELED'], ['a']],
    [[], ['b CANCELED'], []],
  ],
  [
    'one that is gone, and its deployment failed',
    [['a'], ['a', 'b', 'RELEASING'], ['a'], ['a']],
    [[], [], ['b FAILED'], []],
    { b: 'BUILD_FAILED' },
  ],
  [
    'one that is gone, and its deployment is well',
    [['a'], ['a', 'b', 'PAUSED'], ['a']],
    [[], [], ['b CANCELED']],
  ],
  [
    'one that is gone, and its deployment was deleted',
    [['a'], ['a', 'b', 'PAUSED'], ['a'], ['a']],
    [[], [], ['b CANCELED'], []],
    { b: '404' },
  ],
  [
    'one that another one takes the place of',
    [['a'], ['a', 'b', 'RELEASING'], ['a', 'c', 'RELEASING'], ['c']],
    [[], [], ['b CANCELED'], ['c SUCCEEDED']],
  ],
  [
    'the deployment that serves is promoted again',
    [['a'], ['a', 'a', 'RELEASING'], ['a'], ['a']],
    [[], [], ['a SUCCEEDED'], []],
  ],
  ['back and forth', [['a'], ['b'], ['a']], [[], ['b SUCCEEDED'], ['a SUCCEEDED']]],
])('%s', async (_what, ...[shown, expected, statusOf]) => {
  expect(await ends(shown, statusOf)).toStrictEqual(expected);
});

test('one to an environment that did not exist at the look before', async () => {
  const serving = { id: 'a', name: 'a', status: 'ACTIVE' };
  const environments = [{ name: 'production', current_deployment: serving }];
  const manage = (async ({ path }: { path: string[] }) =>
    path.includes('environments')
      ? { environments }
      : { id: 'abcd1234', name: 'A model' }) as unknown as Manage;
  const world = { manage, now: NOW, places: 1 };
  const first = await promotion.look(world, settings, undefined);
  expect(first.items).toStrictEqual([]);
  environments.push({ name: 'staging', current_deployment: serving });
  const second = await promotion.look(world, settings, first.known);
  expect(second.items).toMatchObject([
    { deployment: { id: 'a', environment: 'staging' }, status: 'SUCCEEDED' },
  ]);
  expect((await promotion.look(world, settings, second.known)).items).toStrictEqual([]);
});

test('one whose deployment can’t be read is told later, and the others are told at once', async () => {
  const deployment = (id: string) => ({ id, name: id, status: 'ACTIVE' });
  let refused = false;
  const shown = { left: ['a', 'b'], right: ['a', 'c'] } as Record<string, string[]>;
  const manage = (async ({ path }: { path: string[] }) => {
    if (path.includes('deployments')) {
      if (refused) throw new BasetenError('No', { kind: 'http', status: 500, hint: '' });
      return deployment(path.at(-1) ?? '');
    }
    if (!path.includes('environments')) return { id: 'abcd1234', name: 'A model' };
    const environments = Object.entries(shown).map(([name, [current = '', candidate]]) => ({
      name,
      current_deployment: deployment(current),
      candidate_deployment: candidate ? deployment(candidate) : null,
    }));
    return { environments };
  }) as unknown as Manage;
  const world = { manage, now: NOW, places: 1 };
  const { known } = await promotion.look(world, settings, undefined);
  refused = true;
  Object.assign(shown, { left: ['a'], right: ['c'] });
  const second = await promotion.look(world, settings, known);
  expect(second.items).toMatchObject([{ deployment: { id: 'c' }, status: 'SUCCEEDED' }]);
  expect(second.failure).toBeInstanceOf(BasetenError);
  refused = false;
  const third = await promotion.look(world, settings, second.known);
  expect(third.items).toMatchObject([{ deployment: { id: 'b' }, status: 'CANCELED' }]);
  expect(third.failure).toBeUndefined();
  expect((await promotion.look(world, settings, third.known)).items).toStrictEqual([]);
});
