// Decisions: docs/decisions.md, "Growth comes from n8n's queue mode".

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import Table from 'cli-table3';
import { json } from '../../emulator';
import type { Member } from '../../host/queue/queue';
import { chainOf } from '../../host/n8n/workflowJson';
import { eventually } from '../support/eventually';
import { Batch, ROWS, type Tally } from './batch';
import { callAll, countingModel, predictWorkflow } from '../../host/queue/predictions';
import {
  executionsOf,
  isBusy,
  type QueueWithEmulator,
  startQueueWithEmulator,
} from './queueWithEmulator';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** How long a batch may take of which a part was lost and has to be found and submitted again. */
const RECOVERED = 4 * MINUTE;

/** The rows of a run are limited, and a row is overdue only when its run has long ended. */
const HURRY = { submitEvery: 10, rows: 150, lookEvery: 20, overdue: 60 };

const tallies: Array<[string, Omit<Tally, 'again'> & { again?: number }]> = [];

let setup: QueueWithEmulator;
let batch: Batch;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stop.abort();
    void closeAndExit();
  });
}

async function closeAndExit(): Promise<void> {
  try {
    await setup?.close();
  } finally {
    process.exit(130);
  }
}

before(
  async () => {
    setup = await startQueueWithEmulator((text) => console.log(`Starting ${text} …`), stop.signal);
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

const workers = () => setup.queue.members.filter(({ kind }) => kind === 'worker');
const webhooks = () => setup.queue.members.filter(({ kind }) => kind === 'webhook');

function record(what: string, tally: Tally | Omit<Tally, 'again'>): void {
  tallies.push([what, tally]);
}

function everyOneOnce({ sent, once, lost, twice }: Omit<Tally, 'again'>): void {
  assert.deepEqual({ once, lost, twice }, { once: sent, lost: 0, twice: 0 });
}

describe('nothing is killed', () => {
  test(
    '1,000 requests go out and come back through two webhook processors, each once',
    { timeout: 9 * MINUTE },
    async () => {
      batch.respond({ sideBySide: 64 });
      batch.begin();
      await batch.fill(1000 / ROWS);
      await batch.reaches(1, 8 * MINUTE);
      const tally = await batch.tally();
      record('1,000 submissions and back', tally);
      assert.equal(tally.sent, 1_000);
      everyOneOnce(tally);
      assert.equal((await setup.queue.proxy.responses()).size, 2);
    },
  );

  test(
    '2,000 predictions are made by two workers, each once and answered in order',
    { timeout: 3 * MINUTE },
    async () => {
      const { api } = setup.queue.main;
      const seen = countingModel(setup.emulator, 'count001');
      const id = await setup.add(predictWorkflow('predict', 'count001'));
      await api.publish(id);
      const before = workers().map((worker) => executionsOf(worker).begun.size);
      const start = Date.now();
      await callAll(setup.queue.proxy.url, 'predict', 20, 100);
      await eventually('2,000 predictions', async () => (await endedWell(id)) === 20, 2 * MINUTE);
      const seconds = (Date.now() - start) / SECOND;
      const answers: number[] = [];
      for (const execution of await api.executions(id)) {
        const run = await api.waitFor(execution.id);
        const numbers = run.items('Numbers').map((item) => item.json.n as number);
        assert.deepEqual(
          run.items('Predict').map((item) => item.json.n),
          numbers,
        );
        answers.push(...numbers);
      }
      const counts = [...seen.values()];
      record('2,000 predictions', {
        sent: 2_000,
        once: counts.filter((count) => count === 1).length,
        lost: 2_000 - new Set(answers).size,
        twice: counts.filter((count) => count > 1).length,
        seconds,
      });
      everyOneOnce(tallies.at(-1)?.[1] as Tally);
      const begun = workers().map(
        (worker, index) => executionsOf(worker).begun.size - (before[index] as number),
      );
      assert.ok(Math.min(...begun) > 0, `a worker had nothing to do: ${begun.join(', ')}`);
    },
  );
});

describe('each request ends once when', () => {
  /** Runs a batch and breaks something when a fifth of it is done. */
  async function broken(what: string, breakIt: () => Promise<void>): Promise<void> {
    // Slow, so that there is still much to do when it breaks.
    batch.respond({ sideBySide: 16 });
    batch.begin();
    await setup.replacing(async () => {
      await batch.fill(1);
      await batch.reaches(0.2, MINUTE);
      await breakIt();
      await batch.reaches(1, RECOVERED);
    });
    const tally = await batch.tally();
    record(what, tally);
    everyOneOnce(tally);
  }

  test('a worker is killed', { timeout: 5 * MINUTE }, async () => {
    await broken('a worker killed', async () => {
      const busy = await eventually('a busy worker', () => workers().find(isBusy));
      await busy.kill('SIGKILL');
    });
  });

  test('a webhook processor is killed', { timeout: 5 * MINUTE }, async () => {
    await broken(
      'a webhook processor killed',
      async () => await (webhooks()[0] as Member).kill('SIGKILL'),
    );
  });

  test(
    'the webhook processors are restarted, one after the other',
    { timeout: 5 * MINUTE },
    async () => {
      await broken('webhook processors restarted', async () => {
        for (const { name, kill } of webhooks()) {
          await kill('SIGTERM');
          const isReplaced = () =>
            webhooks().length === 2 && !webhooks().some((each) => each.name === name);
          await eventually('a new webhook processor', isReplaced, 2 * MINUTE);
        }
      });
    },
  );

  test('Redis is killed and started again', { timeout: 5 * MINUTE }, async () => {
    await broken('Redis killed', async () => {
      const { redis, members } = setup.queue;
      const before = members.map((member) => member.logs().length);
      await redis.kill('SIGKILL');
      const noticed = () =>
        members.some((member, index) => /Redis/.test(member.logs().slice(before[index])));
      await eventually('a process that misses Redis', () => noticed());
      await redis.start();
    });
  });
});

test(
  'a waiting workflow goes on with another worker when its own was killed',
  { timeout: 3 * MINUTE },
  async () => {
    const { api } = setup.queue.main;
    let respond: (() => void) | undefined;
    setup.emulator.addModel({
      kind: 'model',
      id: 'gated001',
      name: 'Gated',
      handler: async (call) => {
        await new Promise<void>((resolve) => (respond = resolve));
        return json({ answered: call.json() });
      },
    });
    const id = await setup.add(waitWorkflow());
    await api.publish(id);
    const call = await fetch(`${setup.queue.proxy.url}/webhook/wait`, { method: 'POST' });
    assert.equal(call.status, 200);
    // The parent, and the sub-execution in which it waits.
    await eventually(
      'both executions asleep',
      async () => (await withStatus(id, 'waiting')).length === 2,
    );
    const [parent = ''] = (await withStatus(id, 'waiting')).sort((a, b) => Number(a) - Number(b));
    const first = workers().find((worker) => executionsOf(worker).begun.has(parent));
    assert.ok(first);
    const begun = Date.now();
    await first.kill('SIGKILL');
    (await eventually('the request at the model', () => respond))();
    const run = await api.waitFor(parent, 2 * MINUTE);
    assert.equal(run.error, undefined);
    assert.deepEqual(
      run.items('After').map((item) => item.json.data),
      [{ answered: { text: 'hello' } }],
    );
    const others = workers().filter((worker) => executionsOf(worker).begun.has(parent));
    assert.equal(others.length, 1);
    record('a waiting workflow, its worker killed', {
      sent: 1,
      once: 1,
      lost: 0,
      twice: 0,
      seconds: (Date.now() - begun) / SECOND,
    });
  },
);

function waitWorkflow() {
  return chainOf('Wait', [
    {
      name: 'Webhook',
      type: 'n8n-nodes-base.webhook',
      typeVersion: 2.1,
      parameters: { path: 'wait', httpMethod: 'POST', responseMode: 'onReceived', options: {} },
      webhookId: 'wait',
    },
    {
      name: 'Wait Here',
      type: 'n8n-nodes-baseten.baseten',
      typeVersion: 1,
      parameters: {
        resource: 'model',
        operation: 'submitAsync',
        modelId: { __rl: true, mode: 'id', value: 'gated001' },
        inputMode: 'json',
        input: '{"text":"hello"}',
        delivery: 'wait',
        options: {},
      },
      credentials: { basetenWorkspaceApi: { id: '', name: 'Baseten' } },
    },
    { name: 'After', type: 'n8n-nodes-base.noOp', typeVersion: 1, parameters: {} },
  ]);
}

async function withStatus(workflowId: string, status: string): Promise<string[]> {
  const { rows } = await setup.queue.sql.query(
    `SELECT id FROM execution_entity WHERE "workflowId" = $1 AND status = $2`,
    [workflowId, status],
  );
  return rows.map(({ id }) => String(id));
}

const endedWell = async (workflowId: string) => (await withStatus(workflowId, 'success')).length;

function table(): string {
  const head = [
    '',
    'Sent',
    'Ended once',
    'Lost',
    'Twice',
    'Submitted again',
    'Seconds',
    'A second',
  ];
  const text = new Table({ head, style: { head: [], border: [] } });
  for (const [what, { sent, once, lost, twice, again, seconds }] of tallies) {
    text.push([
      what,
      sent,
      once,
      lost,
      twice,
      again ?? '',
      seconds.toFixed(1),
      (sent / seconds).toFixed(0),
    ]);
  }
  return text.toString();
}
