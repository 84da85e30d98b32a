// Decisions: docs/decisions.md, "A batch that outlives everything is a workflow".

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import Table from 'cli-table3';
import { Batch, type Tally } from '../queue/batch';
import { type QueueWithEmulator, startQueueWithEmulator } from '../queue/queueWithEmulator';
import { type RowResult, textOf } from '../support/durableBatch';
import { eventually } from '../support/eventually';
import { killAll, killsOf } from './kills';
import { readSettings } from './settings';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** Kills come in this time after the call. */
const KILLS_WITHIN = 2 * MINUTE;
/** A caller that has no results so long after all rows have ended has died with its process. */
const GIVEN_WITHIN = 5 * MINUTE;
const RECOVERED = 15 * MINUTE;
const HURRY = { submitEvery: 10, rows: 200, lookEvery: 15, overdue: 60 };

const settings = readSettings();
const outcomes: Outcome[] = [];

/** How a batch of one seed went. */
interface Outcome {
  seed: number;
  kills: string;
  tally: Tally;
  /** How often the batch was called until a caller had its results: 1 if no kill hit a caller. */
  calls: number;
  /** Seconds from the call until a caller had the results. */
  seconds: number;
}

let setup: QueueWithEmulator;
let batch: Batch;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stop.abort();
    void Promise.resolve(setup?.close()).finally(() => process.exit(130));
  });
}

before(
  async () => {
    // n8n looks for executions of killed workers every 3 hours unless told otherwise.
    const env = { N8N_EXECUTIONS_QUEUE_RECOVERY_INTERVAL: '1' };
    const say = (text: string) => console.log(`Starting ${text} …`);
    setup = await startQueueWithEmulator(say, stop.signal, env);
    batch = new Batch(setup, HURRY);
    await batch.open();
  },
  { timeout: 20 * MINUTE },
);

after(
  async () => {
    await setup?.close();
    console.log(table());
  },
  { timeout: MINUTE },
);

const fails = (row: number) => row % 50 === 7;

for (const seed of settings.seeds) {
  test(
    `seed ${seed}: ${settings.rows} rows end once each, and the caller gets all of them in order`,
    { timeout: RECOVERED + 3 * GIVEN_WITHIN },
    async () => {
      const name = `seed-${seed}`;
      // Every third row is answered at once.
      batch.respond({ sideBySide: 32, ms: (row) => (row % 3 === 0 ? 0 : 300), fails });
      loseSomeSubmissions();
      batch.begin();
      const start = Date.now();
      await batch.call(name, settings.rows);
      const kills = killsOf(seed, KILLS_WITHIN);
      const killing = killAll(setup, kills);
      await killing;
      let calls = 1;
      let results = await resultsOfCall();
      while (!results) {
        await batch.call(name, settings.rows);
        calls++;
        results = await resultsOfCall();
      }
      const tally = await batch.tally();
      outcomes.push({
        seed,
        kills: kills
          .map(({ victim, atMs }) => `${victim} ${Math.round(atMs / SECOND)} s`)
          .join(', '),
        tally,
        calls,
        seconds: (Date.now() - start) / SECOND,
      });
      // At once, in case that a later seed fails.
      console.log(table());
      const { sent, once, lost, twice } = tally;
      assert.deepEqual(
        { sent, once, lost, twice },
        { sent: settings.rows, once: settings.rows, lost: 0, twice: 0 },
      );
      assert.deepEqual(results, wanted(name));
    },
  );
}

/** Baseten takes some submissions, but its answer doesn't come back. */
function loseSomeSubmissions(): void {
  setup.emulator.faults.clear();
  const match = { method: 'POST', path: '/async_predict' };
  for (const after of [40, 300, 700])
    setup.emulator.faults.add({ kind: 'lost', match, after, times: 3 });
}

/** What a caller has to get, without what differs from run to run. */
function wanted(name: string): object[] {
  return Array.from({ length: settings.rows }, (_, row) =>
    fails(row)
      ? { key: `row ${row}`, status: 'failed', label: undefined }
      : { key: `row ${row}`, status: 'succeeded', label: `label of ${textOf(name, row)}` },
  );
}

/**
 * Waits for the newest call of the batch. Returns what it gave, or undefined if it ended without
 * results because a kill hit it.
 */
async function resultsOfCall(): Promise<object[] | undefined> {
  const { sql, main } = setup.queue;
  const newest = async () => {
    const { rows } = await sql.query(
      `SELECT id, status FROM execution_entity WHERE "workflowId" = $1 ORDER BY id DESC LIMIT 1`,
      [batch.caller],
    );
    return rows[0] as { id: number; status: string };
  };
  const deadline = Date.now() + RECOVERED;
  let endedAt: number | undefined;
  for (;;) {
    const { id, status } = await newest();
    if (status === 'success') {
      const run = await eventually('the results', async () => await main.api.waitFor(String(id)));
      const rows = run.items('Results').map(({ json }) => json as unknown as RowResult);
      if (rows.length === 1 && rows[0]?.key === null) return undefined;
      return rows.map((row) => ({ key: row.key, status: row.status, label: row.output?.label }));
    }
    if (['error', 'crashed', 'canceled'].includes(status)) return undefined;
    if ((await batch.ended()) === 1) endedAt ??= Date.now();
    if (endedAt && Date.now() > endedAt + GIVEN_WITHIN) return undefined;
    if (Date.now() > deadline) await batch.reaches(1, 0);
    await pause(SECOND);
  }
}

function table(): string {
  const text = new Table({
    head: ['Seed', 'Rows', 'Once', 'Lost', 'Twice', 'Submitted again', 'Calls', 'Seconds', 'Kills'],
    style: { head: [], border: [] },
  });
  for (const { seed, kills, tally, calls, seconds } of outcomes) {
    const { sent, once, lost, twice, again } = tally;
    text.push([seed, sent, once, lost, twice, again, calls, seconds.toFixed(0), kills]);
  }
  return text.toString();
}
