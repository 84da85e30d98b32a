import type { Answer } from '../../../nodes/shared/waiting/post';

/** Something that happens later: at the latest at `by`, unless its process was killed before. */
interface Action {
  /** The process it happens in, and which life of it; none for what happens outside of n8n. */
  process?: Process;
  life: number;
  from: number;
  by: number;
  run(): void;
  /** Happens in its place if the process was killed. */
  dropped?(): void;
}

/** A process of n8n. */
export interface Process {
  isAlive: boolean;
  /** How often it was started. What a former life had in memory is gone. */
  life: number;
  memory: Map<unknown, unknown>;
}

/** What happens to the next message between parent and keeper, or from Baseten. */
export type Trouble = 'request lost' | 'answer lost' | 'n8n starts';

/** Milliseconds between loading an execution and waking it from that copy. */
const STALE = 800;
/** Milliseconds for which a sender waits for an answer. */
const PATIENCE = 10_000;

/**
 * Time, processes and what is under way. Nothing happens by itself: a test says which action comes
 * next, and time forces those that are due.
 */
export class World {
  now = 1_700_000_000_000;
  readonly processes: Process[];
  private readonly start = this.now;
  private actions: Action[] = [];
  private troubles: Trouble[] = [];

  /** @param dice numbers from 0 up to 1, for what nobody decides */
  constructor(
    processes: number,
    readonly dice: () => number,
  ) {
    this.processes = Array.from({ length: processes }, () => ({
      isAlive: true,
      life: 1,
      memory: new Map<unknown, unknown>(),
    }));
  }

  /** Seconds since the beginning, for messages. */
  get seconds(): string {
    return ((this.now - this.start) / 1000).toFixed(2);
  }

  /** A process that takes requests. */
  anyProcess(): Process | undefined {
    const alive = this.processes.filter(({ isAlive }) => isAlive);
    return alive[Math.floor(this.dice() * alive.length)];
  }

  /** Lets something happen within some milliseconds. */
  soon(
    within: number,
    run: () => void,
    {
      process,
      dropped,
      after = 0,
    }: Partial<Pick<Action, 'process' | 'dropped'>> & { after?: number } = {},
  ): void {
    const from = this.now + after;
    this.actions.push({ process, life: process?.life ?? 0, from, by: from + within, run, dropped });
  }

  /** Lets one of the actions that can happen now happen. */
  step(which: number): void {
    const possible = this.actions.filter(({ from }) => from <= this.now);
    const action = possible[which % Math.max(possible.length, 1)];
    if (action) this.perform(action);
  }

  /** Lets time pass, and what is due happen. */
  pass(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (;;) {
      let due: Action | undefined;
      for (const each of this.actions)
        if (each.by <= end && each.by < (due?.by ?? Infinity)) due = each;
      if (!due) break;
      this.now = Math.max(this.now, due.by);
      this.perform(due);
    }
    this.now = end;
  }

  /** Lets something happen to the next message. */
  trouble(what: Trouble): void {
    this.troubles.push(what);
  }

  /** Whether a message is in trouble that this happens to next. */
  get hasTroubles(): boolean {
    return this.troubles.length > 0;
  }

  /** Forgets troubles that have not happened. */
  calm(): void {
    this.troubles = [];
  }

  /** Ends a process without warning. */
  kill(process: Process): void {
    process.isAlive = false;
    process.memory = new Map();
    const lost = this.actions.filter((each) => each.process === process);
    this.actions = this.actions.filter((each) => each.process !== process);
    for (const { dropped } of lost) dropped?.();
  }

  /** Starts a process that was killed. */
  restart(process: Process): void {
    process.isAlive = true;
    process.life++;
  }

  /**
   * Sends a message into n8n.
   * @param sender the process that sends it; none if it is Baseten
   * @param receive handles it in one of n8n's processes
   * @param hear is told the answer, once
   */
  send(
    sender: Process | undefined,
    receive: (process: Process, answer: (answer: Answer) => void) => void,
    hear: (answer: Answer) => void,
  ): void {
    let isOver = false;
    const life = sender?.life;
    const over = (answer: Answer) => {
      if (!isOver && sender?.life === life) hear(answer);
      isOver = true;
    };
    const back = (answer: Answer) => this.soon(100, () => over(answer), { process: sender });
    this.soon(0, () => over({ status: 'unanswered' }), { process: sender, after: PATIENCE });
    const trouble = this.troubles.shift();
    if (trouble === 'request lost') return back({ status: 'unreachable' });
    if (trouble === 'n8n starts') return back({ status: 200 });
    this.soon(STALE / 4, () => {
      const process = this.anyProcess();
      if (!process) return back({ status: 'unreachable' });
      receive(process, (answer) => {
        if (trouble !== 'answer lost') back(answer);
      });
    });
  }

  private perform(action: Action): void {
    this.actions.splice(this.actions.indexOf(action), 1);
    const { process } = action;
    if (!process || (process.isAlive && process.life === action.life)) action.run();
  }
}

/** Answers of n8n itself about an execution. */
export const N8N_SAYS = {
  missing: { status: 404, json: { code: 404, message: 'does not exist' } },
  running: { status: 409, json: { code: 409, message: 'The execution "1" is running already.' } },
  ended: { status: 409, json: { code: 409, message: 'The execution "1 has finished already.' } },
  raced: { status: 500, json: { code: 0, message: 'There was a problem executing the workflow' } },
} as const satisfies Record<string, Answer>;

/** Milliseconds that n8n takes to do one thing at most. */
export const STEP = STALE / 4;
