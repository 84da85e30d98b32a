import { strict as assert } from 'node:assert';

import { PARENT, Standings, untilTurnOf, type Heard } from '../../../nodes/Baseten/waiting/parent';
import {
  handled,
  hold,
  newHandingOver,
  nextStep,
  type HandedOver,
  type HandingOver,
} from '../../../nodes/Baseten/waiting/handOver';
import { hear, replyOf, UNSTARTED, viewOf } from '../../../nodes/BasetenWait/asleep';
import { nextCommand } from '../../../nodes/BasetenWait/awake';
import {
  newKeeper,
  type Keeper,
  type News,
  type Reason,
  type Settled,
} from '../../../nodes/BasetenWait/keeper';
import { learn } from '../../../nodes/BasetenWait/learn';
import { answerOf, holdingOf, parentOf } from '../../../nodes/BasetenWait/parent';
import { readAnswer } from '../../../nodes/shared/waiting/answers';
import type { ToKeeper, ToParent } from '../../../nodes/shared/waiting/messages';
import type { Answer } from '../../../nodes/shared/waiting/post';
import type { AsyncResult } from '../../../nodes/shared/webhook/verify';
import { FakeBaseten } from './baseten';
import { N8N_SAYS, STEP, type Process, type World } from './world';

/** How a wait is set up. */
export interface Setup {
  items: number;
  stops: boolean;
  resubmits: boolean;
  /** Seconds. */
  waitTimeout: number;
  /** Processes that take requests; with one, n8n's limit of executions at once may be on. */
  processes: 1 | 2;
  isLimited: boolean;
}

/** What the node gave in the end: an item each, or the error that it failed with. */
export type Ending =
  | { items: Array<{ payload: number } | { failure: Reason | 'inference' | 'submission' }> }
  | { error: Reason | 'inference' | 'submission' }
  /** Its keeper was killed while it was awake. */
  | { crashed: 'items' | 'nothing' };

type Status = 'running' | 'waiting' | 'ended';

/** An execution whose node waits, its keeper, and n8n around them. */
export class Executions {
  readonly baseten: FakeBaseten;
  parent: { status: Status; where: 'ours' | 'later' | 'canceled' | 'crashed' };
  keeper: {
    status: Status | 'deleted';
    memory?: Keeper;
    until: number;
    /** What n8n hands back: items, an error, or nothing if it was closed. */
    gives?: Ending;
  };
  ending?: Ending;
  /** What somebody did that can't be made good. */
  readonly excuses = new Set<string>();
  readonly log: string[] = [];

  constructor(
    readonly world: World,
    readonly setup: Setup,
  ) {
    this.baseten = new FakeBaseten(world, setup.items, (item, requestId, failed, hearAnswer) =>
      this.deliverResult(item, requestId, failed, hearAnswer),
    );
    this.parent = { status: 'running', where: 'ours' };
    this.keeper = { status: 'waiting', until: world.now + 5_000 };
    this.trackKeeper();
    this.sweep();
    const process = world.processes[0] as Process;
    const isParked = () => {
      if (this.parent.status === 'running') this.parent.status = 'waiting';
      this.note('the parent is parked');
    };
    const crash = () => this.crashParent();
    world.soon(2_000, isParked, { process, dropped: crash });
    this.tell(process, { kind: 'go', turn: 0 });
  }

  note(what: string): void {
    this.log.push(`${this.world.seconds} ${what}`);
  }

  /** Somebody stops the execution that waits. */
  stopParent(): void {
    if (this.parent.status === 'ended' || this.parent.where !== 'ours') return;
    this.note('the parent is stopped');
    this.parent = { status: 'ended', where: 'canceled' };
  }

  /** Somebody deletes the keeper. n8n deletes only what does not run. */
  deleteKeeper(): void {
    if (this.keeper.status !== 'waiting') return;
    this.note('the keeper is deleted');
    this.keeper.status = 'deleted';
    this.excuses.add('deleted');
  }

  private crashParent(): void {
    if (this.parent.status === 'running' && this.parent.where === 'ours')
      this.parent = { status: 'ended', where: 'crashed' };
  }

  // ---------------------------------------------------------------- n8n: waking from a copy

