import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

import Table from 'cli-table3';
import { generate } from 'selfsigned';

import { startEmulator, type Emulator } from '../../emulator';
import { credentialFor } from '../support/emulator';
import { echo } from '../support/parameters';
import { runBaseten } from '../../host/n8n/engine';
import { HttpState } from '../../nodes/shared/http/state';
import { fakeTime } from '../support/clock';
import { unknownNames } from '../support/unknownNames';
import {
  cells,
  HIT,
  itemAt,
  ITEMS,
  PATHS,
  RETRIES,
  runCell,
  type Cell,
  type CellResult,
} from './cell';
import { FAULTY, type Fault } from './fault';
import { rows } from './rows';

/** The nodes' clock, which makes no pauses, and what their requests share. New for each cell. */
const mockClock = { time: fakeTime(), state: new HttpState(fakeTime()) };
jest.mock('../../nodes/shared/http/state', () => ({
  ...jest.requireActual<object>('../../nodes/shared/http/state'),
  get PROCESS_STATE() {
    return mockClock.state;
  },
}));
jest.mock('../../nodes/shared/time', () => ({
  realTime: {
    now: () => mockClock.time.now(),
    elapsed: () => mockClock.time.elapsed(),
    random: () => mockClock.time.random(),
    limit: (milliseconds: number) => mockClock.time.limit(milliseconds),
    wait: async (milliseconds: number) => await mockClock.time.wait(milliseconds),
  },
}));

const START = fakeTime().now();

let emulator: Emulator;
let untrusted: Emulator;
let closed: string;
/** Ends the time limit of the newest attempt. */
let endTime: () => void = () => {};
/** What the printed matrix shows, by row and column. */
const outcomes = new Map<string, Map<string, string>>();

beforeAll(async () => {
  emulator = await startEmulator();
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
  untrusted = await startEmulator({ tls: { key, cert } });
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closed = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.close();
  await once(server, 'close');

  unknownNames();
});

afterAll(async () => {
  jest.restoreAllMocks();
  await emulator.close();
  await untrusted.close();
  process.stdout.write(`${matrix()}\n`);
});

beforeEach(() => {
  mockClock.time = { ...fakeTime(), after: (_, callback) => ((endTime = callback), () => {}) };
  mockClock.state = new HttpState(mockClock.time);
  emulator.faults.clear();
  emulator.clearRequests();
  emulator.addModel({
    id: FAULTY,
    name: 'Faulty',
    handler: (call) => ({ headers: { 'content-type': 'application/json' }, body: call.body }),
  });
});

const hosts = () => ({
  emulator: new URL(emulator.url).host,
  apiKey: emulator.apiKey,
  closed,
  untrusted: new URL(untrusted.url).host,
});
/** The rows' names are needed before anything listens. */
const NAMES = rows({ emulator: '', apiKey: '', closed: '', untrusted: '' }, START).map(
  ({ name }) => name,
);

describe.each(NAMES)('%s', (name) => {
  test.each(cells())('over $path, $retries retries, on error: $mode', async (cell) => {
    const fault = rows(hosts(), START).find((row) => row.name === name) as Fault;
    fault.arrange?.(emulator, () => endTime());
    const result = await runCell(cell, fault, emulator, mockClock.time);
    expectSending(fault, cell, result);
    if (fails(fault, cell)) expectFailure(fault, cell, result);
    else expectSuccess(fault, result);
    expectNothingSecret(result);
    record(name, cell, result);
  });
});

test('a request that fails over fetch is not sent through n8n’s client, too', async () => {
  const credential = credentialFor(emulator);
  const parameters = echo({ inputMode: 'item', options: { maxRetries: 0, maxConcurrency: 1 } });
  for (const kind of ['reset', 'lost', 'truncate'] as const) {
    emulator.clearRequests();
    emulator.faults.add({ kind, times: 'always' });
    await runBaseten({ credential, parameters, items: [{ json: { n: 1 } }] });
    expect(emulator.requests).toHaveLength(1);
    emulator.faults.clear();
  }
});

const REQUEST_ID = /^[\w-]{8,}$/;

test('a host that says 100 Continue unasked is left to n8n’s client, and nothing runs twice', async () => {
  const credential = credentialFor(emulator);
  const parameters = echo({ inputMode: 'item', options: { maxRetries: 2 } });
  emulator.faults.add({ kind: 'continue', times: 'always' });
  const first = await runBaseten({ credential, parameters, items: [{ json: { n: 1 } }] });
  expect(first.error?.message).toMatch(/began with “100 Continue”, which was not asked for$/);
  const next = await runBaseten({ credential, parameters, items: [{ json: { n: 2 } }] });
  expect(next.items[0]?.json).toStrictEqual({ n: 2 });
  expect(emulator.requests).toHaveLength(2);
});

/** Whether a cell ends with an error. A fault that is over by then does not cause one. */
function fails({ title, times = Infinity }: Fault, { retries }: Cell): boolean {
  return title !== undefined && times > retries;
}

/** Whether the fault is at the host, so that all items meet it. */
const isEverywhere = ({ credential }: Fault) => credential !== undefined;

