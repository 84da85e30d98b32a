import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import Table from 'cli-table3';
import { temporaryFolder, type TemporaryFolder } from '../../host/temporaryFolder';
import { triggerWorkflow } from '../server/deliveries/workflows';
import { Faults } from './faults';
import { FORGED } from './flood';
import { Random } from './random';
import { type Recorded, recordedBy } from './recorded';
import { Results } from './results';
import { type Rig, startRig } from './rig';
import { readSettings } from './settings';
import { REASONS, type Tally, tallyOf } from './tally';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** Longer than n8n's clock is off. */
const PATIENT_SECONDS = 900;
/** What the docs promise: a delivery is held for 8 s, comes again after 2 s, and is held again. */
const SURVIVED_MS = 18 * SECOND;

const settings = readSettings();

let folder: TemporaryFolder;
let rig: Rig;
let faults: Faults;
let tally: Tally;
let strict: Tally;
let recorded: Recorded[];

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stop.abort();
    void closeAll().finally(() => process.exit(130));
  });
}

async function closeAll(): Promise<void> {
  await rig?.close();
  await folder?.remove();
}

before(
  async () => {
    folder = await temporaryFolder('chaos');
    const sabotageFile = join(folder.path, 'sabotage.json');
    const { setup, seed, floodRate } = settings;
    rig = await startRig(setup, {
      env: {
        N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true',
        EXECUTIONS_DATA_PRUNE: 'false',
        NODE_OPTIONS: `--require ${join(__dirname, 'sabotage.js')}`,
        SABOTAGE: sabotageFile,
      },
      signal: stop.signal,
    });
    const options = { timestampTolerance: PATIENT_SECONDS };
    const workflow = await rig.add(triggerWorkflow('chaos', { options }));
    const strictWorkflow = await rig.add(triggerWorkflow('strict'));
    const results = new Results(rig, new Random(seed));
    faults = new Faults({
      rig,
      results,
      seed,
      floodRate,
      trigger: 'chaos',
      strict: 'strict',
      sabotageFile,
    });

    const over = new AbortController();
    const enough = new AbortController();
    const watching = results.watch(over.signal);
    // If one of the two fails, the other one ends as well.
    const fail = (error: unknown) => {
      stop.abort(error);
      throw error;
    };
    stop.signal.addEventListener('abort', () => (over.abort(), enough.abort()));
    const going = faults.run(enough.signal).catch(fail);
    await results
      .submitAll('chaos', settings.results, settings.minutes * MINUTE, stop.signal)
      .catch(fail)
      .finally(() => enough.abort());
    await going;
    stop.signal.throwIfAborted();
    const outcomes = await results.outcomes();
    over.abort();
    await watching;

    const all = [...results.all.values()];
    const tallied = async (trigger: string, records: Recorded[]) =>
      tallyOf({
        results: all.filter((result) => result.trigger === trigger),
        outcomes,
        recorded: records,
        faults: faults.all,
      });
    recorded = await recordedBy(rig.api, workflow);
    tally = await tallied('chaos', recorded);
    strict = await tallied('strict', await recordedBy(rig.api, strictWorkflow));
  },
  { timeout: settings.minutes * MINUTE + 30 * MINUTE },
);

after(
  async () => {
    if (strict) console.log([report(), ...tally.lostOddly, ...tally.twice].join('\n'));
    await closeAll();
  },
  { timeout: MINUTE },
);

test('no result is recorded twice, but for repeats that met an n8n that was stopped before', () => {
  assert.deepEqual(tally.twice, []);
});

test('nothing forged is recorded', () => {
  assert.deepEqual(
    recorded.filter(({ requestId }) => requestId.startsWith(FORGED)),
    [],
  );
});

test('every result has its own data and its own metadata, verified', () => {
  assert.deepEqual(tally.wrong, []);
});

test('every loss has a reason that the docs name', () => {
  assert.equal(tally.lost.other, 0);
});

test('a clock that is off loses nothing if the tolerance allows for it', () => {
  assert.equal(tally.lost["n8n's clock was off"], 0);
});

test('with the default tolerance what it loses is what the status calls failed', () => {
  const { lost, results } = strict;
  assert.ok(results > 0);
  assert.equal(lost['answered 200 and dropped: Baseten says delivered'], 0);
});

describe(settings.setup, () => {
  if (settings.setup === 'queue') {
    test('nothing is lost', () => {
      assert.equal(tally.recorded, tally.results);
    });
  } else if (settings.setup === 'single') {
    test('nothing is lost, unless n8n was down for longer than results can wait', () => {
      const { 'n8n was down or too busy for both deliveries': down, ...others } = tally.lost;
      assert.deepEqual(Object.values(others), [0, 0, 0, 0]);
      if (longestDown() < SURVIVED_MS) assert.equal(down, 0);
    });
  } else {
    test('an n8n that is down or starting loses results', () => {
      assert.ok(tally.recorded < tally.results);
    });
  }
});

const downs = () =>
  faults.all.flatMap(({ from, to, endedAt }) => (endedAt === undefined ? [] : [to - from]));
const longestDown = () => Math.max(0, ...downs());

function report(): string {
  const { minutes, seed, setup } = settings;
  const table = new Table({ style: { head: [], border: [] } });
  const timesOf = (kind: string) => faults.all.filter((fault) => fault.kind === kind).length;
  const kinds = [...new Set(faults.all.map(({ kind }) => kind))];
  const sum = (of: (flood: (typeof faults.floods)[number]) => number) =>
    faults.floods.reduce((all, flood) => all + of(flood), 0);
  table.push(
    [setup, `${minutes} minutes, seed ${seed}`],
    ['what went wrong', kinds.map((kind) => `${kind} ${timesOf(kind)} ×`).join(', ')],
    ['longest time from the stop to ready', `${(longestDown() / SECOND).toFixed(1)} s`],
    [
      'all of these times',
      downs()
        .map((ms) => (ms / SECOND).toFixed(1))
        .join(', '),
    ],
    ['forged', `${sum(({ sent }) => sent)}, held back ${sum(({ heldBack }) => heldBack)}`],
    ...faults.floods.map(({ statuses }) => ['a flood', JSON.stringify([...statuses])]),
    ...rowsOf(tally),
    [`with the default tolerance, while the clock was off`, ''],
    ...rowsOf(strict),
  );
  return table.toString();
}

function rowsOf(of: Tally): string[][] {
  const { results, recorded: known, cutOff, twiceAfterStop, twice, lost, statuses } = of;
  return [
    ['results', String(results)],
    ['recorded', String(known)],
    ['only in executions that were cut off', String(cutOff)],
    ['twice, after a stop', String(twiceAfterStop)],
    ['twice, else', String(twice.length)],
    ...REASONS.map((reason) => [`lost: ${reason}`, String(lost[reason])]),
    ['statuses', JSON.stringify(statuses)],
  ];
}
