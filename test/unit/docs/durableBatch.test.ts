import type { IDataObject } from 'n8n-workflow';

import { readExample } from '../../../host/demo/examples';

const { nodes, connections, settings } = readExample({ file: 'durable-batch.json' });

/** What a node of the example is told to do. */
function parametersOf(name: string): IDataObject {
  const node = nodes.find((each) => each.name === name);
  if (!node) throw new Error(`The example has no node ${name}`);
  return node.parameters as IDataObject;
}

test('a file in a result stays in it as base64, since a table takes no files', () => {
  expect(parametersOf('3 Result').options).toMatchObject({ base64ToFiles: 'off' });
});

/** Runs a Code node of the example on the items that come to it, and those of other nodes. */
function run(name: string, input: IDataObject[], others: Record<string, IDataObject[]> = {}) {
  const items = (from: IDataObject[]) => {
    const all = from.map((json) => ({ json }));
    return { all: () => all, first: () => all[0], last: () => all.at(-1) };
  };
  const code = new Function('$input', '$', String(parametersOf(name).jsCode)) as (
    input: unknown,
    node: unknown,
  ) => Array<{ json: IDataObject }>;
  const given = code(items(input), (node: string) => items(others[node] ?? []));
  return given.map(({ json }) => json);
}

describe('rows that can not be stored end the call before anything is', () => {
  const row = { batch: 'b', modelId: 'abcd1234', input: {} };
  const check = (...more: IDataObject[]) =>
    run(
      'Check Rows',
      more.map((each) => ({ ...row, ...each })),
    );

  test.each<[string, IDataObject[]]>([
    ['Row 1: the key is too long: 501 characters, and 500 at most.', [{ key: 'x'.repeat(501) }]],
    ['Row 2: the key has to be a text or a number.', [{ key: 'a' }, { key: { id: 1 } }]],
    ['Row 1: the name of the batch is too long', [{ batch: 'x'.repeat(201) }]],
    ['Row 2: the key "1" is used twice.', [{ key: 1 }, { key: '1' }]],
    ['Row 1: input has to be an object', [{ input: ['a'] }]],
  ])('%s', (message, rows) => {
    expect(() => check(...rows)).toThrow(message);
  });

  test('others are taken, whatever their keys are', () => {
    const keys = ['ü'.repeat(500), 0, null, false];
    const [checked] = check(...keys.map((key) => ({ key })));
    expect(checked?.keys).toStrictEqual(['ü'.repeat(500), 0, 3, false]);
  });
});

describe('a second call under the same name', () => {
  const CALL = { batch: 'b', modelId: 'abcd1234', target: null };
  /** The rows that the second call stores, if the first one had `earlier`. */
  function callTwice(earlier: IDataObject[], rows: IDataObject[]): IDataObject[] {
    const callOf = (each: IDataObject): IDataObject => ({ key: null, ...CALL, ...each });
    const stored = earlier.map(callOf).map(({ key, input, modelId, target }, index) => ({
      id: index + 1,
      key: String(key ?? index + 1),
      model_id: modelId,
      target: target ?? 'production',
      input: JSON.stringify(input),
    }));
    const input = rows.map(callOf);
    return run('Added Rows', input, {
      'Rows Before': run('IDs by Key', stored),
      'Check Rows': run('Check Rows', input),
    });
  }

  test('stores only rows with new keys, whatever words the keys are', () => {
    const rows = [{ key: 'a', input: {} }];
    const added = callTwice(rows, [
      ...rows,
      { key: 'constructor', input: {} },
      { key: '__proto__', input: {} },
    ]);
    expect(added.map(({ key }) => key)).toStrictEqual(['constructor', '__proto__']);
  });

  test('with other rows that have no keys is an error: they would get the results of the first ones', () => {
    expect(() => callTwice([{ input: { text: 'a' } }], [{ input: { text: 'b' } }])).toThrow(
      'Row 1: input was another one when this batch was called before. Give the batch another name, or the rows keys.',
    );
  });

  test('goes on if the fields of an input come in another order', () => {
    const [earlier, rows] = [
      { a: 1, b: { c: [2], d: 'ü' } },
      { b: { d: 'ü', c: [2] }, a: 1 },
    ];
    expect(callTwice([{ input: earlier }], [{ input: rows }])).toStrictEqual([]);
  });

  test('goes on if a row with a key has another input, such as a link that was signed anew', () => {
    const row = (url: string) => [{ key: 'a', input: { url } }];
    expect(callTwice(row('https://x.example/1'), row('https://x.example/2'))).toStrictEqual([]);
  });

  test('for another model or target is an error', () => {
    const rows = [{ key: 'a', input: {} }];
    const words = 'called before for the model abcd1234, production. Give it another name.';
    expect(() => callTwice(rows, [{ ...rows[0], modelId: 'wxyz5678' }])).toThrow(words);
    expect(() => callTwice(rows, [{ ...rows[0], target: 'staging' }])).toThrow(words);
    expect(callTwice(rows, [{ ...rows[0], target: 'production' }])).toStrictEqual([]);
  });

  test('finds the rows of both calls', () => {
    const stored = [
      { id: 7, key: 'constructor', input: '{}' },
      { id: 8, key: '2', input: '{}' },
      { id: 9, key: '2', input: '{}' },
    ];
    const keys = ['constructor', 2];
    const portions = run('Portions', [], {
      'Check Rows': [{ keys }],
      'Rows Now': run('IDs by Key', stored),
    });
    expect(portions).toStrictEqual([
      {
        rows: [
          { key: 'constructor', id: 7 },
          { key: 2, id: 8 },
        ],
      },
    ]);
  });
});