  /** n8n loads the parent, asks its node, and wakes it from the copy some time later. */
  private toParent(
    process: Process,
    decide: () => { say: Answer } | { wake: Ending; say: Answer } | 'later',
    answer: (answer: Answer) => void,
  ): void {
    const { status, where } = this.parent;
    if (status === 'running') return answer(N8N_SAYS.running);
    if (status === 'ended') return answer(N8N_SAYS.ended);
    if (where === 'later') return answer(N8N_SAYS.missing);
    this.world.soon(
      STEP,
      () => {
        const move = decide();
        if (move === 'later') return;
        if (!('wake' in move)) return answer(move.say);
        this.whenPlaceIsFree(process, () => this.wakeParent(process, move.wake, move.say, answer));
      },
      { process },
    );
  }

  /**
   * With a limit of executions at once it may take long until there is a place. Whoever asked first
   * gets it.
   */
  private whenPlaceIsFree(process: Process, wake: () => void): void {
    const line = (process.memory.get('line') ?? []) as Array<() => void>;
    process.memory.set('line', line);
    line.push(wake);
    const within = this.setup.isLimited ? 30_000 : STEP;
    this.world.soon(within, () => line.shift()?.(), { process });
  }

  private wakeParent(
    process: Process,
    ending: Ending,
    say: Answer,
    answer: (answer: Answer) => void,
  ): void {
    const isRecorded = this.resumeParent(ending, 'its webhook');
    this.standings(process).recorded('wait', isRecorded, this.world.now);
    answer(isRecorded ? say : N8N_SAYS.raced);
    if (isRecorded)
      this.world.soon(STEP, () => this.tell(process, { kind: 'close' }), { process, after: 100 });
  }

  /** Wakes the parent if it waits, wherever that is. */
  private resumeParent(ending: Ending, by: string): boolean {
    if (this.parent.status !== 'waiting') return false;
    // Two processes that were given the same result wake it in the same turn.
    if (this.parent.where === 'later' && this.excuses.has('deleted')) return false;
    // While n8n waits for a place to hand back what a killed keeper left, a result may come.
    if (this.parent.where === 'later' && this.setup.isLimited && this.excuses.has('crashed'))
      return false;
    assert.equal(this.parent.where, 'ours', `${by} woke a later Wait node`);
    assert.equal(this.ending, undefined, `${by} woke the parent a second time`);
    this.note(`${by} wakes the parent: ${JSON.stringify(ending)}`);
    this.ending = ending;
    this.parent = { status: 'running', where: 'later' };
    // The node of somebody else that waits for something else.
    this.world.soon(300, () => (this.parent.status = 'waiting'));
    return true;
  }

  // ---------------------------------------------------------------- the parent's webhook

  private standings(process: Process): Standings {
    const known = process.memory.get('standings') as Standings | undefined;
    const standings = known ?? new Standings();
    process.memory.set('standings', standings);
    return standings;
  }

  private deliverResult(
    item: number,
    requestId: string,
    failed: boolean,
    hearAnswer: (answer: Answer) => void,
  ): void {
    const { items, stops } = this.setup;
    const heard: Heard = items === 1 && (!failed || !stops) ? 'result' : 'part';
    this.world.send(
      undefined,
      (process, answer) =>
        this.toParent(
          process,
          () => {
            const move = PARENT[this.standings(process).of('wait', this.world.now)][heard];
            const ok: Answer = { status: 200, json: { received: true } };
            this.note(`result of ${requestId}: ${move}`);
            if (move === 'wake') {
              this.standings(process).wake('wait', this.world.now);
              const one = failed ? { failure: 'inference' as const } : { payload: item };
              return { wake: { items: [one] }, say: ok };
            }
            if (move === 'handOver') {
              this.handOver(process, item, requestId, failed, (fate) => {
                this.note(`${requestId} ${fate}`);
                answer(fate === 'given up' ? { status: 503 } : ok);
                const goOn = () => this.goOnAlone(process);
                if (fate === 'gone')
                  this.world.soon(0, goOn, {
                    process,
                    after: untilTurnOf(item, this.setup.items, this.world.now),
                  });
              });
              this.answerInTime(process, answer);
              return 'later';
            }
            if (move === 'awaitWaking') {
              this.standings(process).onRecorded('wait', (isRecorded) =>
                answer(isRecorded ? ok : { status: 503 }),
              );
              this.answerInTime(process, answer);
              return 'later';
            }
            return { say: ok };
          },
          answer,
        ),
      hearAnswer,
    );
  }

