import { of, type Mutation } from './mutation';

const PARENT = 'Baseten/waiting/parent.ts';
const RECEIVE = 'Baseten/waiting/receive.ts';
const HAND_OVER = 'Baseten/waiting/handOver.ts';
const ASLEEP = 'BasetenWait/asleep.ts';
const AWAKE = 'BasetenWait/awake.ts';
const LEARN = 'BasetenWait/learn.ts';
const WORK = 'BasetenWait/work.ts';
const RESUME = 'BasetenWait/resume.ts';
const STEPS = 'BasetenWait/steps.ts';
const WORDS = 'BasetenWait/words.ts';
const ANSWERS = 'shared/waiting/answers.ts';
const POST = 'shared/waiting/post.ts';

/** Ways to break what lets a workflow wait without losing a result. */
export const WAIT_MUTATIONS: Mutation[] = [
  ...of(
    PARENT,
    'how a parent stands',
    ['a parent that is being woken is woken again', "result: 'awaitWaking'", "result: 'wake'"],
    [
      'a waking that n8n did not record counts',
      'if (isRecorded) this.note',
      'if (isRecorded || true) this.note',
    ],
    ['it is remembered for ever', 'known.until > now', 'known.until > 0'],
    ['those who ask are not told', 'for (const tell of curious) tell(isRecorded);', ''],
    [
      'a keeper that ends the wait is not the last one heard',
      "ending: { probe: 'sayParked', last: 'end', deliver: 'wake', result: 'drop'",
      "ending: { probe: 'sayParked', last: 'end', deliver: 'wake', result: 'wake'",
    ],
  ),
  ...of(
    RECEIVE,
    'what a parent does',
    ['a failure under stop wakes it', '|| (await isUsable(call, result)))', '|| true)'],
    ['a result of several wakes it', 'record.single !== undefined &&', ''],
    ['a message of another wait is heard', '!record || !message', '!record && !message'],
    [
      'a result is answered before the keeper has it',
      "(fate) => fate !== 'given up'",
      '() => true',
    ],
    [
      'the keeper is closed before n8n has recorded the waking',
      'if (status < 300) void afterwards',
      'void afterwards',
    ],
    [
      'a keeper that was deleted is waited for',
      "if (fate !== 'gone') return;",
      "if (fate === 'gone') return;",
    ],
    [
      'the incoming items do not stay',
      'shape.beside ? readInputs(context) : []',
      'shape.beside ? [] : readInputs(context)',
    ],
    ['a waking that failed holds the parent up', 'if (!isUnderWay) recorded(false);', ''],
  ),
  ...of(
    HAND_OVER,
    'handing over',
    [
      'it is not asked whether the keeper has them',
      "handing.sent = step.do === 'keep' ? step.items : [];",
      "handing.sent = []; fate(step.items, 'kept');",
    ],
    ['what the keeper lost counts as kept', 'have.has(item)),', 'true || have.has(item)),'],
    [
      'an end of the keeper counts as its deletion',
      "said.it === 'ended' ? 'given up' : 'gone'",
      "'gone'",
    ],
    ['a result is never given up', 'now >= (handing.held.get(item)?.until ?? 0)', 'false'],
    ['two messages are under way at once', 'if (handing.isWorking) return;', ''],
    ['a message is larger than n8n takes', 'size > LARGEST_MESSAGE ||', ''],
    ['a message that was too large is sent again', '|| items.length >= most', ''],
    [
      'a result that is too large keeps the others out',
      "if (said.it === 'refused') toTheEnd(handing, step.items);",
      '',
    ],
  ),
  ...of(
    POST,
    'messages between parent and keeper',
    ['a slash at the end leads elsewhere', ".filter((step) => step !== '')", ''],
    [
      'a message that can’t be written is an exception',
      'return sealMessage(...message); } catch { return undefined; }',
      'return sealMessage(...message); } finally {}',
    ],
    ['a message that is too large is sent again', 'body.length > LARGE', 'false'],
    ['n8n’s own TLS is spoken to without', '|| encrypted === true', ''],
  ),
  ...of(
    ASLEEP,
    'what a sleeping keeper hears',
    ['an old "go" wakes it', "message.turn === turn ? 'wake' : 'tell'", "'wake'"],
    [
      'a result that it has wakes it',
      '.every((item) => have.includes',
      '.some((item) => !have.includes',
    ],
    [
      'it is closed while it watches',
      "watching: { go: 'wake', keep: 'wake', have: 'tell', close: 'end' }",
      "watching: { go: 'wake', keep: 'wake', have: 'tell', close: 'tell' }",
    ],
    ['what it found by itself counts as a result', "settled && 'outcome' in settled", 'settled'],
  ),
  ...of(
    AWAKE,
    'what a keeper does',
    [
      'it submits before the parent is parked',
      "applies: ({ phase }) => phase === 'ready'",
      'applies: () => false',
    ],
    [
      'it submits again for a parent that has gone on',
      "applies: ({ awake }) => awake.parent === 'gone'",
      'applies: () => false',
    ],
    [
      'it ends the wait without asking the parent',
      'if (!keeper.awake.isLast) return',
      'if (false) return',
    ],
    [
      'what is queued is not canceled',
      'if (!keeper.awake.hasCanceled) return',
      'if (false) return',
    ],
    [
      'what it saw counts before the parent was asked',
      'applies: ({ awake }) => awake.sights !== undefined',
      'applies: () => false',
    ],
    ['it looks at too many', '.slice(0, MOST_LOOKS)', ''],
    [
      'deadlines that are near are left to n8n',
      'alarm: until - now <= ALARM_WITHIN',
      'alarm: false',
    ],
  ),
  ...of(
    LEARN,
    'what a keeper learns',
    [
      'a failure that it found hides a result',
      '(!item.settled || item.settled.failed)',
      '!item.settled',
    ],
    ['what the parent holds is lost', '|| holding.includes(index)', ''],
    ['one 404 is enough', 'item.notFound < GONE_AFTER', 'false'],
    ['it is submitted again and again', 'item.submissions > 1', 'item.submissions > 9'],
    [
      'it is submitted again although time is up',
      '|| isLate)\n    return settle',
      ')\n    return settle',
    ],
    ['it is submitted again unasked', '!item.resubmits ||', ''],
    ['a parent that is awake at first has gone', 'wasParked || isSure', 'true'],
    ['a new look starts from the beginning', 'waitUntil = now + patience', 'waitUntil = now'],
    [
      'a parent that can’t be reached has never gone on',
      'if (!isParked && hasGoneOn(keeper, sights[0]))',
      'if (false)',
    ],
    ['what can’t be delivered is tried for ever', 'handsBack: true', 'handsBack: false'],
  ),
  ...of(
    WORK,
    'a turn of the keeper',
    ['what it knows is not kept', 'memory.keeper = keeper;', ''],
    ['what can be seen of it is not kept', 'memory[VIEW] = JSON.stringify(viewOf(keeper));', ''],
    ['it never gives up closing itself', 'memory.closings > MOST_CLOSINGS', 'false'],
    ['it does not close itself', "tellLater(turn, { kind: 'close' }, ASLEEP_AFTER);", ''],
    [
      'a done keeper does not sleep its last',
      "if (keeper.phase === 'done') return sleepLast(turn, memory);",
      '',
    ],
  ),
  ...of(
    RESUME,
    'how a keeper wakes',
    ['anybody can wake it', 'if (!message) return', 'if (false) return'],
    ['it ends with data', 'sleepsForTheFirstTime(name, view))\n', 'false)\n'],
    ['it ends where it has put out something', 'turn === (name === NAMES.sleep ? 0 : 1)', 'true'],
    ['it hears results in its last sleep', "{ ...known, phase: 'done' }", 'known'],
  ),
  ...of(STEPS, 'the keeper dies', [
    'items count as results under stop',
    'if (stops) return [];',
    '',
  ]),
  ...of(
    WORDS,
    'what a status says',
    [
      'a result that is being delivered is lost',
      'if (!isFinished(status)) return',
      'if (false) return',
    ],
    ['the page of a gateway counts as a 404', '&& !hint.includes(WEB_PAGE.hint)', ''],
    ['a server’s trouble hides a known reason', 'isPassing && before !== undefined', 'false'],
  ),
  ...of(
    ANSWERS,
    'what n8n says of an execution',
    ['a starting n8n says that it is gone', 'json?.code === 404', 'status === 404'],
    ['an execution that runs has ended', "? 'awake' : 'ended'", "? 'ended' : 'ended'"],
    [
      'a proxy speaks for the execution',
      "status === 200 && typeof json?.wait === 'string'",
      'status === 200 && json !== undefined',
    ],
  ),
];
