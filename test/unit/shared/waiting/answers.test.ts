import { readAnswer, type Said } from '../../../../nodes/shared/waiting/answers';
import type { Answer } from '../../../../nodes/shared/waiting/post';

const running = 'The execution "17" is running already.';
const finished = 'The execution "17" has finished with error.';

test.each<[string, Answer, Said['it']]>([
  ['one of ours', { status: 200, json: { wait: 'parked' } }, 'says'],
  ['n8n about one that runs', { status: 409, json: { code: 409, message: running } }, 'awake'],
  ['n8n about one that ended', { status: 409, json: { code: 409, message: finished } }, 'ended'],
  ['n8n about one that is gone', { status: 404, json: { code: 404, message: '' } }, 'missing'],
  ['n8n about a message that is too large', { status: 413 }, 'refused'],
  ['n8n about two wakings at once', { status: 500, json: { code: 0 } }, 'unclear'],
  ['an n8n that starts', { status: 200 }, 'unclear'],
  ['an n8n that has just started', { status: 404 }, 'unclear'],
  ['a proxy', { status: 502 }, 'unclear'],
  [
    'somebody else’s webhook',
    { status: 200, json: { message: 'Workflow was started' } },
    'unclear',
  ],
  ['nobody, in time', { status: 'unanswered' }, 'unclear'],
  ['nobody', { status: 'unreachable' }, 'unreachable'],
])('an answer of %s', (_, answer, it) => {
  expect(readAnswer(answer).it).toBe(it);
});