  private answerInTime(process: Process, answer: (answer: Answer) => void): void {
    this.world.soon(0, () => answer({ status: 503 }), { process, after: 8_000 });
  }

  /** The keeper was deleted: the parent goes on without it. */
  private goOnAlone(process: Process): void {
    const { items, stops } = this.setup;
    const lost = { failure: { why: 'lost', status: '', webhook: '' } as Reason };
    const ending: Ending = { items: stops ? [] : Array.from({ length: items }, () => lost) };
    this.world.send(
      process,
      (other, answer) => this.hearDelivery(other, ending, answer),
      () => undefined,
    );
  }

  private hearDelivery(process: Process, ending: Ending, answer: (answer: Answer) => void): void {
    this.toParent(
      process,
      () => {
        const move = PARENT[this.standings(process).of('wait', this.world.now)].deliver;
        if (move !== 'wake') return { say: this.spoken(process, move) };
        this.standings(process).wake('wait', this.world.now);
        return { wake: ending, say: { status: 200, json: { wait: 'taken' } } };
      },
      answer,
    );
  }

  private hearProbe(process: Process, last: boolean, answer: (answer: Answer) => void): void {
    this.toParent(
      process,
      () => {
        const standings = this.standings(process);
        const move = PARENT[standings.of('wait', this.world.now)][last ? 'last' : 'probe'];
        if (move === 'end') standings.end('wait', this.world.now);
        return { say: this.spoken(process, move) };
      },
      answer,
    );
  }

  private spoken(process: Process, move: string): Answer {
    const words: Record<string, string> = {
      sayWaking: 'waking',
      sayTaken: 'taken',
      sayGone: 'gone',
    };
    const holding = [...(this.handing(process)?.held.keys() ?? [])];
    return { status: 200, json: { wait: words[move] ?? 'parked', holding } };
  }

  // ---------------------------------------------------------------- handing over

  private handing(process: Process): (HandingOver & { isWorking?: boolean }) | undefined {
    return process.memory.get('handing') as HandingOver | undefined;
  }

  private handOver(
    process: Process,
    item: number,
    requestId: string,
    failed: boolean,
    tell: (fate: HandedOver) => void,
  ): void {
    const handing = this.handing(process) ?? newHandingOver();
    process.memory.set('handing', handing);
    const listeners =
      (process.memory.get('listeners') as Map<number, Array<typeof tell>>) ?? new Map();
    process.memory.set('listeners', listeners);
    listeners.set(item, [...(listeners.get(item) ?? []), tell]);
    const result = { request_id: requestId, errors: failed ? [{}] : [] } as AsyncResult;
    hold(handing, item, { result, bytes: 3_000_000 }, this.world.now);
    this.workOn(process);
  }

  private workOn(process: Process): void {
    const handing = this.handing(process);
    if (!handing || handing.isWorking) return;
    const step = nextStep(handing, this.world.now);
    if (!step) return;
    handing.isWorking = true;
    const goOn = () => {
      handing.isWorking = false;
      this.workOn(process);
    };
    if (step.do === 'wait')
      return this.world.soon(0, goOn, { process, after: step.until - this.world.now });
    const results = Object.fromEntries(
      step.items.flatMap((item) => {
        const held = handing.held.get(item);
        return held ? [[item, held.result]] : [];
      }),
    );
    const message: ToKeeper = step.do === 'have' ? { kind: 'have' } : { kind: 'keep', results };
    this.toKeeper(process, message, (answer) => {
      const listeners = process.memory.get('listeners') as Map<
        number,
        Array<(fate: HandedOver) => void>
      >;
      for (const [item, fate] of handled(handing, step, readAnswer(answer), this.world.now)) {
        for (const tell of listeners.get(item) ?? []) tell(fate);
        listeners.delete(item);
      }
      goOn();
    });
  }

  // ---------------------------------------------------------------- the keeper asleep

  /** Sends a message to the keeper, again if it is awake. */
  private tell(process: Process, message: ToKeeper, tries = 6): void {
    this.toKeeper(process, message, (answer) => {
      const { it } = readAnswer(answer);
      if (tries > 0 && (it === 'awake' || it === 'unclear'))
        this.world.soon(STEP, () => this.tell(process, message, tries - 1), {
          process,
          after: 200,
        });
    });
  }