function expectSending(fault: Fault, cell: Cell, { sent, sentToOthers, pauses }: CellResult): void {
  const made = fault.pauses.slice(0, cell.retries);
  const goesOn = cell.mode !== 'stop' || !fails(fault, cell);
  if (isEverywhere(fault)) {
    expect([sent, sentToOthers]).toStrictEqual([0, 0]);
    const failed = goesOn ? ITEMS : 1;
    expect(pauses).toStrictEqual(Array.from({ length: failed }, () => made).flat());
    return;
  }
  expect(sent).toBe(1 + made.length);
  expect(sentToOthers).toBe(goesOn ? ITEMS - 1 : HIT);
  expect(pauses.slice(0, made.length)).toStrictEqual(made);
  // After a rate limit, later requests to the host make pauses, too.
  if (fault.status !== 429) expect(pauses).toHaveLength(made.length);
}

function expectSuccess({ json }: Fault, { items, errorItems, error }: CellResult): void {
  expect(error).toBeUndefined();
  expect(errorItems).toHaveLength(0);
  expect(items.map(({ pairedItem }) => pairedItem)).toStrictEqual(
    [0, 1, 2].map((item) => ({ item })),
  );
  expect(items[HIT]?.json).toStrictEqual(json ?? itemAt(HIT));
}

function expectFailure(
  fault: Fault,
  { mode }: Cell,
  { items, errorItems, error }: CellResult,
): void {
  const index = isEverywhere(fault) ? 0 : HIT;
  if (mode === 'stop') {
    expect(items).toHaveLength(0);
    expect(error).toMatchObject({
      message: fault.title,
      httpCode: fault.status === undefined ? null : String(fault.status),
      context: { itemIndex: index },
    });
    return expectDescription(fault, String(error?.description));
  }
  expect(error).toBeUndefined();
  const failed =
    mode === 'continue' ? items.filter(({ json }) => json.error !== undefined) : errorItems;
  const others = items.filter(({ json }) => json.error === undefined);
  expect(failed).toHaveLength(isEverywhere(fault) ? ITEMS : 1);
  expect(others.map(({ json: { n }, pairedItem }) => [n, pairedItem])).toStrictEqual(
    isEverywhere(fault) ? [] : [0, 2].map((n) => [n, { item: n }]),
  );
  const [item] = failed;
  expect(item).toMatchObject({
    json: { error: fault.title, details: { itemIndex: index } },
    pairedItem: { item: index },
  });
  expectDescription(fault, String(item?.json.message));
  const { status, answer, requestId } = item?.json.details as Record<string, unknown>;
  expect([status, answer]).toStrictEqual([fault.status, fault.answer]);
  if (fault.status !== undefined && !fault.hidesRequestId) expect(requestId).toMatch(REQUEST_ID);
  else expect(requestId).toBeUndefined();
}

function expectDescription(
  { answer, hint, status, hidesRequestId }: Fault,
  description: string,
): void {
  if (answer !== undefined) expect(description).toContain(`Answer: ${answer}`);
  else expect(description).not.toContain('Answer:');
  if (hint) expect(description).toMatch(hint);
  if (status !== undefined && !hidesRequestId) expect(description).toMatch(/Request ID: [\w-]{8,}/);
  else expect(description).not.toContain('Request ID');
  expect(description).not.toMatch(/\[object Object\]|<[a-z!]/i);
}

function expectNothingSecret({ run, error }: CellResult): void {
  const seen = JSON.stringify(run) + JSON.stringify(error ?? {}) + String(error?.stack);
  expect(seen).not.toContain(emulator.apiKey);
  expect(seen).not.toMatch(/Bearer /);
}

function record(
  name: string,
  cell: Cell,
  { sent, pauses, error, items, errorItems }: CellResult,
): void {
  const details = [...items, ...errorItems].find(({ json }) => json.error !== undefined)?.json
    .details;
  const status = error ? error.httpCode : (details as { status?: number } | undefined)?.status;
  const hasFailed = error !== undefined || details !== undefined;
  const after = pauses.length > 0 ? ` (${pauses.slice(0, cell.retries).join(', ')} ms)` : '';
  const outcome = `${sent}×${after} → ${hasFailed ? (status ?? 'error') : 'item'}`;
  const row = outcomes.get(name) ?? new Map<string, string>();
  const column = `${cell.path} ${cell.retries}`;
  const before = row.get(column)?.split('\n') ?? [outcome];
  outcomes.set(name, row.set(column, [...before, `${cell.mode} ✓`].join('\n')));
}

/**
 * The matrix as a table. A cell has the requests, the result, and a ✓ for each mode that passed.
 */
function matrix(): string {
  const columns = PATHS.flatMap((path) => RETRIES.map((retries) => `${path} ${retries}`));
  const table = new Table({
    head: ['Fault', ...columns.map((column) => column.replace(/ (\d)$/, ', $1 retries'))],
    style: { head: [], border: [] },
  });
  for (const [name, row] of outcomes) {
    const short = (text = '–') =>
      text.split('\n')[0] + ` ${'✓'.repeat(text.split('\n').length - 1)}`;
    table.push([name, ...columns.map((column) => short(row.get(column)))]);
  }
  return (
    `${table.toString()}\nEach ✓ is one of: stop, continue on fail, error output. ` +
    '"3× (250, 500 ms) → 503" means: three requests with these pauses, and 503 in the end.'
  );
}
