import { logSeldom } from '../../../../nodes/shared/webhook/seldom';

beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
});
afterEach(() => {
  jest.useRealTimers();
});

let nodes = 0;

function node() {
  const id = `seldom-${++nodes}`;
  const log: string[] = [];
  const context = {
    // As n8n's own: a method that needs its object.
    node: { id, name: 'Results' },
    getNode() {
      return this.node;
    },
    logger: { warn: (line: string) => log.push(line), error: (line: string) => log.push(line) },
  };
  return {
    log,
    say: (kind: string) => logSeldom(context as never, 'warn', kind, `${kind} happened`),
  };
}

test('of hundreds of lines a second one is written in ten seconds, and how many were not', () => {
  const { say, log } = node();
  for (let count = 0; count < 12_000; count++) {
    say('forgery');
    jest.setSystemTime(count * 2);
  }
  expect(log).toStrictEqual([
    'Results: forgery happened',
    'Results: forgery happened (and 5000 more like it since the last such line)',
    'Results: forgery happened (and 4999 more like it since the last such line)',
  ]);
});

test('lines of another kind, and of another node, are written at once', () => {
  const one = node();
  const other = node();
  one.say('forgery');
  one.say('failure');
  other.say('forgery');
  expect([one.log.length, other.log.length]).toStrictEqual([2, 1]);
});

test('a clock that was set back does not keep lines from being written', () => {
  const { say, log } = node();
  say('forgery');
  jest.setSystemTime(-3_600_000);
  say('forgery');
  expect(log).toHaveLength(2);
});