  private toKeeper(sender: Process, message: ToKeeper, hearAnswer: (answer: Answer) => void): void {
    this.world.send(
      sender,
      (process, answer) => {
        const { status, memory } = this.keeper;
        if (status === 'deleted') return answer(N8N_SAYS.missing);
        if (status === 'running') return answer(N8N_SAYS.running);
        if (status === 'ended') return answer(N8N_SAYS.ended);
        this.world.soon(
          STEP,
          () => {
            const view = memory ? viewOf(memory) : UNSTARTED;
            const move = hear(view, message);
            const say: Answer = { status: 200, json: { ...replyOf(view) } };
            if (move === 'tell') return answer(say);
            const results = message.kind === 'keep' ? message.results : {};
            this.world.soon(
              STEP,
              () => answer(this.wakeKeeper(process, memory, move, results) ? say : N8N_SAYS.raced),
              { process },
            );
          },
          { process },
        );
      },
      hearAnswer,
    );
  }

  /** Wakes the keeper from a copy, if it waits. */
  private wakeKeeper(
    process: Process,
    memory: Keeper | undefined,
    move: 'wake' | 'end',
    results: Record<string, AsyncResult>,
  ): boolean {
    if (this.keeper.status !== 'waiting') return false;
    if (move === 'end') {
      this.note('the keeper is closed');
      this.keeper.status = 'ended';
      return true;
    }
    this.keeper.status = 'running';
    const settled = Object.fromEntries(
      Object.entries(results).map(([item, result]): [string, Settled] => {
        const failed = result.errors.length > 0;
        return [item, { outcome: failed ? 'inference' : item, failed }];
      }),
    );
    this.note(`the keeper wakes with ${JSON.stringify(results)}`);
    this.run(
      process,
      learn(memory ?? this.begin(), { of: 'waking', results: settled }, this.world.now),
    );
    return true;
  }

  private begin(): Keeper {
    const { items, stops, resubmits, waitTimeout } = this.setup;
    const item = { patience: waitTimeout * 1000, resubmits };
    return newKeeper(
      stops,
      Array.from({ length: items }, () => item),
      this.world.now,
    );
  }

  /** n8n wakes the keeper when its time has come, a minute later at most. */
  private trackKeeper(): void {
    const { until } = this.keeper;
    this.world.soon(
      60_000,
      () => {
        const process = this.world.processes[0] as Process;
        if (!process.isAlive) return this.world.soon(60_000, () => this.trackKeeper());
        const { status, memory } = this.keeper;
        if (status !== 'waiting' || this.keeper.until > this.world.now) return;
        this.world.soon(STEP, () => this.wakeKeeper(process, memory, 'wake', {}), {
          process,
          dropped: () => this.trackKeeper(),
        });
      },
      { after: Math.max(until - this.world.now, 0) },
    );
  }

  // ---------------------------------------------------------------- the keeper awake

  private run(process: Process, keeper: Keeper): void {
    const dropped = () => this.crashKeeper();
    const act = (within: number, run: () => void) =>
      this.world.soon(within, run, { process, dropped });
    const goOn = (news: News) => this.run(process, learn(keeper, news, this.world.now));
    const command = nextCommand(keeper, this.world.now);
    if (command.do !== 'park') this.note(`keeper: ${JSON.stringify(command)}`);
    switch (command.do) {
      case 'park':
        return act(STEP, () => this.parkKeeper(process, keeper, command));
      case 'fail': {
        const settled = keeper.items[command.item]?.settled as Settled;
        return act(STEP, () => this.endKeeper(process, { error: reasonOf(settled) }));
      }
      case 'handBack':
        return act(STEP, () => this.endKeeper(process, endingOf(keeper)));
      case 'probe':
        return this.probe(process, command, command.patient ? this.world.now + 5_000 : 0, goOn);
      case 'deliver':
        return this.ask(process, { kind: 'deliver', outcomes: [] }, endingOf(keeper), (answer) =>
          goOn({ of: 'deliver', answer: answerOf(readAnswer(answer)) }),
        );
      case 'submit':
        return act(500, () =>
          goOn(this.baseten.submit(command.items, this.parent.where, this.setup)),
        );
      case 'look':
        return act(500, () => goOn(this.baseten.look(command.items, keeper)));
      case 'cancel':
        return act(500, () => {
          this.baseten.cancel(command.items, keeper);
          goOn({ of: 'cancel' });
        });
    }
  }

