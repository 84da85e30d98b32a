import { generate } from 'selfsigned';

import { runBaseten, type NodeResult } from '../../host/n8n/engine';
import { HttpState } from '../../nodes/shared/http/state';
import { fakeTime } from '../support/clock';
import { unknownNames } from '../support/unknownNames';
import { byId } from '../support/parameters';
import { CALLS, ITEM_SENT, MODEL, RETRIES, ROWS, type Outcome, type Row } from './bothWays.rows';
import { fullPort, type FullPort } from '../support/fullPort';
import { startRawServer, type RawServer } from './rawServer';

/** What the nodes' requests share. It is new for each call. */
const mockShared = { state: new HttpState(fakeTime()) };
jest.mock('../../nodes/shared/http/state', () => ({
  ...jest.requireActual<object>('../../nodes/shared/http/state'),
  get PROCESS_STATE() {
    return mockShared.state;
  },
}));

/** Pauses pass at once. Time limits are real, but pass so many times as fast. */
const SPEED = 4;
/** A port that `fetch` refuses to call. */
const FORBIDDEN = '127.0.0.1:10080';

let tls: { key: string; cert: string };
let full: FullPort;
let closed: string;
/** What is asked about a model whose input was refused. It knows nothing. */
let management: RawServer;

beforeAll(async () => {
  full = await fullPort();
  const gone = await startRawServer(() => undefined);
  management = await startRawServer(
    (socket) => void socket.write('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n'),
  );
  closed = gone.host;
  await gone.close();
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
  tls = { key, cert };
  unknownNames();
});

afterAll(async () => {
  await management.close();
  jest.restoreAllMocks();
  full.close();
});

test('the table has at least 80 rows, each with a name of its own', () => {
  expect(ROWS.length).toBeGreaterThanOrEqual(80);
  expect(new Set(ROWS.map(({ name }) => name)).size).toBe(ROWS.length);
});

describe.each(ROWS)('$name', (row) => {
  test('over n8n’s client', async () => {
    expect(await outcomeOf(row, 'n8n')).toStrictEqual(given(row.outcome));
  });

  test(row.overFetch ? `over fetch: ${row.overFetch.because}` : 'the same over fetch', async () => {
    const outcome = { ...row.outcome, ...row.overFetch, because: undefined };
    expect(await outcomeOf(row, 'auto')).toStrictEqual(given(outcome));
  });
});

/** An outcome without the fields that are not set. */
function given(outcome: Outcome): Partial<Outcome> {
  const fields = Object.entries(outcome).filter(([, value]) => value !== undefined);
  return Object.fromEntries(fields) as Partial<Outcome>;
}

async function outcomeOf(row: Row, connection: 'n8n' | 'auto'): Promise<Partial<Outcome>> {
  const time = fakeTime();
  time.limit = (milliseconds) => AbortSignal.timeout(Math.ceil(milliseconds / SPEED));
  mockShared.state = new HttpState(time);
  const server = await startRawServer(row.respond, row.at === 'HTTPS' ? tls : undefined);
  const url = urlOf(row, server);
  try {
    const result = await runBaseten({
      credential: {
        apiKey: 'key-12345678',
        connection,
        endpoints: 'custom',
        deploymentUrl: `${url}/{kind}-{id}`,
        managementUrl: `http://${management.host}`,
      },
      items: [ITEM_SENT],
      parameters: {
        resource: 'model',
        modelId: byId(MODEL),
        inputMode: 'json',
        input: '{"n":1}',
        ...CALLS[row.call],
        options: {
          maxRetries: RETRIES,
          timeout: row.timeout ?? 300,
          fullResponse: row.call === 'full',
        },
      },
    });
    return given({
      ...seenIn(result, new URL(url).host, row.outcome.answer?.length),
      sent: server.seen.length,
      pauses: time.waits,
    });
  } finally {
    await server.close();
  }
}

function urlOf({ at }: Row, { host }: RawServer): string {
  switch (at) {
    case 'closed':
      return `http://${closed}`;
    case 'forbidden port':
      return `http://${FORBIDDEN}`;
    case 'unknown name':
      return 'http://does-not-exist.invalid';
    case 'dropping':
      return `http://${full.host}`;
    case 'HTTPS':
    case 'plain HTTP':
      return `https://${host}`;
    default:
      return `http://${host}`;
  }
}

/** @param base64 the file as n8n keeps it in memory. @returns its bytes */
function fileSize(base64: string | undefined): number | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').length;
}

/** @param length of what is compared of the response's words, which may be long */
function seenIn({ items, error }: NodeResult, host: string, length?: number): Partial<Outcome> {
  const [item] = items;
  if (!error) return { json: item?.json, file: fileSize(item?.binary?.data?.data) };
  const { message, httpCode, description } = error;
  return {
    title: message.replaceAll(host, 'HOST'),
    status: httpCode ? Number(httpCode) : undefined,
    answer: /Answer: (.*?)(?: · |$)/.exec(String(description))?.[1]?.slice(0, length),
  };
}