/** The nodes that get what a node gives, output by output. */
const behind = (name: string) =>
  ((connections as Record<string, { main: Array<Array<{ node: string }>> }>)[name]?.main ?? []).map(
    (output) => output.map(({ node }) => node),
  );

/** The conditions of a Data Table node as text. */
const conditionsOf = (name: string) => {
  const { conditions } = parametersOf(name).filters as { conditions: IDataObject[] };
  return conditions.map(({ keyName, condition, keyValue }) =>
    [keyName, condition, keyValue].map(String).join(' '),
  );
};

describe('rows are claimed a hundred at a time, right before they are submitted', () => {
  // If all were claimed first and Baseten was slow, the last ones were overdue before their turn:
  // then two runs submitted them.
  test('the loop comes first, and what it could claim is submitted', () => {
    expect(behind('New Rows')).toStrictEqual([['A Hundred at Once']]);
    expect(behind('A Hundred at Once')).toStrictEqual([[], ['Claim']]);
    expect(behind('Claim')).toStrictEqual([['Submit']]);
    expect(parametersOf('A Hundred at Once').batchSize).toBe(100);
    expect(conditionsOf('Claim')).toStrictEqual([
      'status eq new',
      "id gte ={{ $('A Hundred at Once').first().json.id }}",
      "id lte ={{ $('A Hundred at Once').last().json.id }}",
    ]);
  });

  test('what is noted of a submission goes to the row that was submitted', () => {
    for (const name of ['Note Refusal', 'Note Trouble'])
      expect(conditionsOf(name)[0]).toBe("id eq ={{ $('Claim').item.json.id }}");
  });
});

test('looks begin at the row that nobody looked at for the longest time, so that all have their turn', () => {
  // With the lowest IDs first, some 2,500 slow rows kept all later ones from being looked at.
  expect(behind('Is It There?')).toStrictEqual([['Longest Ago']]);
  expect(behind('Longest Ago')).toStrictEqual([['Overdue Rows']]);
  expect(parametersOf('Longest Ago')).toMatchObject({
    limit: 1,
    orderByColumn: 'looked_at',
    orderByDirection: 'ASC',
  });
  expect(conditionsOf('Overdue Rows')).toStrictEqual([
    ...conditionsOf('Longest Ago'),
    'id gte ={{ $json.id }}',
  ]);
});

describe('a submission that fails', () => {
  /** Evaluates an expression of the example for an item. */
  const evaluate = (
    expression: unknown,
    json: IDataObject,
    others: Record<string, IDataObject>,
  ) => {
    const body = String(expression).replace(/^=\{\{(.*)\}\}$/s, 'return ($1);');
    const code = new Function('$json', '$', body) as (json: unknown, node: unknown) => unknown;
    return code(json, (node: string) => ({ item: { json: others[node] } }));
  };
  const isRefused = (details: IDataObject) => {
    const { conditions } = parametersOf('Was It Refused?').conditions as {
      conditions: IDataObject[];
    };
    return evaluate(conditions[0]?.leftValue, { details }, {});
  };
  const attemptsAfter = (details: IDataObject) => {
    const { attempts } = (parametersOf('Note Trouble').columns as { value: IDataObject }).value;
    return evaluate(attempts, { details }, { Claim: { attempts: 1 } });
  };
  const http = (status: number) => ({ kind: 'http', status });
  const lost = (code?: string) => ({ kind: 'connection', code });

  test.each([
    ['refused by the node, which sent nothing', { itemIndex: 0 }, true],
    ['refused by Baseten for what is in it', http(422), true],
    ['refused for the key', http(401), false],
    ['not answered in time', { kind: 'timeout' }, false],
    ['without a connection', lost('ECONNREFUSED'), false],
  ])('%s: its row fails at once: %#', (_, details, wanted) => {
    expect(isRefused(details)).toBe(wanted);
  });

  test.each([
    ['refused for the rate', http(429), 0],
    ['sent to nobody, as there is no network', lost('ENOTFOUND'), 0],
    ['not connected in time', lost('UND_ERR_CONNECT_TIMEOUT'), 0],
    ['broken off, so that Baseten may have it', lost('ECONNRESET'), 1],
    ['broken off without a code', lost(), 1],
    ['not answered in time', { kind: 'timeout' }, 1],
    ['answered 502', http(502), 1],
  ])('%s: it counts as an attempt only if Baseten may have it', (_, details, wanted) => {
    expect(attemptsAfter(details)).toBe(wanted);
  });
});

test('a time limit that n8n sets for all workflows does not end a batch that takes hours', () => {
  // n8n counts the time that an execution sleeps.
  expect(settings).toMatchObject({ executionTimeout: -1 });
});