  private probe(
    process: Process,
    { last }: { last: boolean },
    until: number,
    goOn: (news: News) => void,
  ): void {
    this.ask(process, { kind: 'probe', last }, undefined, (answer) => {
      const said = readAnswer(answer);
      const parent = parentOf(said);
      if (this.world.now < until && ['awake', 'unclear', 'unreachable'].includes(parent))
        return this.world.soon(STEP, () => this.probe(process, { last }, until, goOn), {
          process,
          after: 200,
          dropped: () => this.crashKeeper(),
        });
      goOn({ of: 'probe', parent, holding: holdingOf(said), last });
    });
  }

  private ask(
    process: Process,
    message: ToParent,
    ending: Ending | undefined,
    hearAnswer: (answer: Answer) => void,
  ): void {
    // If its process is killed before the answer, the keeper crashes.
    let isOpen = true;
    this.world.soon(0, () => undefined, {
      process,
      after: 11_000,
      dropped: () => isOpen && this.crashKeeper(),
    });
    this.world.send(
      process,
      (other, answer) =>
        message.kind === 'probe'
          ? this.hearProbe(other, message.last, answer)
          : this.hearDelivery(other, ending as Ending, answer),
      (answer) => {
        isOpen = false;
        hearAnswer(answer);
      },
    );
  }

  private parkKeeper(
    process: Process,
    memory: Keeper,
    { until, alarm }: { until: number; alarm: boolean },
  ): void {
    if (this.keeper.status !== 'running') return;
    this.keeper = { status: 'waiting', memory, until };
    this.trackKeeper();
    if (!alarm) return;
    const isDone = memory.phase === 'done';
    const message: ToKeeper = isDone ? { kind: 'close' } : { kind: 'go', turn: memory.turn };
    const after = isDone ? 250 : Math.max(until - this.world.now, 250);
    this.world.soon(STEP, () => this.tell(process, message), { process, after });
  }

  private endKeeper(process: Process, gives: Ending): void {
    if (this.keeper.status !== 'running') return;
    this.note(`the keeper ends with ${JSON.stringify(gives)}`);
    this.keeper = { ...this.keeper, status: 'ended', gives };
    this.handBack(process);
  }

  private crashKeeper(): void {
    if (this.keeper.status !== 'running') return;
    this.note('the keeper crashes');
    this.excuses.add('crashed');
    const crashed = this.setup.stops ? 'nothing' : 'items';
    this.keeper = { ...this.keeper, status: 'ended', gives: { crashed } };
  }

  // ---------------------------------------------------------------- n8n hands back

  /** n8n puts what a sub-execution gave into its parent if that waits, and wakes it. */
  private handBack(process: Process): void {
    const { gives } = this.keeper;
    if (!gives || this.parent.status !== 'waiting') return;
    // Under a limit n8n may hand back twice; that is none of the nodes' doing.
    if (process.memory.has('handsBack')) return;
    process.memory.set('handsBack', true);
    this.whenPlaceIsFree(process, () => void this.resumeParent(gives, 'n8n'));
  }

  /** Once a minute n8n looks for parents whose sub-execution has ended. */
  private sweep(): void {
    this.world.soon(
      0,
      () => {
        const process = this.world.processes[0] as Process;
        const isParked = this.parent.status === 'waiting' && this.parent.where === 'ours';
        if (process.isAlive && isParked && this.keeper.status === 'ended') this.handBack(process);
        if (this.parent.where === 'ours') this.sweep();
      },
      { after: 60_000 },
    );
  }
}

function reasonOf(settled: Settled): Reason | 'inference' | 'submission' {
  return 'reason' in settled ? settled.reason : (settled.outcome as 'inference' | 'submission');
}

function endingOf({ items }: Keeper): Ending {
  return {
    items: items.map(({ settled }) =>
      settled && !settled.failed && 'outcome' in settled
        ? { payload: Number(settled.outcome) }
        : { failure: reasonOf(settled as Settled) },
    ),
  };
}
