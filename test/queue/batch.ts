import { setTimeout as pause } from 'node:timers/promises';
import { json, MODEL_IDS } from '../../emulator';
import { batchCaller, callBatch, type Hurry, hurriedBatch, textOf } from '../support/durableBatch';
import { eventually } from '../support/eventually';
import type { QueueWithEmulator } from './queueWithEmulator';

/** Rows of one call of the batch. */
export const ROWS = 250;
const POLL_MS = 100;
/** The path of the workflow that calls the batch. */
const PATH = 'call-the-batch';

/** How rows of a batch ended. */
export interface Tally {
  /** Rows of the batch. */
  sent: number;
  /** Rows that ended exactly once, with what the model says to their own text. */
  once: number;
  lost: number;
  twice: number;
  /**
   * Submissions beyond the first one of a row: of results that were lost, or were believed to be
   * lost.
   */
  again: number;
  /** From the first request at the model until now. */
  seconds: number;
}

/** How the model works. */
export interface ModelManners {
  /** How many requests it works on at once. */
  sideBySide: number;
  /** How long a request takes; 200 ms by default. */
  ms?: (row: number) => number;
  /** For which rows it fails; for none by default. */
  fails?: (row: number) => boolean;
}

/**
 * The example `durable-batch.json` with schedules that run every few seconds, and a workflow that
 * calls it. The database itself watches the data table: it notes in the same transaction when a row
 * ends.
 */
export class Batch {
  /** The ID of the workflow that calls the batch. */
  caller = '';
  private table = '';
  private names: string[] = [];
  private expected = 0;
  private called = 0;
  private firstCall = 0;
  private calls: number[] = [];
  private fails: (row: number) => boolean = () => false;

  constructor(
    private readonly setup: QueueWithEmulator,
    private readonly hurry: Hurry,
  ) {}

  /** Imports and publishes both workflows, and lets the database watch the table. */
  async open(): Promise<void> {
    const { setup } = this;
    const { api } = setup.queue.main;
    const batch = await setup.add(hurriedBatch(this.hurry));
    await api.publish(batch);
    this.caller = await setup.add(batchCaller(batch, MODEL_IDS.sentiment, PATH));
    await api.publish(this.caller);
    const { sql } = setup.queue;
    const id = await eventually('the table, which the first schedule makes', async () => {
      const { rows } = await sql.query(`SELECT id FROM data_table WHERE name = 'Baseten batches'`);
      return rows[0]?.id as string | undefined;
    });
    this.table = `"data_table_user_${id}"`;
    await sql.query(`
      CREATE TABLE ended (row_id int, request_id text);
      CREATE FUNCTION note_end() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN INSERT INTO ended VALUES (NEW.id, NEW.request_id); RETURN NULL; END';
      CREATE TRIGGER note_end AFTER UPDATE ON ${this.table} FOR EACH ROW
        WHEN (OLD.status IS DISTINCT FROM NEW.status AND NEW.status IN ('succeeded', 'failed'))
        EXECUTE FUNCTION note_end()`);
  }

  /** Calls the batch of this name. Doesn't wait for its results. */
  async call(name: string, rows: number): Promise<void> {
    if (!this.names.includes(name)) {
      this.names.push(name);
      this.expected += rows;
    }
    await callBatch(this.setup.queue.proxy.url, PATH, { batch: name, rows });
  }

  /** Calls so many new batches of `ROWS` rows. */
  async fill(times: number): Promise<void> {
    for (let time = 0; time < times; time++) await this.call(`batch-${++this.called}`, ROWS);
  }

  /** Lets the model respond. */
  respond({ sideBySide, ms = () => 200, fails = () => false }: ModelManners): void {
    this.fails = fails;
    this.setup.emulator.addModel({
      kind: 'model',
      id: MODEL_IDS.sentiment,
      name: 'Sentiment',
      asyncConcurrency: sideBySide,
      handler: async (call) => {
        this.calls.push(Date.now());
        const { text } = call.json() as { text: string };
        const row = Number(text.split(' ').at(-1));
        await call.clock.sleep(ms(row));
        return fails(row)
          ? json({ error: 'There is no label for this' }, 400)
          : json({ label: `label of ${text}` });
      },
    });
  }

  /** Begins anew: `tally` counts only what is called from here on. */
  begin(): void {
    this.names = [];
    this.expected = 0;
    this.firstCall = this.calls.length;
  }

  /** Which part of the rows has ended, from 0 to 1. */
  async ended(): Promise<number> {
    const { rows } = await this.setup.queue.sql.query(
      `SELECT count(*)::int AS ended FROM ${this.table}
       WHERE batch = ANY($1) AND status IN ('succeeded', 'failed')`,
      [this.names],
    );
    return rows[0].ended / this.expected;
  }

  /** Waits until this part of the rows has ended. @throws {Error} after `withinMs` */
  async reaches(part: number, withinMs: number): Promise<void> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const ended = await this.ended();
      if (ended >= part) return;
      if (Date.now() > deadline) {
        throw new Error(
          `${Math.floor(ended * 100)} % of ${this.expected} rows had ended after ` +
            `${withinMs / 1000} s. The others: ${await this.unfinished()}.`,
        );
      }
      await pause(POLL_MS);
    }
  }

  /** How the batch has ended. */
  async tally(): Promise<Tally> {
    const { rows } = await this.setup.queue.sql.query<{
      batch: string;
      key: string;
      status: string;
      output: string;
      ends: number;
    }>(
      `SELECT r.batch, r.key, r.status, r.output, count(e.row_id)::int AS ends
       FROM ${this.table} r LEFT JOIN ended e ON e.row_id = r.id
       WHERE r.batch = ANY($1) GROUP BY r.id`,
      [this.names],
    );
    const isRight = ({ batch, key, status, output }: (typeof rows)[number]) => {
      const row = Number(key.split(' ').at(-1));
      if (this.fails(row)) return status === 'failed';
      return (
        status === 'succeeded' && JSON.parse(output).label === `label of ${textOf(batch, row)}`
      );
    };
    const calls = this.calls.slice(this.firstCall);
    return {
      sent: rows.length,
      once: rows.filter((row) => row.ends === 1 && isRight(row)).length,
      lost: this.expected - rows.length + rows.filter(({ ends }) => ends === 0).length,
      twice: rows.filter(({ ends }) => ends > 1).length,
      again: calls.length - rows.length,
      seconds: (Date.now() - (calls[0] ?? Date.now())) / 1000,
    };
  }

  /** For a message: how far the rows are that have not ended. */
  private async unfinished(): Promise<string> {
    const { rows } = await this.setup.queue.sql.query(
      `SELECT request_id,
         status || CASE WHEN request_id = '' THEN ', no request noted' ELSE '' END AS state
       FROM ${this.table} WHERE batch = ANY($1) AND status NOT IN ('succeeded', 'failed')`,
      [this.names],
    );
    const { deliveries } = this.setup.emulator;
    const states = new Map<string, number>();
    for (const { request_id, state } of rows) {
      const attempts = deliveries
        .filter(({ requestId }) => requestId === request_id)
        .map(({ status }) => status ?? 'no response');
      const text = `${state}, delivered: ${attempts.join(' and ') || 'not'}`;
      states.set(text, (states.get(text) ?? 0) + 1);
    }
    return [...states].map(([state, count]) => `${count} ${state}`).join('; ');
  }
}
